package dashboard

import (
	"net/http"

	"paylink"
	"paylink/issue"
)

// deliver is the page on which a link is sent again in steps.
type deliver struct {
	linkForm
	Steps create // as the form for a new link has them
}

// DeliverLink shows the form: GET /dashboard/{mode}/links/{id}/deliver.
func (d *Dashboard) DeliverLink(w http.ResponseWriter, r *http.Request) {
	d.withLink(w, r, func(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link) error {
		if !s.changeable(l) {
			d.goToLink(w, r, s, l.ID, "not_sendable")
			return nil
		}
		return d.showDeliver(w, r, s, l, http.StatusOK, blankSteps(), flaws{})
	})
}

// Deliver sends the link again, one channel after the other: POST /dashboard/{mode}/links/{id}/deliver.
func (d *Dashboard) Deliver(w http.ResponseWriter, r *http.Request) {
	d.withLink(w, r, func(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link) error {
		rows := readSending(r)
		var own []problem
		p := paylink.DeliveryPlan{Steps: typedSteps(rows, func(field, text string) { own = append(own, problem{field, text}) })}
		err := once(r.Context(), func() error {
			_, err := d.Issuer.Deliver(r.Context(), s.actor(), l.ID, issue.Sending{Plan: p}, s.claim(r, "POST "+Root+"/links/{id}/deliver", string(l.ID)))
			return err
		})
		return d.settled(w, r, s, l.ID, "sent", err, func(invalid *paylink.Invalid) error {
			return d.showDeliver(w, r, s, l, http.StatusUnprocessableEntity, rows, merge(own, invalid))
		})
	})
}

func (d *Dashboard) showDeliver(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link, status int, rows []stepTyped, wrong flaws) error {
	v := deliver{linkForm: d.linkForm(s, l, "Send "+called(l.Description, l.Reference, l.ID))}
	v.flaws, v.Steps = wrong, create{flaws: wrong, Form: form{Steps: rows}}
	var err error
	if v.Steps.Channels, err = d.channelChoices(r.Context(), s, nil); err != nil {
		return err
	}
	return d.render(w, r, status, deliverPage(v))
}
