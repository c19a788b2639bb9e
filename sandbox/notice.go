package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"paylink"
)

// letter is a signed word to paylink: a notice of a payment or a receipt of a message. Its id and
// body stay the same however often it is sent.
type letter struct {
	ID      string // sbx_ntc_… or sbx_rcp_…
	Account string
	URL     string
	Body    string
	Page    string // of the order that it is about, if any
	Tries   int
	DueAt   time.Time
}

// A letter that was not taken is sent again after these waits, then given up: a gateway that never
// stopped would hide that look-ups have to work too.
var sendAgainAfter = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}

// sendWithin bounds one attempt.
const sendWithin = 10 * time.Second

// word is what the gateway says about an order, in a notice and in a look-up.
type word struct {
	ID            string                `json:"id"`
	Reference     string                `json:"reference"`
	Amount        int64                 `json:"amount"`
	Currency      paylink.Currency      `json:"currency"`
	Status        paylink.PaymentStatus `json:"status"`
	Method        paylink.Method        `json:"method"`
	Details       paylink.MethodDetails `json:"details"`
	BankReference string                `json:"bank_reference"`
	Fee           int64                 `json:"fee"`
	Tax           int64                 `json:"tax"`
	Decline       *paylink.Decline      `json:"decline"`
	At            time.Time             `json:"at"`
}

// wordOn tells where an order stands, by one of its payments.
func wordOn(o order, p payment) word {
	w := word{
		ID: p.ID, Reference: o.Reference, Amount: o.Amount.Minor, Currency: o.Amount.Currency,
		Status: o.Status, Method: o.Method, Details: p.Details, BankReference: p.BankReference, Decline: p.Decline, At: p.At,
	}
	if w.At.IsZero() {
		w.At = o.ChangedAt
	}
	if o.Status == paylink.PaymentCaptured {
		w.Amount = cmp.Or(o.Captured, o.Amount.Minor)
		w.Fee = w.Amount * 2 / 100 // 2 %, rounded down
		w.Tax = w.Fee * 18 / 100   // GST on the fee, rounded down
	}
	return w
}

// notify queues a notice about one of an order's payments. The caller holds s.mu.
func (s *Sandbox) notify(o *order, p payment, due time.Time) {
	s.post("sbx_ntc", o.Account, o.NotifyURL, o.Page, "payment."+string(o.Status), wordOn(*o, p), due)
}

// post queues a letter. The caller holds s.mu.
func (s *Sandbox) post(tag, account, url, page, kind string, data any, due time.Time) {
	if len(s.world.letters) >= maxLetters {
		s.log.Warn("sandbox.letter_dropped", "account", account, "waiting", len(s.world.letters))
		return
	}
	l := &letter{ID: newID(tag), Account: account, URL: url, Page: page, DueAt: due}
	body, err := json.Marshal(struct {
		ID      string    `json:"id"`
		Type    string    `json:"type,omitempty"`
		Account string    `json:"account"`
		Created time.Time `json:"created"`
		Data    any       `json:"data"`
	}{l.ID, kind, account, s.now(), data})
	if err != nil {
		panic("sandbox letter " + l.ID + ": " + err.Error()) // plain structs always marshal
	}
	l.Body = string(body)
	s.world.letters[l.ID] = l
	s.write(record{Letter: l})
	s.outbox.add(entry{due: due, letter: l})
	s.ring()
}

// send tries a letter once and arranges what follows.
func (s *Sandbox) send(ctx context.Context, l *letter) {
	err := s.deliver(ctx, l)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sending--
	defer s.ring()
	if err != nil && ctx.Err() != nil {
		return // stopped, not refused: it is sent again after the restart
	}
	l.Tries++
	if err != nil && l.Tries <= len(sendAgainAfter) {
		l.DueAt = s.now().Add(sendAgainAfter[l.Tries-1])
		s.outbox.add(entry{due: l.DueAt, letter: l})
		s.write(record{Letter: l})
		return
	}
	if err != nil {
		s.log.Warn("sandbox.letter_given_up", "letter", l.ID, "account", l.Account, "tries", l.Tries)
	} else if o := s.world.byPage[l.Page]; o != nil {
		o.toldAt = s.now()
	}
	delete(s.world.letters, l.ID)
	s.write(record{Done: l.ID})
}

// deliver sends a letter, signed at this moment: receivers refuse a signature of five minutes ago.
func (s *Sandbox) deliver(ctx context.Context, l *letter) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.URL, bytes.NewReader([]byte(l.Body)))
	if err != nil {
		return fmt.Errorf("send letter %s: %w", l.ID, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Sandbox-Signature", sign(s.password(l.Account), s.now().Unix(), []byte(l.Body)))
	res, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("send letter %s: %w", l.ID, err)
	}
	defer res.Body.Close()
	io.Copy(io.Discard, io.LimitReader(res.Body, maxBody)) // so that the connection can be used again
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("send letter %s: answered %d", l.ID, res.StatusCode)
	}
	return nil
}

// password is the secret of an account: what it logs in with, and what letters to it are signed with.
func (s *Sandbox) password(account string) string {
	mac := hmac.New(sha256.New, s.cfg.Master)
	mac.Write([]byte(account))
	return hex.EncodeToString(mac.Sum(nil))
}

// sign makes the value of the header Sandbox-Signature.
func sign(key string, unix int64, body []byte) string {
	t := strconv.FormatInt(unix, 10)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
