package sandbox

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink"
)

// messageRequest is what a merchant's carrier client sends.
type messageRequest struct {
	ClientReference string  `json:"client_reference"`
	To              string  `json:"to"`
	Subject         string  `json:"subject"`
	Text            string  `json:"text"`
	HTML            string  `json:"html"`
	Button          *button `json:"button"`
	Sender          string  `json:"sender"`
	ReceiptURL      string  `json:"receipt_url"`
}

type accepted struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}

// acceptMessage takes a message. The same client reference again is the same message: these carriers
// deduplicate.
func (s *Sandbox) acceptMessage(w http.ResponseWriter, r *http.Request) {
	account, ok := s.login(w, r)
	if !ok {
		return
	}
	var req messageRequest
	if !s.readJSON(w, r, &req) {
		return
	}
	channel := paylink.Channel(r.PathValue("channel"))
	if !slices.Contains(paylink.Channels, channel) {
		gatewayError(w, http.StatusNotFound, "channel_unknown", "There is no such carrier.")
		return
	}
	if field, ok := req.wrong(); ok {
		gatewayError(w, http.StatusUnprocessableEntity, "invalid_value", "The value of "+field+" cannot be.")
		return
	}
	m, fresh := s.takeMessage(account, channel, req)
	if !fresh {
		answer(w, http.StatusOK, accepted{m.ID, m.Status})
		return
	}
	s.log.Info("sandbox.accepted", "message", m.ID, "account", account, "channel", channel)
	answer(w, http.StatusAccepted, accepted{m.ID, "accepted"})
}

// takeMessage remembers a message and arranges its fate; it answers a copy. fresh is false for one
// that was known.
func (s *Sandbox) takeMessage(account string, c paylink.Channel, req messageRequest) (m message, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.world.byClient[[2]string{account, req.ClientReference}]; known != nil {
		return *known, false
	}
	now := s.now()
	taken := &message{
		ID: newID("sbx_msg"), Account: account, Channel: c, ClientReference: req.ClientReference,
		To: req.To, Sender: req.Sender, Subject: req.Subject, Text: req.Text, HTML: req.HTML, Button: req.Button,
		ReceiptURL: req.ReceiptURL, ReceivedAt: now, Status: "accepted", DueAt: now.Add(s.cfg.ReceiptAfter),
	}
	slow := magic(taken).Slow
	if slow {
		taken.DueAt = now.Add(s.cfg.SlowAfter)
	}
	s.world.addMessage(taken)
	s.keepMessage(taken, now)
	s.expect(taken)
	if slow {
		s.report(taken, "sent", "", now) // it left us; the phone is what is slow
	}
	return *taken, true
}

// wrong names the first field whose value cannot be.
func (r messageRequest) wrong() (field string, found bool) {
	switch {
	case r.ClientReference == "" || len(r.ClientReference) > 100:
		return "client_reference", true
	case r.To == "" || len(r.To) > 320:
		return "to", true
	case r.Text == "" && r.HTML == "":
		return "text", true
	case r.Button != nil && !isWeb(r.Button.URL):
		return "button", true
	case !isWeb(r.ReceiptURL):
		return "receipt_url", true
	}
	return "", false
}

// fate is what becomes of a message by the address that it was sent to.
type fate struct {
	Status, Error string
	Slow          bool
}

var (
	arrives     = fate{Status: "delivered"}
	arrivesSlow = fate{Status: "delivered", Slow: true}
	undelivered = fate{Status: "failed", Error: "undelivered"}
	bounced     = fate{Status: "failed", Error: "bounced"}
	dltBlocked  = fate{Status: "blocked", Error: "dlt_blocked"}
	optedOut    = fate{Status: "blocked", Error: "opted_out"}
)

// magic reads a message's fate off its address, as the table of test values promises.
func magic(m *message) fate {
	switch {
	case m.Channel == paylink.ChannelEmail && strings.HasPrefix(strings.ToLower(m.To), "bounce"):
		return bounced
	case m.Channel != paylink.ChannelSMS && m.Channel != paylink.ChannelWhatsApp:
		return arrives
	case strings.HasSuffix(m.To, "02"):
		return undelivered
	case strings.HasSuffix(m.To, "03"):
		return dltBlocked
	case strings.HasSuffix(m.To, "04"):
		return arrivesSlow
	case strings.HasSuffix(m.To, "05"):
		return optedOut
	}
	return arrives
}

// expect puts a message's fate on the agenda. Somebody may decide otherwise on the phone page before.
// The caller holds s.mu.
func (s *Sandbox) expect(m *message) {
	s.acts.add(entry{due: m.DueAt, act: func(now time.Time) {
		if m.DueAt.IsZero() {
			return
		}
		f := magic(m)
		m.DueAt = time.Time{}
		s.report(m, f.Status, f.Error, now)
	}})
	s.ring()
}

// report moves a message and queues the receipt. The caller holds s.mu.
func (s *Sandbox) report(m *message, status, code string, now time.Time) {
	m.Status, m.Error = status, code
	s.keepMessage(m, now)
	s.post("sbx_rcp", m.Account, m.ReceiptURL, "", "", struct {
		ID              string    `json:"id"`
		ClientReference string    `json:"client_reference"`
		Status          string    `json:"status"`
		Error           string    `json:"error"`
		At              time.Time `json:"at"`
	}{m.ID, m.ClientReference, status, code, now}, now)
}

// keepMessage writes down a changed message and shows it. The caller holds s.mu.
func (s *Sandbox) keepMessage(m *message, now time.Time) {
	m.ChangedAt = now
	s.write(record{Message: m})
	s.changed(m.Account)
}

// receivedMessage is a message as the control API shows it.
type receivedMessage struct {
	ID              string          `json:"id"`
	Channel         paylink.Channel `json:"channel"`
	To              string          `json:"to"`
	Subject         string          `json:"subject"`
	Text            string          `json:"text"`
	HTML            string          `json:"html"`
	URL             string          `json:"url"`
	Button          *button         `json:"button"`
	Sender          string          `json:"sender"`
	Status          string          `json:"status"`
	Error           string          `json:"error"`
	ClientReference string          `json:"client_reference"`
	ReceivedAt      time.Time       `json:"received_at"`
}

// listMessages answers what the carriers received, newest first.
func (s *Sandbox) listMessages(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit := 100
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			s.refuse(w, &paylink.Invalid{Fields: []paylink.Field{{Pointer: "/limit", Code: "out_of_range", Detail: "A number from 1 to 100."}}})
			return
		}
		limit = n
	}
	// A plus sign that was not escaped arrives as a space; no address begins with one.
	to := q.Get("to")
	if rest, plus := strings.CutPrefix(to, " "); plus {
		to = "+" + rest
	}
	channel := paylink.Channel(q.Get("channel"))
	data, merchant := []receivedMessage{}, merchantOf(r)
	s.mu.Lock()
	for _, m := range slices.Backward(s.world.messages) {
		if len(data) == limit {
			break
		}
		if (to == "" || m.To == to) && (channel == "" || m.Channel == channel) && sees(merchant, m.Account) {
			data = append(data, m.received())
		}
	}
	s.mu.Unlock() // before the answer: a slow reader must not stop the world
	answer(w, http.StatusOK, map[string]any{"data": data})
}

func (m *message) received() receivedMessage {
	return receivedMessage{
		ID: m.ID, Channel: m.Channel, To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, URL: m.link(),
		Button: m.Button, Sender: m.Sender, Status: m.Status, Error: m.Error, ClientReference: m.ClientReference, ReceivedAt: m.ReceivedAt,
	}
}

var linkForm = regexp.MustCompile(`https?://[^\s<>"]+`)

// link is the URL that the message invites to: the button's, or the first in its text.
func (m *message) link() string {
	if m.Button != nil {
		return m.Button.URL
	}
	return strings.TrimRight(linkForm.FindString(m.Text), ".,;:!?)")
}
