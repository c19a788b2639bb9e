package audit

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"paylink"
	"paylink/store"
)

// said gives the text of an event from its payment on, with the brace that ends the event behind it, and
// the payment's state; false when the event names no payment or says nothing of its state. The text is
// ours to the byte, as its hash proves, so a payment's own part of it begins where its key stands with an
// object behind it: inside a text the quotes would be escaped.
func said(e *store.Entry) (text string, status paylink.PaymentStatus, ok bool) {
	if e.Payment == "" {
		return "", "", false
	}
	const key = `"payment":`
	at := strings.Index(e.Data, key+"{")
	if at < 0 {
		return "", "", false
	}
	text = e.Data[at+len(key):]
	_, state, ok := strings.Cut(text, `"status":"`)
	state, _, _ = strings.Cut(state, `"`)
	return text, paylink.PaymentStatus(state), ok
}

// hear takes in what an event says of its payment, and judges the move that it tells of.
func (g *glance) hear(e *store.Entry) {
	text, to, ok := said(e)
	if !ok {
		return
	}
	t := g.told[e.Payment]
	if t == nil {
		t = &told{link: e.Link, live: e.Live}
		g.told[e.Payment] = t
	}
	from := t.status
	t.status, t.last, t.place, t.text = to, e.ID, e.Sequence, ""
	if len(g.told) <= keptTexts {
		t.text = text
	}
	switch {
	case from == "" && !mayBegin(to):
		g.note(t.finding(RuleMove, e.Payment, fmt.Sprintf("the first that is told of the payment is %s", to)))
	case from != "" && !mayFollow(from, to):
		g.note(t.finding(RuleMove, e.Payment, fmt.Sprintf("%s may not follow %s", to, from)))
	}
}

// untold is the state that a payment takes without an event: the customer is shown what the gateway asks.
const untold = paylink.PaymentActionRequired

// mayBegin tells whether a state may be the first that is told.
func mayBegin(s paylink.PaymentStatus) bool {
	return s == paylink.PaymentMachine.Start || s == paylink.PaymentCaptured
}

// mayFollow tells whether one told state may follow another, or be told again.
func mayFollow(from, to paylink.PaymentStatus) bool {
	can := paylink.PaymentMachine.Can
	return from == to || can(from, to) || can(from, untold) && can(untold, to)
}

// judgePayment holds a payment to its last event, and counts it for its link.
func (g *glance) judgePayment(p paylink.Payment) error {
	s := g.sums[p.Link]
	if s == nil {
		s = &sums{}
		g.sums[p.Link] = s
	}
	s.add(p)
	if g.memory != nil {
		if !g.memory.proves(p) {
			g.note(Finding{Rule: RuleSnapshot, Link: p.Link, Payment: p.ID, Detail: "the payment is not what was heard of it"})
		}
		return nil
	}
	t := g.told[p.ID]
	if t == nil || t.link != p.Link {
		g.note(Finding{Rule: RuleSnapshot, Link: p.Link, Mode: mode(p.Live), Payment: p.ID, Detail: "no event of the link tells of the payment"})
		return nil
	}
	delete(g.told, p.ID)
	is := p.Snapshot()
	if saysSame(t.text, *is) {
		return nil
	}
	said, err := g.lastWord(t)
	if err != nil {
		return err
	}
	if said == nil {
		g.note(t.finding(RuleSnapshot, p.ID, "what its last event says cannot be read"))
	} else if field := differs(*said, *is); field != "" {
		g.note(t.finding(RuleSnapshot, p.ID, "the payment's "+field+" is not what its last event said"))
	}
	return nil
}

// saysSame tells whether an event's text says of a payment what it is, without understanding the text:
// nearly every payment is told so, and reading takes five times as long as writing. What is not said in
// the same words, by another version above all, is understood and compared by differs.
func saysSame(text string, is paylink.PaymentSnapshot) bool {
	want, err := json.Marshal(is)
	text, ok := strings.CutSuffix(text, "}")
	return err == nil && ok && plain(text) == plain(string(want))
}

// plain writes a payment's text with its times as the database keeps them, in whole microseconds.
func plain(text string) string {
	b := make([]byte, 0, 1024)
	for _, name := range []string{`"created_at":"`, `"updated_at":"`, `"captured_at":"`} {
		head, rest, ok := strings.Cut(text, name)
		at, tail, fine := strings.Cut(rest, `"`)
		if !ok || !fine {
			break
		}
		b = append(append(b, head...), name...)
		if whole, part, ok := strings.Cut(at, "."); ok && len(part) > len("000000Z") && strings.HasSuffix(part, "Z") {
			at = strings.TrimRight(strings.TrimRight(whole+"."+part[:6], "0"), ".") + "Z"
		}
		b = append(append(b, at...), '"')
		text = tail
	}
	return string(append(b, text...))
}

// lastWord reads the payment in the last event that tells of it; nil when it cannot be read.
func (g *glance) lastWord(t *told) (*paylink.PaymentSnapshot, error) {
	if t.text == "" {
		e, err := g.read.Event(g.merchant, t.live, t.last)
		return e.Data.Payment, err
	}
	var s paylink.PaymentSnapshot
	if whole, ok := strings.CutSuffix(t.text, "}}"); ok && json.Unmarshal([]byte(whole+"}"), &s) == nil {
		return &s, nil // nothing stands behind the payment
	}
	if json.NewDecoder(strings.NewReader(t.text)).Decode(&s) != nil {
		return nil, nil
	}
	return &s, nil
}

// learned are the fields that may change together with an untold state.
var learned = map[string]bool{
	"status": true, "updated_at": true, "method": true, "method_details": true, "gateway_reference": true, "bank_reference": true,
	"decline": true,
}

// differs names the first field in which a payment is not what was said of it; empty when there is none.
func differs(said, is paylink.PaymentSnapshot) string {
	moved := is.Status == untold && said.Status != untold && paylink.PaymentMachine.Can(said.Status, untold)
	said.CreatedAt, said.UpdatedAt = stored(said.CreatedAt), stored(said.UpdatedAt)
	if said.CapturedAt != nil {
		at := stored(*said.CapturedAt)
		said.CapturedAt = &at
	}
	if reflect.DeepEqual(said, is) {
		return ""
	}
	a, b := reflect.ValueOf(said), reflect.ValueOf(is)
	for i := range a.NumField() {
		name := a.Type().Field(i).Tag.Get("json")
		if !(moved && learned[name]) && !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			return name
		}
	}
	return ""
}

// stored is a time as the database keeps it.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
