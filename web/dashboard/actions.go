package dashboard

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/store"
)

// remark is a sentence that the next page shows once, named in its address.
type remark struct{ Text, Tone string }

// remarks are what can be said after a form. Codes of refusals are those of issue.
var remarks = map[string]*remark{
	"created":      {"The link is ready.", "good"},
	"sent":         {"On its way again. The channels below show how far it has come.", "good"},
	"cancelled":    {"The link is cancelled. Nobody can start a payment any more.", "good"},
	"refreshed":    {"The link takes payments again, on the same address.", "good"},
	"extended":     {"The link is valid for longer now.", "good"},
	"reactivated":  {"The cancellation is taken back.", "good"},
	"amended":      {"The link is changed, on the same address. Whoever has its page open sees the change before paying.", "good"},
	"paused":       {"The link takes no payments until you resume it.", "good"},
	"resumed":      {"The link takes payments again.", "good"},
	"archived_now": {"The link is archived. It is no longer in the list.", "good"},
	"recorded":     {"The payment is recorded.", "good"},

	"planned":           {"The instalments are set, on the same address.", "good"},
	"promised":          {"The promise is noted. No reminder goes out until that day is over.", "good"},
	"promise_withdrawn": {"The promise is taken back. Reminders go on.", "good"},
	"refresh_declined":  {"Declined. The page says so to the customer.", "good"},
	"proof_reset":       {"Whoever was locked out can try again.", "good"},

	"job_retried":   {"The job is under way again.", "good"},
	"job_replaced":  {"Another job does the same work already, so this one was dropped.", "note"},
	"job_discarded": {"The job is discarded.", "good"},
	"job_gone":      {"That job does not wait for anybody any more. Nothing was done.", "note"},

	"bulk_repeated":         {"This file was uploaded before. Here is what became of it.", "note"},
	"bulk_columns":          {"The rows are being checked.", "good"},
	"bulk_started":          {"Started.", "good"},
	"bulk_undone":           {"Taken back. Nothing of it was made or sent, and the file may be uploaded again.", "good"},
	"bulk_retried":          {"The rows that may be made by now are checked once more, and made. Here is what becomes of them.", "good"},
	"bulk_retried_before":   {"These rows were tried once more already. Here is what became of them.", "note"},
	"bulk_nothing_to_retry": {"No row failed for a reason that may be over. Mend errors.csv and upload it.", "note"},
	"bulk_bad_time":         {"That is no time. Choose when it is to begin.", "bad"},
	"bulk_too_far":          {"It can begin at most 60 days from now.", "bad"},
	"bulk_paused":           {"Paused. No further link is made until you resume it.", "good"},
	"bulk_resumed":          {"It goes on.", "good"},
	"bulk_cancelled":        {"The rest is cancelled. Links that were made stay.", "good"},
	"bulk_moved_on":         {"The file has moved on meanwhile, so nothing was done. Here is how it stands now.", "note"},
	"bulk_approval":         {"Saved.", "good"},
	"bulk_no_amount_column": {"Choose the column that has the amount.", "bad"},
	"bulk_duplicate_value":  {"Two columns cannot mean the same. Leave one of them out.", "bad"},
	"bulk_conflicting":      {"Choose one column for the amount, either in the smallest unit or as people write it.", "bad"},
	"bulk_unknown_value":    {"A column cannot mean that.", "bad"},
	"same_person":           {"You uploaded this file, so somebody else has to start it.", "bad"},

	"no_channel":        {"Choose at least one channel to send on.", "bad"},
	"invalid":           {"That could not be done with these values. Nothing was changed.", "bad"},
	"conflict":          {"The link has changed in the meantime, so nothing was done. Here is how it stands now.", "note"},
	"nothing_to_prove":  {"The link opens for whoever has it, so nobody is locked out.", "note"},
	"not_cancellable":   {"The link is paid or cancelled already, so it was not cancelled.", "note"},
	"not_refreshable":   {"The link has not expired, so there is nothing to refresh.", "note"},
	"not_extendable":    {"The link is closed or never expires, so it was not extended.", "note"},
	"not_reactivatable": {"The link is not cancelled, so there is nothing to take back.", "note"},
	"not_amendable":     {"The link is closed, so it was not changed.", "note"},
	"wrong_revision":    {"Somebody else changed the link in the meantime, so nothing was done. Here is how it stands now.", "note"},
	"payment_in_flight": {"A payment is under way. Wait for its outcome, and then try again.", "note"},
	"not_pausable":      {"The link takes no payments anyway, so it was not paused.", "note"},
	"not_paused":        {"The link is not paused.", "note"},
	"not_plannable":     {"As the link stands, it cannot be paid by instalments.", "note"},
	"not_promisable":    {"As the link stands, there is nothing to promise.", "note"},
	"no_promise":        {"The link has no open promise any more.", "note"},
	"not_requested":     {"Nobody is asking for more time any more.", "note"},
	"on_hold":           {"The link is on hold already.", "note"},
	"archived":          {"The link is archived, so nothing was changed.", "note"},
	"not_archivable":    {"The link can still be paid. Cancel it first.", "note"},
	"nothing_due":       {"Nothing is due any more, so nothing was recorded.", "note"},
	"not_sendable":      {"The link takes no payment as it stands, so it was not sent.", "note"},
	"reminded_recently": {"The customer was reminded less than an hour ago, so nothing was sent.", "note"},
	"reference_in_use":  {"Another link uses the same reference by now, so this one cannot be opened again.", "note"},
	"tampered":          {"The link’s terms are not those that were signed, so it was not opened again.", "bad"},
	keyReused:           {"This form was sent before with other values. Nothing was done a second time.", "note"},
}

const keyReused = "idempotency_key_reused"

// Send sends the link again: POST /dashboard/{mode}/links/{id}/send.
func (d *Dashboard) Send(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "send", "sent", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		var channels []paylink.Channel
		for _, name := range r.PostForm["channel"] {
			channels = append(channels, paylink.Channel(name))
		}
		if len(channels) == 0 {
			return errNoChannel
		}
		send := d.Issuer.Send
		if r.PostForm.Get("purpose") == string(paylink.PurposeReminder) {
			send = d.Issuer.Remind
		}
		_, err := send(ctx, s.actor(), id, channels, nil, claim)
		return err
	})
}

var errNoChannel = &paylink.Conflict{Code: "no_channel", Detail: "No channel was chosen."}

// ConfirmCancel asks once more: GET /dashboard/{mode}/links/{id}/cancel.
func (d *Dashboard) ConfirmCancel(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		l, err := d.link(r, s)
		if err != nil {
			return err
		}
		v, err := d.detail(r.Context(), s, l)
		if err != nil {
			return err
		}
		v.Title, v.About = "Cancel "+v.Name, ""
		if !v.Actions.Cancel {
			d.goToLink(w, r, s, l.ID, "not_cancellable")
			return nil
		}
		return d.render(w, r, http.StatusOK, cancelPage(v))
	})
}

// Cancel withdraws the link: POST /dashboard/{mode}/links/{id}/cancel.
func (d *Dashboard) Cancel(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "cancel", "cancelled", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		_, err := d.Issuer.Cancel(ctx, s.actor(), id, claim)
		return err
	})
}

// Reactivate takes a cancellation back: POST /dashboard/{mode}/links/{id}/reactivate.
func (d *Dashboard) Reactivate(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "reactivate", "reactivated", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		_, err := d.Issuer.Reactivate(ctx, s.actor(), id, claim)
		return err
	})
}

// Refresh revives an expired link: POST /dashboard/{mode}/links/{id}/refresh.
func (d *Dashboard) Refresh(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "refresh", "refreshed", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		seconds, err := chosenLife(r)
		if r.PostForm.Has("expires_in") && r.PostForm.Get("expires_in") == "" {
			seconds, err = nil, nil // as the link's policy says, or the merchant's
		}
		if err == nil {
			_, err = d.Issuer.Refresh(ctx, s.actor(), id, seconds, claim)
		}
		return err
	})
}

// Extend makes a link valid for longer: POST /dashboard/{mode}/links/{id}/extend.
func (d *Dashboard) Extend(w http.ResponseWriter, r *http.Request) {
	d.act(w, r, "extend", "extended", func(ctx context.Context, s scene, id paylink.LinkID, claim *store.Claim) error {
		seconds, err := chosenLife(r)
		if err == nil {
			_, err = d.Issuer.Extend(ctx, s.actor(), id, seconds, claim)
		}
		return err
	})
}

// chosenLife is the number of seconds that a form has chosen.
func chosenLife(r *http.Request) (*int64, error) {
	seconds, err := strconv.ParseInt(r.PostForm.Get("expires_in"), 10, 64)
	if err != nil {
		bad := &paylink.Invalid{}
		bad.Add("/expires_in", "required", "The new time is missing.")
		return nil, bad
	}
	return &seconds, nil
}

// act does one thing to a link and shows the link as it then stands, whatever came of it.
func (d *Dashboard) act(w http.ResponseWriter, r *http.Request, name, done string, do func(context.Context, scene, paylink.LinkID, *store.Claim) error) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		id, err := linkID(r)
		if err != nil {
			return err
		}
		err = once(r.Context(), func() error {
			return do(r.Context(), s, id, s.claim(r, "POST "+Root+"/links/{id}/"+name, string(id)))
		})
		note := done
		var conflict *paylink.Conflict
		var invalid *paylink.Invalid
		switch {
		case errors.As(err, &conflict):
			if note = conflict.Code; remarks[note] == nil {
				note = "conflict"
			}
		case errors.As(err, &invalid):
			note = "invalid"
			if slices.ContainsFunc(invalid.Fields, func(f paylink.Field) bool { return f.Code == keyReused }) {
				note = keyReused
			}
		case err != nil:
			return err
		}
		d.goToLink(w, r, s, id, note)
		return nil
	})
}

func (d *Dashboard) goToLink(w http.ResponseWriter, r *http.Request, s scene, id paylink.LinkID, note string) {
	http.Redirect(w, r, s.path("links", string(id))+"?note="+note, http.StatusSeeOther)
}

// newFormKey names one showing of a form.
func newFormKey() string {
	var b [16]byte
	rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}

// claim makes of the form's own key the promise that it has its effect once. A form without a key of
// ours was not made by our page and gets a new one.
func (s scene) claim(r *http.Request, route, object string) *store.Claim {
	key := r.PostForm.Get("form_key")
	if len(key) != 32 || strings.Trim(key, "0123456789abcdef") != "" {
		key = newFormKey()
	}
	return &store.Claim{
		Merchant: s.Merchant.ID, Live: s.Live, Route: route, Key: key,
		Request: sha256.Sum256([]byte(object + "\x00" + r.PostForm.Encode())), // Encode sorts by name
	}
}

// once does what a form asks for. While the first of two presses of a button is still at work, the
// second waits for it and gets the same answer, since the browser shows the second one's.
func once(ctx context.Context, do func() error) error {
	const tries, pause = 40, 50 * time.Millisecond
	for try := 1; ; try++ {
		err := do()
		var conflict *paylink.Conflict
		if try == tries || !errors.As(err, &conflict) || conflict.Code != "idempotency_in_flight" {
			return err
		}
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		}
	}
}
