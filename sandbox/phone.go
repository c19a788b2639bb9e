package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"paylink"
)

// What the phone page shows at most.
const (
	shownMessages = 60
	shownOrders   = 20
)

// phoneView is the phone page.
type phoneView struct {
	Base     string
	Show     string // the chosen app: a channel; empty: all
	Tabs     []tabView
	Messages []messageView
	Now      time.Time
	Ahead    string // "24h" when the test world is ahead of real time
	Bank     []rowView
	UPI      []rowView
	Trouble  string // what the last button could not do
}

type tabView struct {
	Name, Show string
	Count      int
	Current    bool
}

// messageView is one message as its app shows it.
type messageView struct {
	Base, Show string
	ID         string
	Channel    paylink.Channel
	App        string // "WhatsApp"
	Sender, To string
	Subject    string
	Lines      [][]part
	Label, URL string // the button
	At         time.Time
	Status     string
	Error      string
	CanDeliver bool
	CanFail    bool
	CanRead    bool
}

// part is a piece of a line; with a URL it is a link.
type part struct{ Text, URL string }

// rowView is an order in the pretend bank or in the UPI app.
type rowView struct {
	Base, Page, Reference, Merchant, Amount string
	Method                                  string
	Status                                  string
	Answers                                 []outcome // what the bank may still say
	Reserved                                bool      // and may be given back
	Disputable                              bool
	Dispute                                 disputeView // zero: nobody objected
}

// disputeView is a dispute about an order, as its bank shows it.
type disputeView struct {
	ID, Status, Says string
	Evidence         string // the merchant's summary
	Decisions        []paylink.DisputeStatus
}

var apps = map[paylink.Channel]string{
	paylink.ChannelSMS: "SMS", paylink.ChannelWhatsApp: "WhatsApp", paylink.ChannelEmail: "Mail", paylink.ChannelInApp: "In-app",
}

var troubles = map[string]string{
	"clock":   "Paylink did not move its clock. It takes times like 90m, 24h or 36h30m, forwards only.",
	"settled": "The bank had already given its final answer.",
	"message": "This message cannot go there from where it is.",
	"dispute": "There is nothing to object to, or the bank has decided.",
	"gone":    "The sandbox has forgotten it.",
}

func (s *Sandbox) showPhone(w http.ResponseWriter, r *http.Request) {
	v := phoneView{Base: s.base, Now: s.merchantNow(r), Trouble: troubles[r.URL.Query().Get("trouble")]}
	if show := r.URL.Query().Get("show"); apps[paylink.Channel(show)] != "" {
		v.Show = show
	}
	if ahead := v.Now.Sub(s.now()).Round(time.Minute); ahead > 0 {
		v.Ahead = strings.TrimSuffix(strings.TrimSuffix(ahead.String(), "0s"), "0m")
	}
	s.mu.Lock()
	s.fillMessages(&v, merchantOf(r))
	s.fillOrders(&v, merchantOf(r))
	s.mu.Unlock()
	s.render(w, r, http.StatusOK, "", phonePage(v))
}

// fillMessages counts each app's messages and takes the newest of the chosen one. The caller holds
// s.mu.
func (s *Sandbox) fillMessages(v *phoneView, m paylink.MerchantID) {
	counts, all := map[paylink.Channel]int{}, 0
	for _, one := range slices.Backward(s.world.messages) {
		if !sees(m, one.Account) {
			continue
		}
		counts[one.Channel]++
		all++
		if len(v.Messages) < shownMessages && (v.Show == "" || v.Show == string(one.Channel)) {
			v.Messages = append(v.Messages, one.view(s.base, v.Show))
		}
	}
	v.Tabs = []tabView{{Name: "All", Count: all, Current: v.Show == ""}}
	for _, c := range paylink.Channels {
		v.Tabs = append(v.Tabs, tabView{Name: apps[c], Show: string(c), Count: counts[c], Current: v.Show == string(c)})
	}
}

func (m *message) view(base, show string) messageView {
	text := m.Text
	if m.Channel == paylink.ChannelEmail && m.HTML != "" {
		text = plain(m.HTML)
	}
	v := messageView{
		Base: base, Show: show, ID: m.ID, Channel: m.Channel, App: apps[m.Channel], Sender: m.Sender, To: m.To, Subject: m.Subject,
		Lines: lines(text), URL: m.link(), Label: "Open", At: m.ReceivedAt, Status: m.Status, Error: m.Error,
		CanDeliver: m.may("delivered"), CanFail: m.may("failed"), CanRead: m.may("read"),
	}
	if m.Button != nil {
		v.Label = m.Button.Label
	}
	return v
}

// fillOrders takes what waits for the UPI app, and what the bank decides or decided lately. The
// caller holds s.mu.
func (s *Sandbox) fillOrders(v *phoneView, m paylink.MerchantID) {
	for _, o := range slices.Backward(s.world.orders) {
		if !sees(m, o.Account) {
			continue
		}
		row := rowView{Base: s.base, Page: o.Page, Reference: o.Reference, Merchant: o.MerchantName, Amount: display(o.Amount),
			Method: string(o.Method), Status: string(o.Status), Answers: o.answers(), Reserved: o.Status == paylink.PaymentAuthorised}
		if d := s.world.disputeOf(o.Page); d != nil {
			row.Dispute = d.view()
		} else {
			row.Disputable = o.Status == paylink.PaymentCaptured
		}
		if o.Method == paylink.MethodUPI && o.open() {
			if len(v.UPI) < shownOrders {
				v.UPI = append(v.UPI, row)
			}
		} else if len(v.Bank) < shownOrders {
			v.Bank = append(v.Bank, row)
		}
	}
}

// answers lists what the bank may still say to an order.
func (o *order) answers() []outcome {
	switch o.Status {
	case paylink.PaymentCaptured, paylink.PaymentAuthorised, paylink.PaymentVoided:
		return nil
	case paylink.PaymentFailed:
		return []outcome{success}
	case paylink.PaymentPending, paylink.PaymentUnknown:
		return []outcome{success, declined, late}
	}
	return outcomes
}

// settleOrder is a button of the phone page's bank: any answer, whatever the customer did.
func (s *Sandbox) settleOrder(w http.ResponseWriter, r *http.Request) {
	answer := outcome(r.PostFormValue("outcome"))
	s.mu.Lock()
	o := s.world.byPage[r.PathValue("page")]
	trouble := ""
	if o == nil || !sees(merchantOf(r), o.Account) || !answer.valid() {
		trouble = "gone"
	} else if s.rule(o, ruling{Outcome: answer}, s.now()) != nil {
		trouble = "settled"
	}
	s.mu.Unlock()
	s.backToPhone(w, r, trouble)
}

// actOnMessage is a button at a message: the carrier delivers it or does not, the customer reads it.
func (s *Sandbox) actOnMessage(w http.ResponseWriter, r *http.Request) {
	status := map[string]string{"deliver": "delivered", "fail": "failed", "read": "read"}[r.PathValue("act")]
	m, trouble, err := s.moveMessage(r.PathValue("id"), status, merchantOf(r))
	switch {
	case wantsPage(r):
		s.backToPhone(w, r, trouble)
	case err != nil:
		s.refuse(w, err)
	default:
		answer(w, http.StatusOK, m.received())
	}
}

// moveMessage gives a message a status by hand. trouble names the sentence for the phone page when
// that cannot be, err the same for a program.
func (s *Sandbox) moveMessage(id, status string, who paylink.MerchantID) (moved message, trouble string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.world.byID[id]
	if m == nil || status == "" || !sees(who, m.Account) {
		return moved, "gone", &paylink.NotFound{Kind: "message", ID: id}
	}
	if !m.may(status) {
		return moved, "message", &paylink.Conflict{Code: "message_" + m.Status, Detail: troubles["message"], Other: m.ID}
	}
	code := ""
	if status == "failed" {
		code = "undelivered"
	}
	m.DueAt = time.Time{} // decided: its fate comes no more
	s.report(m, status, code, s.now())
	return *m, "", nil
}

// may tells whether a message can become a status. Only apps that tell their sender know "read".
func (m *message) may(status string) bool {
	switch status {
	case "delivered":
		return m.Status == "accepted" || m.Status == "sent" || m.Status == "failed"
	case "failed":
		return m.Status == "accepted" || m.Status == "sent"
	case "read":
		return m.Status == "delivered" && m.Channel != paylink.ChannelSMS
	}
	return false
}

// backToPhone answers a form of the phone page.
func (s *Sandbox) backToPhone(w http.ResponseWriter, r *http.Request, trouble string) {
	q := url.Values{}
	if show := r.PostFormValue("show"); apps[paylink.Channel(show)] != "" {
		q.Set("show", show)
	}
	if trouble != "" {
		q.Set("trouble", trouble)
	}
	to := s.base + "/"
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
