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

// hear takes in what an event says of its payment, and judges the move that it tells of. The event's
// text is ours to the byte, as its hash proves, so a payment's own part of it begins where its key stands
// with an object behind it: inside a text the quotes would be escaped.
func (g *glance) hear(e *store.Entry) {
	said, ok := after(e.Data, `"payment":{`)
	status, fine := after(said, `"status":"`)
	if !ok || !fine {
		return // it names a payment and says nothing of its state
	}
	status, _, _ = strings.Cut(status, `"`)
	to := paylink.PaymentStatus(status)
	t := g.told[e.Payment]
	if t == nil {
		t = &told{link: e.Link, live: e.Live}
		g.told[e.Payment] = t
	}
	from := t.status
	t.status, t.last, t.place, t.text = to, e.ID, e.Sequence, ""
	if len(g.told) <= keptTexts {
		t.text = e.Data
	}
	switch {
	case from == "" && to != paylink.PaymentMachine.Start && to != paylink.PaymentCaptured:
		g.note(t.finding(RuleMove, e.Payment, fmt.Sprintf("the first that is told of the payment is %s", to)))
	case from != "" && from != to && !mayFollow(from, to):
		g.note(t.finding(RuleMove, e.Payment, fmt.Sprintf("%s may not follow %s", to, from)))
	}
}

// untold is the state that a payment takes without an event: the customer is shown what the gateway asks.
const untold = paylink.PaymentActionRequired

// mayFollow tells whether one told state may follow another.
func mayFollow(from, to paylink.PaymentStatus) bool {
	can := paylink.PaymentMachine.Can
	return can(from, to) || can(from, untold) && can(untold, to)
}

// judgePayment holds a payment to its last event, and counts it for its link.
func (g *glance) judgePayment(p paylink.Payment) error {
	s := g.sums[p.Link]
	if s == nil {
		s = &sums{}
		g.sums[p.Link] = s
	}
	s.add(p)
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
// the same words, by another version or with finer times, is understood and compared by differs.
func saysSame(text string, is paylink.PaymentSnapshot) bool {
	want, err := json.Marshal(is)
	if err != nil {
		return false
	}
	const times = `"created_at":"`
	head, tail, _ := strings.Cut(string(want), times)
	rest, ok := after(text, `"payment":`)
	rest, same := strings.CutPrefix(rest, head+times)
	return ok && same && sameTimes(rest, tail)
}

// sameTimes compares what ends a payment's text, its three times, as far as the database keeps them.
func sameTimes(said, is string) bool {
	for _, end := range []string{`","updated_at":"`, `","captured_at":`, `}`} {
		a, moreSaid, ok := strings.Cut(said, end)
		b, moreIs, fine := strings.Cut(is, end)
		if !ok || !fine || a != b && !sameTime(strings.Trim(a, `"`), strings.Trim(b, `"`)) {
			return false
		}
		said, is = moreSaid, moreIs
	}
	return true
}

func sameTime(a, b string) bool {
	one, err := time.Parse(time.RFC3339Nano, a)
	other, otherErr := time.Parse(time.RFC3339Nano, b)
	return err == nil && otherErr == nil && stored(one).Equal(stored(other))
}

// lastWord reads the payment in the last event that tells of it; nil when it cannot be read.
func (g *glance) lastWord(t *told) (*paylink.PaymentSnapshot, error) {
	if t.text == "" {
		e, err := g.read.Event(g.merchant, t.live, t.last)
		return e.Data.Payment, err
	}
	said, _ := after(t.text, `"payment":`)
	var s paylink.PaymentSnapshot
	if whole, ok := strings.CutSuffix(said, "}}"); ok && json.Unmarshal([]byte(whole+"}"), &s) == nil {
		return &s, nil // nothing stands behind the payment
	}
	if json.NewDecoder(strings.NewReader(said)).Decode(&s) != nil {
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

// after gives what stands behind a part of a text.
func after(text, part string) (string, bool) {
	_, rest, ok := strings.Cut(text, part)
	return rest, ok
}
