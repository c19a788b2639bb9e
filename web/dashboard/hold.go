package dashboard

import (
	"context"
	"net/http"

	"paylink"
	"paylink/store"
)

// Pause stops payments for now: POST /dashboard/{mode}/links/{id}/pause.
func (d *Dashboard) Pause(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "pause", "paused", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		_, err := d.Issuer.Pause(ctx, s.actor(), id, claim)
		return err
	})
}

// Resume ends a pause: POST /dashboard/{mode}/links/{id}/resume.
func (d *Dashboard) Resume(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "resume", "resumed", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		_, err := d.Issuer.Resume(ctx, s.actor(), id, claim)
		return err
	})
}

// Archive takes a link out of the lists: POST /dashboard/{mode}/links/{id}/archive.
func (d *Dashboard) Archive(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "archive", "archived_now", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		_, err := d.Issuer.Archive(ctx, s.actor(), id, claim)
		return err
	})
}
