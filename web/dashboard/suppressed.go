package dashboard

import (
	"errors"
	"net/http"
	"strings"

	"paylink"
	"paylink/issue"
)

// shownSuppressed is how many entries a page lists.
const shownSuppressed = 50

// suppressed is the page of the addresses that get no messages.
type suppressed struct {
	frame
	flaws
	Note   *remark
	Rows   []suppressedRow
	Older  string
	Asked  string          // the address that somebody looked up; empty: none
	Found  []suppressedRow // how it stands on each channel
	Key    string
	Placed string // why nothing is listed; empty where something is
}

// suppressedRow is an address on one channel.
type suppressedRow struct {
	issue.Suppressed
	Word, Why string
	Since     when
	Lift      string // where it is lifted; empty: it gets messages
}

// lifting is the page that asks why an address is to get messages again.
type lifting struct {
	frame
	flaws
	Row     suppressedRow
	Reasons []choice
	No      bool // a person said no, rather than a machine that there is nobody
}

var suppressedWords = map[paylink.SuppressionReason]string{
	paylink.SuppressedBounce:      "A message came back: there is no such number or mailbox.",
	paylink.SuppressedComplaint:   "The customer reported a message as spam.",
	paylink.SuppressedUnsubscribe: "The customer unsubscribed.",
	paylink.SuppressedStop:        "The customer answered STOP.",
	paylink.SuppressedManual:      "Entered by your people.",
}

var liftWords = map[paylink.LiftReason]string{
	paylink.LiftedAsked: "The customer wants messages again", paylink.LiftedWorks: "The number or mailbox works again",
	paylink.LiftedMistake: "It should not have been entered",
}

// Suppressions lists who gets no messages, newest first: GET /dashboard/{mode}/settings/suppressions.
func (d *Dashboard) Suppressions(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showSuppressed(w, r, s, http.StatusOK, suppressed{})
	})
}

// Suppress looks an address up, or enters it: POST /dashboard/{mode}/settings/suppressions. A look-up is a
// form that is posted, so that no address stands in a page's own address and in logs.
func (d *Dashboard) Suppress(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		v := suppressed{Asked: strings.TrimSpace(r.PostForm.Get("address"))}
		var invalid *paylink.Invalid
		if channel := r.PostForm.Get("channel"); channel != "" {
			err := once(r.Context(), func() error {
				_, err := d.Issuer.Suppress(r.Context(), s.actor(), paylink.Channel(channel), v.Asked, s.claim(r, "POST "+Root+"/settings/suppressions", ""))
				return err
			})
			if err == nil {
				d.goToSettings(w, r, s, "suppressed", "suppressions")
				return nil
			}
			if !errors.As(err, &invalid) {
				return err
			}
		}
		found, err := d.Issuer.Suppressing(r.Context(), s.actor(), v.Asked)
		if err != nil && !errors.As(err, &invalid) {
			return err
		}
		if invalid != nil {
			v.flaws = flawsOf(nil, invalid, []string{"", "address"}, addressProblem)
			return d.showSuppressed(w, r, s, http.StatusUnprocessableEntity, v)
		}
		for _, one := range found {
			v.Found = append(v.Found, s.suppressedRow(one))
		}
		return d.showSuppressed(w, r, s, http.StatusOK, v)
	})
}

func addressProblem(f paylink.Field) problem {
	switch {
	case f.Code == keyReused:
		return problem{}
	case f.Code == "required":
		return problem{"address", "Write a whole phone number, an e-mail address, or a customer’s id."}
	}
	return problem{Field: "address"}
}

// ConfirmLift asks why: GET /dashboard/{mode}/settings/suppressions/{id}/lift.
func (d *Dashboard) ConfirmLift(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showLifting(w, r, s, http.StatusOK, flaws{})
	})
}

// Lift sends messages to an address again: POST /dashboard/{mode}/settings/suppressions/{id}/lift.
func (d *Dashboard) Lift(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		why := paylink.LiftReason(r.PostForm.Get("reason"))
		if liftWords[why] == "" {
			return d.showLifting(w, r, s, http.StatusUnprocessableEntity, flaws{[]problem{{"reason", "Choose why."}}})
		}
		err := d.Issuer.Unsuppress(r.Context(), s.actor(), paylink.SuppressionID(r.PathValue("id")), why)
		if err != nil && !paylink.IsNotFound(err) { // two presses of the button lift it once
			return err
		}
		d.goToSettings(w, r, s, "unsuppressed", "suppressions")
		return nil
	})
}

func (d *Dashboard) showLifting(w http.ResponseWriter, r *http.Request, s scene, status int, wrong flaws) error {
	there, err := d.Issuer.Suppression(r.Context(), s.actor(), paylink.SuppressionID(r.PathValue("id")))
	if err != nil {
		return err
	}
	v := lifting{flaws: wrong, Row: s.suppressedRow(there), No: there.Reason.OptOut() && there.Reason != paylink.SuppressedManual}
	for _, why := range paylink.LiftReasons {
		if v.No && why == paylink.LiftedWorks {
			continue
		}
		v.Reasons = append(v.Reasons, choice{string(why), liftWords[why], false})
	}
	if v.frame, _, err = d.settingsFrame(r, s, "Send messages again", "suppressions"); err != nil {
		return err
	}
	return d.render(w, r, status, liftPage(v))
}

func (d *Dashboard) showSuppressed(w http.ResponseWriter, r *http.Request, s scene, status int, v suppressed) error {
	var err error
	if v.frame, v.Note, err = d.settingsFrame(r, s, "Do not send", "suppressions"); err != nil {
		return err
	}
	before := paylink.SuppressionID(r.URL.Query().Get("before"))
	all, err := d.Issuer.Suppressions(r.Context(), s.actor(), before, shownSuppressed+1)
	if err != nil {
		return err
	}
	if len(all) > shownSuppressed {
		all = all[:shownSuppressed]
		v.Older = s.path("settings", "suppressions") + "?before=" + string(all[len(all)-1].ID)
	}
	for _, one := range all {
		v.Rows = append(v.Rows, s.suppressedRow(one))
	}
	v.Key = newFormKey()
	if len(all) == 0 {
		v.Placed = "Customers who answer STOP, unsubscribe or call a message spam come here by themselves, and so do numbers and mailboxes that do not exist."
	}
	return d.render(w, r, status, suppressedPage(v))
}

func (s scene) suppressedRow(one issue.Suppressed) suppressedRow {
	row := suppressedRow{Suppressed: one, Word: channelWords[one.Channel]}
	if one.ID == "" {
		row.Why = "Gets messages."
		return row
	}
	row.Why, row.Since = suppressedWords[one.Reason], s.when(one.Since, s.Now)
	row.Lift = s.path("settings", "suppressions", string(one.ID), "lift")
	if row.To == "" {
		row.To = "An address that is not known any more"
	}
	return row
}
