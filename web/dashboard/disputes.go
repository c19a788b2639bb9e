package dashboard

import (
	"context"
	"net/http"
	"time"

	"paylink"
	"paylink/store"
)

// reservedSoon is how long before the bank gives reserved money back it stands in the list of what needs a person.
const reservedSoon = 48 * time.Hour

// disputeReasons say why customers object.
var disputeReasons = map[string]string{
	"fraudulent": "the customer says that somebody else paid", "not_received": "the customer says that nothing came",
	"not_as_described": "the customer says that it is not what was promised", "duplicate": "the customer says that it was paid twice",
	"credit_not_processed": "the customer says that money was to come back", "cancelled": "the customer says that it was cancelled", "other": "the customer objects",
}

// disputeSentence says an event of a dispute.
func (s scene) disputeSentence(t paylink.EventType, d *paylink.DisputeSnapshot) string {
	amount := s.money(d.Amount, d.Currency)
	due := ""
	if d.DueAt != nil {
		due = "; answer by " + s.Lang.Moment(*d.DueAt, s.Merchant.TimeZone)
	}
	switch {
	case t == paylink.EventDisputeOpened:
		return amount + " is disputed: " + disputeReasons[d.Reason] + due
	case t == paylink.EventDisputeDueSoon:
		return "the dispute about " + amount + " is not answered" + due
	case t == paylink.EventDisputeClosed && d.Status == paylink.DisputeWon:
		return "the dispute about " + amount + " is won"
	case t == paylink.EventDisputeClosed && d.Status == paylink.DisputeLost:
		return "the dispute about " + amount + " is lost"
	case t == paylink.EventDisputeClosed:
		return "the dispute about " + amount + " is accepted: the customer keeps the money"
	case d.Refusal != "":
		return "the gateway did not take the answer about " + amount + due
	case d.Status == paylink.DisputeUnderReview:
		return "the bank looks at the evidence about " + amount
	case d.Answer == paylink.AnswerContest:
		return "the evidence about " + amount + " is on its way to the bank"
	case d.Answer == paylink.AnswerAccept:
		return "the customer is given " + amount + " of the dispute"
	}
	return "the dispute about " + amount + " has changed" + due
}

// waitingMoney is what of money needs a person: objections that wait for an answer, and reserved money that its bank
// gives back soon.
func (d *Dashboard) waitingMoney(ctx context.Context, s scene, limit int) (all []concern, err error) {
	read := d.Store.Read(ctx)
	disputes, err := read.DisputesDue(s.Merchant.ID, s.Live, limit)
	if err != nil {
		return nil, err
	}
	reserved, err := read.Reserved(s.Merchant.ID, s.Live, s.World.Add(reservedSoon), limit)
	if err != nil {
		return nil, err
	}
	var ids []paylink.LinkID
	for _, one := range disputes {
		ids = append(ids, one.Link)
	}
	for _, p := range reserved {
		ids = append(ids, p.Link)
	}
	links, err := read.LinksByID(s.Merchant.ID, s.Live, ids)
	if err != nil {
		return nil, err
	}
	for _, one := range disputes {
		if l, ok := links[one.Link]; ok {
			c := s.concern(l, s.disputeSentence(paylink.EventDisputeOpened, one.Snapshot()), label{"Disputed", "cross", "bad"}, one.CreatedAt)
			c.Href = s.path("disputes", string(one.ID))
			all = append(all, c)
		}
	}
	for _, p := range reserved {
		if l, ok := links[p.Link]; ok && p.Intent == "" {
			text := s.money(p.Amount.Minor, p.Amount.Currency) + " is reserved until " + s.Lang.Moment(p.CaptureBefore, s.Merchant.TimeZone) + ": capture it, or it is given back"
			c := s.concern(l, text, label{"Reserved", "hourglass", "note"}, p.UpdatedAt)
			c.Href = s.path("payments", string(p.ID))
			all = append(all, c)
		}
	}
	return all, nil
}

// disputeList is the page of the disputes of one status, or of those that wait.
type disputeList struct {
	frame
	Tabs  []disputeTab
	Here  string
	Rows  []disputeRow
	Older string
}

type disputeTab struct {
	Word, Href string
	Here       bool
}

// disputeRow is one dispute in a list.
type disputeRow struct {
	ID          paylink.DisputeID
	Amount, Why string
	Label       label
	Due, When   when
	Late        bool // there is little time left, or none
}

var disputeLabels = map[paylink.DisputeStatus]label{
	paylink.DisputeNeedsResponse: {"Waits for you", "clock", "bad"},
	paylink.DisputeUnderReview:   {"With the bank", "hourglass", "info"},
	paylink.DisputeWon:           {"Won", "tick", "good"},
	paylink.DisputeLost:          {"Lost", "cross", "bad"},
	paylink.DisputeAccepted:      {"Accepted", "stop", "calm"},
}

// disputeTabs are the statuses by which the list is read; the first is shown first.
var disputeTabs = []struct{ status, word string }{
	{"", "Waiting for you"}, {"under_review", "With the bank"}, {"won", "Won"}, {"lost", "Lost"}, {"accepted", "Accepted"}, {"all", "All"},
}

// Disputes lists disputes: those that wait for an answer, the most urgent first, or those of one status, newest first:
// GET /dashboard/{mode}/disputes.
func (d *Dashboard) Disputes(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) (err error) {
		v := disputeList{frame: d.frame(s, "Disputes", "disputes")}
		if v.After, err = d.newest(r, s); err != nil {
			return err
		}
		status := r.URL.Query().Get("status")
		for _, t := range disputeTabs {
			tab := disputeTab{Word: t.word, Href: s.path("disputes"), Here: t.status == status}
			if t.status != "" {
				tab.Href += "?status=" + t.status
			}
			if tab.Here {
				v.Here = t.word
			}
			v.Tabs = append(v.Tabs, tab)
		}
		if v.Here == "" {
			return &paylink.NotFound{Kind: "page"}
		}
		all, err := d.disputesOf(r, s, status)
		if err != nil {
			return err
		}
		if len(all) > shownRefunds {
			all = all[:shownRefunds]
			if status != "" {
				v.Older = s.path("disputes") + "?status=" + status + "&before=" + string(all[len(all)-1].ID)
			}
		}
		for _, one := range all {
			v.Rows = append(v.Rows, s.disputeRow(one))
		}
		return d.render(w, r, http.StatusOK, disputesPage(v))
	})
}

func (d *Dashboard) disputesOf(r *http.Request, s scene, status string) ([]paylink.Dispute, error) {
	read := d.Store.Read(r.Context())
	if status == "" {
		return read.DisputesDue(s.Merchant.ID, s.Live, shownRefunds+1)
	}
	f := store.DisputeFilter{Status: paylink.DisputeStatus(status)}
	if status == "all" {
		f.Status = ""
	}
	return read.Disputes(s.Merchant.ID, s.Live, f, paylink.DisputeID(r.URL.Query().Get("before")), shownRefunds+1)
}

func (s scene) disputeRow(d paylink.Dispute) disputeRow {
	row := disputeRow{
		ID: d.ID, Amount: s.Lang.Money(d.Amount), Why: upperFirst(word(disputeReasons, d.Reason)), Label: labelOf(disputeLabels, d.Status),
		When: s.when(d.UpdatedAt, s.Now),
	}
	switch {
	case d.Status == paylink.DisputeNeedsResponse && d.Answer != "":
		row.Label = label{"Answered", "clock", "info"}
	case d.Status == paylink.DisputeNeedsResponse:
		row.Due, row.Late = s.when(d.DueAt, s.Now), !d.DueAt.IsZero() && d.DueAt.Sub(s.Now) < paylink.DueSoon
	}
	return row
}
