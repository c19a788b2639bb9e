package paylink

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// QuestionType says what an answer looks like.
type QuestionType string

const (
	QuestionText   QuestionType = "text"
	QuestionNumber QuestionType = "number" // a decimal number, as it was typed
	QuestionChoice QuestionType = "choice" // one of Choices
)

// QuestionTypes lists the types, in the order in which forms show them.
var QuestionTypes = []QuestionType{QuestionText, QuestionNumber, QuestionChoice}

// Question is one thing that a page asks before a payment starts, in the merchant's words.
type Question struct {
	Key           string       `json:"key" minLength:"1" maxLength:"40" pattern:"^[a-z][a-z0-9_]*$" doc:"yours: by it the answer is found; each once"`
	Label         string       `json:"label" minLength:"1" maxLength:"100" doc:"what the page asks"`
	Type          QuestionType `json:"type" enum:"text,number,choice" doc:"what an answer looks like"`
	Choices       []string     `json:"choices,omitempty" minItems:"2" maxItems:"20" doc:"for choice only: the answers that there are, each of at most 60 characters"`
	Required      bool         `json:"required,omitempty" doc:"no payment starts without an answer"`
	MaximumLength int64        `json:"maximum_length,omitempty" minimum:"1" maximum:"500" doc:"for text only: the longest answer in characters; 200 when absent"`
}

// Longest is how many characters an answer may have.
func (q Question) Longest() int {
	switch {
	case q.Type == QuestionNumber:
		return 30
	case q.MaximumLength > 0:
		return int(q.MaximumLength)
	}
	return 200
}

// Reply is one answer in clear: personal data, for the merchant and the one who paid.
type Reply struct{ Key, Label, Value string }

// Replies judges what a customer answered, by the keys of the questions. It gives the answers in the
// order of the questions, those that were left out not among them, or *Invalid with everything that is
// wrong, the pointers being /answers/{key} and the codes required, too_long, bad_characters, not_a_number
// or unknown_value. What was not asked is not kept.
func (t Terms) Replies(given map[string]string) ([]Reply, error) {
	var replies []Reply
	var wrong Invalid
	for _, q := range t.Questions {
		value := strings.TrimSpace(given[q.Key])
		if code, detail := q.judge(value); code != "" {
			wrong.Add("/answers/"+q.Key, code, detail)
		} else if value != "" {
			replies = append(replies, Reply{q.Key, q.Label, value})
		}
	}
	return replies, wrong.OrNil()
}

func (q Question) judge(value string) (code, detail string) {
	switch {
	case value == "" && q.Required:
		return "required", "This question needs an answer."
	case value == "":
		return "", ""
	case utf8.RuneCountInString(value) > q.Longest():
		return "too_long", fmt.Sprintf("The answer must have at most %d characters.", q.Longest())
	case !utf8.ValidString(value) || strings.ContainsFunc(value, unreadable):
		return "bad_characters", "The answer must stand on one line and hold no control characters."
	case q.Type == QuestionNumber && !decimal(value):
		return "not_a_number", "The answer must be a number, such as 12 or 3.5."
	case q.Type == QuestionChoice && !slices.Contains(q.Choices, value):
		return "unknown_value", "The answer must be one of those that are offered."
	}
	return "", ""
}

// unreadable tells characters that hide in a text or turn its direction.
func unreadable(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// decimal tells a number with digits, at most one point between them, and a sign before them.
func decimal(s string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return whole != "" && digits(whole) && digits(fraction) && point == (fraction != "")
}

// Answer is a reply as it is kept: the label as it was asked, and the value sealed. Without Sealed it was
// erased.
type Answer struct {
	Key    string `json:"key"`
	Label  string `json:"label"`
	Sealed []byte `json:"sealed,omitempty"`
}

// AnswerSnapshot is an answer as others see it. In events the value is null, since it is personal.
type AnswerSnapshot struct {
	Key   string  `json:"key" doc:"of the question"`
	Label string  `json:"label" doc:"as it was asked"`
	Value *string `json:"value" doc:"what the customer answered; null in events, and when it was erased"`
}

// answersPurpose names the key that answers are sealed with.
const answersPurpose = "payment/answers"

// SealReplies keeps the replies with the payment, whose id they are bound to. seal is a key ring's.
func (p *Payment) SealReplies(seal func(purpose string, plaintext, bound []byte) []byte, replies []Reply) {
	p.Answers = nil
	for _, r := range replies {
		p.Answers = append(p.Answers, Answer{r.Key, r.Label, seal(answersPurpose, []byte(r.Value), p.answerBound(r.Key))})
	}
}

// Replies opens the payment's answers for those who may read them; one that was erased is left out.
// unseal is a key ring's.
func (p Payment) Replies(unseal func(purpose string, sealed, bound []byte) ([]byte, error)) ([]Reply, error) {
	var replies []Reply
	for _, a := range p.Answers {
		if len(a.Sealed) == 0 {
			continue
		}
		value, err := unseal(answersPurpose, a.Sealed, p.answerBound(a.Key))
		if err != nil {
			return nil, fmt.Errorf("open the answers of payment %s: %w", p.ID, err)
		}
		replies = append(replies, Reply{a.Key, a.Label, string(value)})
	}
	return replies, nil
}

func (p Payment) answerBound(key string) []byte { return []byte(string(p.ID) + "/" + key) }

// WithReplies gives the snapshot with the answers in clear. Those that are not among the replies are null.
func (s PaymentSnapshot) WithReplies(replies []Reply) PaymentSnapshot {
	s.Answers = slices.Clone(s.Answers)
	for i, a := range s.Answers {
		for _, r := range replies {
			if r.Key == a.Key {
				s.Answers[i].Value = &r.Value
			}
		}
	}
	return s
}

func answerSnapshots(answers []Answer) []AnswerSnapshot {
	var all []AnswerSnapshot
	for _, a := range answers {
		all = append(all, AnswerSnapshot{Key: a.Key, Label: a.Label})
	}
	return all
}
