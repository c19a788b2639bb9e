package paylink_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"paylink"
)

var badge = paylink.Terms{Questions: []paylink.Question{
	{Key: "name", Label: "Name on the badge", Type: paylink.QuestionText, Required: true, MaximumLength: 5},
	{Key: "guests", Label: "Guests", Type: paylink.QuestionNumber},
	{Key: "size", Label: "Size", Type: paylink.QuestionChoice, Choices: []string{"S", "M"}},
}}

// An answer that cannot be is kept as one that can, or one that can is refused: the merchant packs the
// wrong size, or the customer cannot pay.
func TestAnswersAreJudgedByTheirQuestions(t *testing.T) {
	for _, c := range []struct {
		given map[string]string
		want  string // the replies, or what is wrong
	}{
		{map[string]string{"name": "Asha", "guests": "2", "size": "M"}, "name=Asha guests=2 size=M"},
		{map[string]string{"name": "  Asha ", "guests": " "}, "name=Asha"},
		{map[string]string{"name": "आशा", "guests": "-1.5"}, "name=आशा guests=-1.5"},
		{map[string]string{"name": "Asha", "shoe": "44"}, "name=Asha"},
		{nil, "/answers/name required"},
		{map[string]string{"name": "  "}, "/answers/name required"},
		{map[string]string{"name": "Ashadi"}, "/answers/name too_long"},
		{map[string]string{"name": "a\nb"}, "/answers/name bad_characters"},
		{map[string]string{"name": "a\u202eb"}, "/answers/name bad_characters"},
		{map[string]string{"name": "a\xffb"}, "/answers/name bad_characters"},
		{map[string]string{"name": "a", "guests": "two"}, "/answers/guests not_a_number"},
		{map[string]string{"name": "a", "guests": "1e6"}, "/answers/guests not_a_number"},
		{map[string]string{"name": "a", "guests": "1."}, "/answers/guests not_a_number"},
		{map[string]string{"name": "a", "guests": "."}, "/answers/guests not_a_number"},
		{map[string]string{"name": "a", "guests": strings.Repeat("9", 31)}, "/answers/guests too_long"},
		{map[string]string{"name": "a", "size": "s"}, "/answers/size unknown_value"},
		{map[string]string{"guests": "x", "size": "XXL"}, "/answers/name required, /answers/guests not_a_number, /answers/size unknown_value"},
	} {
		replies, err := badge.Replies(c.given)
		var texts []string
		for _, r := range replies {
			texts = append(texts, r.Key+"="+r.Value)
		}
		got := strings.Join(texts, " ")
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "invalid: ")
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.given, got, c.want)
		}
	}
}

// Answers are bound to their payment and question, so that one that is moved to another row opens nowhere;
// one that was erased is left out, and stays null in a snapshot.
func TestAnswersAreSealedToTheirPayment(t *testing.T) {
	seal := func(purpose string, plain, bound []byte) []byte {
		return fmt.Appendf(nil, "%s|%s|%s", purpose, bound, plain)
	}
	unseal := func(purpose string, sealed, bound []byte) ([]byte, error) {
		plain, ok := strings.CutPrefix(string(sealed), purpose+"|"+string(bound)+"|")
		if !ok {
			return nil, errors.New("not authentic")
		}
		return []byte(plain), nil
	}
	p := paylink.Payment{ID: "pay_1"}
	replies := []paylink.Reply{{Key: "name", Label: "Name", Value: "Asha"}, {Key: "size", Label: "Size", Value: "M"}}
	p.SealReplies(seal, replies)
	if got, err := p.Replies(unseal); err != nil || !reflect.DeepEqual(got, replies) {
		t.Errorf("opened %v, %v", got, err)
	}
	other := paylink.Payment{ID: "pay_2", Answers: p.Answers}
	if got, err := other.Replies(unseal); err == nil {
		t.Errorf("another payment opens %v", got)
	}
	p.Answers[0].Sealed = nil
	left, err := p.Replies(unseal)
	if err != nil || !reflect.DeepEqual(left, replies[1:]) {
		t.Errorf("after an erasure %v, %v", left, err)
	}
	bare := p.Snapshot()
	told := bare.WithReplies(left)
	if told.Answers[0].Value != nil || told.Answers[1].Value == nil || *told.Answers[1].Value != "M" || bare.Answers[1].Value != nil {
		t.Errorf("told %+v, in events %+v", told.Answers, bare.Answers)
	}
}
