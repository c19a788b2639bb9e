package dashboard

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"time"

	"paylink"
	"paylink/locale"
	"paylink/refund"
)

// disputeDetail is the page of one dispute: how it stands, what is known that speaks for the merchant, and the answer.
type disputeDetail struct {
	frame
	flaws
	Note       *remark
	Row        disputeRow
	Link       paylink.LinkID
	Payment    paylink.PaymentID
	Says       string // how it stands, in a sentence
	Facts      []fact
	Points     []pointRow
	Answerable bool
	Waits      bool // the bank waits for an answer, but the gateway takes none from here
	Text, Day  string
	Files      []choice
	Summary    string // as the bank reads it, but for addresses
	Key        string
}

// pointRow is one line of the checklist.
type pointRow struct {
	Word, Says string
	Known      bool
}

// pointWords name the lines of the checklist, and say what could be added where nothing is known.
var pointWords = map[string][2]string{
	"payment":  {"The payment", ""},
	"goods":    {"What was sold", "Describe it in your own words."},
	"customer": {"Who paid", "Say whom you sold it to."},
	"request":  {"The request reached the customer", "No message to the customer is known to have arrived."},
	"opened":   {"The page was opened by a person", "Nobody was seen to open it."},
	"device":   {"The device that paid", "It is not known."},
	"proof":    {"The customer proved who they are", "The link asked for no proof."},
	"terms":    {"Your terms were accepted", "The link asked for no consent to terms."},
	"answers":  {"What the customer answered", "The link asked no questions."},
	"receipt":  {"The receipt reached the customer", "No receipt is known to have arrived."},
	"delivery": {"When it was delivered", "Give the day below."},
	"file":     {"A proof of delivery or another paper", "Choose a file below. Without one, the bank gets what is known as a PDF."},
	"refunded": {"What was given back already", ""},
}

// disputeRemarks are what can be said after a form of a dispute.
var disputeRemarks = map[string]*remark{
	"contested":        {"Your evidence is on its way to the bank.", "good"},
	"accepted":         {"The gateway is told that the customer keeps the money.", "good"},
	"not_confirmed":    {"Tick that the customer is to keep the money. Nothing was done.", "bad"},
	"dispute_answered": {"This dispute takes no answer now: it has one, or is decided. Here is how it stands.", "note"},
	"not_supported":    {"This gateway takes no answer from here. Answer at the gateway itself; what becomes of it is shown here.", "bad"},
	"conflict":         {"It has changed in the meantime, so nothing was done. Here is how it stands now.", "note"},
}

// Dispute shows one dispute: GET /dashboard/{mode}/disputes/{id}.
func (d *Dashboard) Dispute(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showDispute(w, r, s, http.StatusOK, flaws{})
	})
}

func (d *Dashboard) showDispute(w http.ResponseWriter, r *http.Request, s scene, status int, wrong flaws) error {
	one, err := d.Store.Read(r.Context()).Dispute(s.Merchant.ID, s.Live, paylink.DisputeID(r.PathValue("id")))
	if err != nil {
		return err
	}
	e, err := d.Refunds.Evidence(r.Context(), one)
	if err != nil {
		return err
	}
	v := disputeDetail{
		frame: d.frame(s, "Dispute", "disputes"), flaws: wrong, Note: disputeRemarks[r.URL.Query().Get("note")], Row: s.disputeRow(one),
		Link: one.Link, Payment: one.Payment, Facts: s.disputeFacts(one), Summary: masked(e.Summary), Key: newFormKey(),
		Text: r.PostForm.Get("text"), Day: typed(r, "delivered"),
	}
	v.About = one.Link
	if v.After, err = d.newest(r, s); err != nil {
		return err
	}
	v.Says = disputeSays(one)
	contestable := d.Refunds.Contestable(r.Context(), one)
	v.Answerable, v.Waits = one.Answerable() && contestable, one.Answerable() && !contestable
	for _, p := range e.Points {
		if p.Kind == "refunded" && !p.Known {
			continue // nothing is missing there
		}
		word := pointWords[p.Kind]
		row := pointRow{Word: word[0], Says: masked(p.Says), Known: p.Known}
		if !p.Known {
			row.Says = word[1]
		}
		v.Points = append(v.Points, row)
	}
	if v.Answerable {
		if v.Files, err = d.keptFiles(r.Context(), s, typed(r, "file")); err != nil {
			return err
		}
	}
	return d.render(w, r, status, disputePage(v))
}

// addresses are phone numbers and e-mail addresses in a text.
var addresses = regexp.MustCompile(`\+[0-9]{7,15}|[^\s<>]+@[^\s<>]*[^\s<>.,;:]`)

// masked hides them, as they are hidden on every page until somebody asks to see them.
func masked(text string) string { return addresses.ReplaceAllStringFunc(text, paylink.MaskAddress) }

// keptFiles are the newest kept files as choices; the first is none.
func (d *Dashboard) keptFiles(ctx context.Context, s scene, chosen string) ([]choice, error) {
	all, err := d.Store.Read(ctx).Attachments(s.Merchant.ID, s.Live, "", shownFiles)
	choices := []choice{{"", "No file", chosen == ""}}
	for _, f := range all {
		choices = append(choices, choice{string(f.ID), locale.Plain(f.Name, 80), chosen == string(f.ID)})
	}
	return choices, err
}

// disputeSays is what a merchant has to know about where a dispute stands.
func disputeSays(d paylink.Dispute) string {
	switch {
	case d.Status == paylink.DisputeNeedsResponse && d.Answer == paylink.AnswerAccept:
		return "The gateway is being told that the customer keeps the money."
	case d.Status == paylink.DisputeNeedsResponse && d.Answer != "":
		return "Your evidence is on its way to the bank."
	case d.Status == paylink.DisputeNeedsResponse && d.Refusal != "":
		return "The gateway did not take your answer (" + locale.Plain(d.Refusal, 60) + "). You can give another."
	}
	return map[paylink.DisputeStatus]string{
		paylink.DisputeNeedsResponse: "The bank waits for your side of the story. Without an answer in time, the customer keeps the money.",
		paylink.DisputeUnderReview:   "The bank looks at the evidence. This can take weeks; you need do nothing.",
		paylink.DisputeWon:           "The bank agreed with you. Money that it had taken comes back.",
		paylink.DisputeLost:          "The bank agreed with the customer. The money is gone.",
		paylink.DisputeAccepted:      "You let the customer have the money.",
	}[d.Status]
}

func (s scene) disputeFacts(d paylink.Dispute) []fact {
	facts := []fact{{"The money", "It is with you"}}
	switch {
	case d.Withdrawn && d.Status.Open():
		facts[0].Value = "The bank has taken it back from you until it decides"
	case d.Withdrawn:
		facts[0].Value = "The bank has taken it back from you"
	}
	if d.Fee > 0 {
		facts = append(facts, fact{"The gateway takes for it", s.money(d.Fee, d.Amount.Currency)})
	}
	moment := func(name string, at time.Time) {
		if !at.IsZero() {
			facts = append(facts, fact{name, s.Lang.Moment(at, s.Merchant.TimeZone)})
		}
	}
	moment("Opened", d.CreatedAt)
	moment("Answered", d.AnsweredAt)
	moment("Decided", d.ClosedAt)
	for _, f := range []fact{{"At the gateway", d.GatewayReference}, {"The bank’s code", locale.Plain(d.Code, 60)}, {"Gateway", d.Gateway}} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

// ContestDispute sends the evidence: POST /dashboard/{mode}/disputes/{id}/evidence.
func (d *Dashboard) ContestDispute(w http.ResponseWriter, r *http.Request) {
	d.answerDispute(w, r, "evidence", "contested", func(s scene) (refund.Answer, []problem) {
		said := refund.Answer{Kind: paylink.AnswerContest, Text: lines(r.PostForm.Get("text")), Attachment: paylink.AttachmentID(typed(r, "file"))}
		text := typed(r, "delivered")
		if text == "" {
			return said, nil
		}
		day, err := time.ParseInLocation(time.DateOnly, text, locale.Zone(s.Merchant.TimeZone))
		switch said.DeliveredAt = day.UTC(); {
		case err != nil:
			return said, []problem{{"delivered", "Choose the day, or leave it empty."}}
		case day.After(s.World):
			return said, []problem{{"delivered", "That day is still to come."}}
		}
		return said, nil
	})
}

// AcceptDispute lets the customer have the money: POST /dashboard/{mode}/disputes/{id}/accept.
func (d *Dashboard) AcceptDispute(w http.ResponseWriter, r *http.Request) {
	d.answerDispute(w, r, "accept", "accepted", func(scene) (refund.Answer, []problem) {
		return refund.Answer{Kind: paylink.AnswerAccept}, nil
	})
}

// disputeOrder is the order of the form's fields.
var disputeOrder = []string{"", "text", "delivered", "file"}

func disputeProblem(f paylink.Field) problem {
	return problem{Field: map[string]string{"/text": "text", "/attachment_id": "file", "/delivered_at": "delivered"}[f.Pointer]}
}

// answerDispute hands one answer over and shows the dispute as it then stands, whatever came of it.
func (d *Dashboard) answerDispute(w http.ResponseWriter, r *http.Request, name, done string, read func(scene) (refund.Answer, []problem)) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		id := r.PathValue("id")
		said, own := read(s)
		if len(own) > 0 {
			return d.showDispute(w, r, s, http.StatusUnprocessableEntity, flaws{own})
		}
		said.Merchant, said.Live, said.Dispute, said.Actor = s.Merchant.ID, s.Live, paylink.DisputeID(id), string(s.Staff)
		var err error
		if said.Kind == paylink.AnswerAccept && r.PostForm.Get("confirm") != "yes" {
			err = &paylink.Conflict{Code: "not_confirmed", Detail: "Nobody confirmed it."}
		} else {
			err = once(r.Context(), func() error {
				_, err := d.Refunds.AnswerDispute(r.Context(), said, s.claim(r, "POST "+Root+"/disputes/{id}/"+name, id))
				return err
			})
		}
		var conflict *paylink.Conflict
		var invalid *paylink.Invalid
		switch {
		case errors.As(err, &invalid):
			return d.showDispute(w, r, s, http.StatusUnprocessableEntity, flawsOf(nil, invalid, disputeOrder, disputeProblem))
		case errors.As(err, &conflict):
			if done = conflict.Code; disputeRemarks[done] == nil {
				done = "conflict"
			}
		case err != nil:
			return err
		}
		http.Redirect(w, r, s.path("disputes", id)+"?note="+done, http.StatusSeeOther)
		return nil
	})
}
