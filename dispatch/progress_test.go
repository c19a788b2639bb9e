package dispatch

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"paylink"
)

var made = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func second(n int) time.Time { return made.Add(time.Duration(n) * time.Second) }

// Receipts arrive in whatever order the network likes; the message must end the same, and each stage
// must be told once.
func TestReceiptsInAnyOrderEndTheSame(t *testing.T) {
	at := map[paylink.MessageStatus]time.Time{
		paylink.MessageSent: second(1), paylink.MessageFailed: second(2), paylink.MessageDelivered: second(3), paylink.MessageRead: second(4),
	}
	for _, set := range []struct {
		words []paylink.MessageStatus
		want  paylink.Message
		told  []paylink.EventType
	}{
		{[]paylink.MessageStatus{"sent", "delivered", "read"},
			paylink.Message{Status: "read", SentAt: second(1), DeliveredAt: second(3), ReadAt: second(4)},
			[]paylink.EventType{"message.sent", "message.delivered", "message.read"}},
		{[]paylink.MessageStatus{"sent", "failed", "delivered", "delivered"},
			paylink.Message{Status: "delivered", SentAt: second(1), DeliveredAt: second(3)},
			[]paylink.EventType{"message.sent", "message.delivered"}},
		{[]paylink.MessageStatus{"sent", "failed", "failed"},
			paylink.Message{Status: "failed", SentAt: second(1), FailedAt: second(2), ErrorCode: "code"},
			[]paylink.EventType{"message.sent", "message.failed"}},
	} {
		for words := range permutations(set.words) {
			m := paylink.Message{Status: paylink.MessageQueued, CreatedAt: made}
			told := map[paylink.EventType]int{}
			for _, status := range words {
				for _, s := range apply(&m, word{status: status, code: "code", at: at[status], reference: "sbx_1"}) {
					told[s.kind]++
				}
			}
			want := set.want
			want.CreatedAt, want.ProviderReference = made, "sbx_1"
			// Only the receipt of sending itself knows that time exactly; a later stage implies one.
			if !m.SentAt.Equal(want.SentAt) && words[0] != paylink.MessageSent {
				m.SentAt = want.SentAt
			}
			if !reflect.DeepEqual(m, want) {
				t.Errorf("%v: %+v, want %+v", words, m, want)
			}
			for kind, n := range told {
				if n != 1 {
					t.Errorf("%v: %s was told %d times", words, kind, n)
				}
			}
			last := set.told[len(set.told)-1]
			if told[last] != 1 {
				t.Errorf("%v: told %v, not %s", words, told, last)
			}
		}
	}
}

// A single receipt that skips stages implies them, in order; one that comes too late says nothing.
func TestWordsTellWhatTheyImply(t *testing.T) {
	for _, row := range []struct {
		from paylink.MessageStatus
		word paylink.MessageStatus
		to   paylink.MessageStatus
		told []paylink.EventType
	}{
		{"queued", "sent", "sent", []paylink.EventType{"message.sent"}},
		{"queued", "read", "read", []paylink.EventType{"message.sent", "message.delivered", "message.read"}},
		{"unknown", "delivered", "delivered", []paylink.EventType{"message.sent", "message.delivered"}},
		{"queued", "blocked", "blocked", []paylink.EventType{"message.blocked"}},
		{"queued", "skipped", "skipped", []paylink.EventType{"message.skipped"}},
		{"queued", "unknown", "unknown", nil},
		{"unknown", "failed", "failed", []paylink.EventType{"message.failed"}},
		{"failed", "delivered", "delivered", []paylink.EventType{"message.delivered"}},
		{"blocked", "read", "read", []paylink.EventType{"message.delivered", "message.read"}},
		{"failed", "sent", "failed", nil},
		{"delivered", "failed", "delivered", nil},
		{"delivered", "sent", "delivered", nil},
		{"read", "delivered", "read", nil},
		{"skipped", "delivered", "skipped", nil},
		{"sent", "skipped", "sent", nil},
		{"sent", "unknown", "sent", nil},
	} {
		m := paylink.Message{Status: row.from, CreatedAt: made}
		var told []paylink.EventType
		for _, s := range apply(&m, word{status: row.word, at: second(1)}) {
			told = append(told, s.kind)
			if tellings[s.message.Status] != s.kind {
				t.Errorf("%s hears %s: %s shows a message that is %s", row.from, row.word, s.kind, s.message.Status)
			}
		}
		if m.Status != row.to || !slices.Equal(told, row.told) {
			t.Errorf("%s hears %s: %s %v, want %s %v", row.from, row.word, m.Status, told, row.to, row.told)
		}
		if row.from != row.to && !paylink.MessageMachine.Can(row.from, row.to) && len(told) < 2 {
			t.Errorf("%s to %s is not in the table of states", row.from, row.to)
		}
	}
}

// A carrier reports a failure before its answer to our call has reached us: the merchant hears that the
// message was sent, and then that it failed, as in every other order.
func TestReportOfAFailureImpliesTheSending(t *testing.T) {
	for _, row := range []struct {
		from, word, to paylink.MessageStatus
		told           string
	}{
		{"queued", "failed", "failed", "[message.sent message.failed]"},
		{"unknown", "blocked", "blocked", "[message.sent message.blocked]"},
		{"sent", "failed", "failed", "[message.failed]"},
		{"delivered", "failed", "delivered", "[]"},
		{"skipped", "failed", "skipped", "[]"},
	} {
		m := paylink.Message{Status: row.from, CreatedAt: made}
		told := []paylink.EventType{}
		for _, s := range report(&m, word{status: row.word, at: second(1), code: "bounced"}) {
			told = append(told, s.kind)
		}
		if m.Status != row.to || fmt.Sprint(told) != row.told {
			t.Errorf("%s hears %s: %s %v, want %s %s", row.from, row.word, m.Status, told, row.to, row.told)
		}
	}
}

// A carrier's clock is wrong by years, and a message is delivered before it was written.
func TestNothingHappensBeforeTheMessage(t *testing.T) {
	m := paylink.Message{Status: paylink.MessageSent, CreatedAt: made, SentAt: second(1)}
	apply(&m, word{status: paylink.MessageDelivered, at: made.AddDate(-1, 0, 0)})
	if !m.DeliveredAt.Equal(made) {
		t.Errorf("delivered at %s", m.DeliveredAt)
	}
}

// permutations yields every order of the words.
func permutations[T any](words []T) func(yield func([]T) bool) {
	return func(yield func([]T) bool) {
		var walk func(done, rest []T) bool
		walk = func(done, rest []T) bool {
			if len(rest) == 0 {
				return yield(done)
			}
			for i := range rest {
				next := slices.Concat(rest[:i], rest[i+1:])
				if !walk(append(slices.Clone(done), rest[i]), next) {
					return false
				}
			}
			return true
		}
		walk(nil, words)
	}
}
