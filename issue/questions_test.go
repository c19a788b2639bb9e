package issue_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// A question that nobody can answer makes a link that nobody can pay; one with an odd key breaks a form.
func TestQuestionsAreJudged(t *testing.T) {
	text := func(change func(*paylink.Question)) []paylink.Question {
		q := paylink.Question{Key: "name", Label: "Name", Type: paylink.QuestionText}
		change(&q)
		return []paylink.Question{q}
	}
	several := func(n int) (choices []string) {
		for i := range n {
			choices = append(choices, fmt.Sprint("choice ", i))
		}
		return choices
	}
	rows := []struct {
		questions []paylink.Question
		want      string
	}{
		{nil, ""},
		{text(func(*paylink.Question) {}), ""},
		{text(func(q *paylink.Question) { q.MaximumLength = 500 }), ""},
		{text(func(q *paylink.Question) { q.Type, q.Choices = paylink.QuestionChoice, several(20) }), ""},
		{text(func(q *paylink.Question) { q.Label = "नाम" }), ""},
		{slices.Repeat(text(func(*paylink.Question) {}), 4), "/questions too_many"},
		{slices.Repeat(text(func(*paylink.Question) {}), 2), "/questions/1/key duplicate_value"},
		{text(func(q *paylink.Question) { q.Key = "" }), "/questions/0/key required"},
		{text(func(q *paylink.Question) { q.Key = "Size" }), "/questions/0/key bad_characters"},
		{text(func(q *paylink.Question) { q.Key = "a/b" }), "/questions/0/key bad_characters"},
		{text(func(q *paylink.Question) { q.Key = strings.Repeat("k", 41) }), "/questions/0/key too_long"},
		{text(func(q *paylink.Question) { q.Label = "" }), "/questions/0/label required"},
		{text(func(q *paylink.Question) { q.Label = strings.Repeat("x", 101) }), "/questions/0/label too_long"},
		{text(func(q *paylink.Question) { q.Label = "a\u202eb" }), "/questions/0/label bad_characters"},
		{text(func(q *paylink.Question) { q.Type = "date" }), "/questions/0/type unknown_value"},
		{text(func(q *paylink.Question) { q.Choices = several(2) }), "/questions/0/choices conflicting"},
		{text(func(q *paylink.Question) { q.Type, q.Choices = paylink.QuestionChoice, several(1) }), "/questions/0/choices required"},
		{text(func(q *paylink.Question) { q.Type, q.Choices = paylink.QuestionChoice, several(21) }), "/questions/0/choices too_many"},
		{text(func(q *paylink.Question) { q.Type, q.Choices = paylink.QuestionChoice, []string{"S", "S"} }), "/questions/0/choices/1 duplicate_value"},
		{text(func(q *paylink.Question) { q.Type, q.Choices = paylink.QuestionChoice, []string{"S", ""} }), "/questions/0/choices/1 required"},
		{text(func(q *paylink.Question) { q.MaximumLength = 501 }), "/questions/0/maximum_length too_large"},
		{text(func(q *paylink.Question) { q.MaximumLength = -1 }), "/questions/0/maximum_length too_small"},
		{text(func(q *paylink.Question) { q.Type, q.MaximumLength = paylink.QuestionNumber, 5 }), "/questions/0/maximum_length conflicting"},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for i, row := range rows {
			d := draft()
			d.Reference, d.Terms.Questions = fmt.Sprint("row-", i), row.questions
			made, err := w.issuer.Create(t.Context(), w.actor(), d, nil)
			if got := wrong(err); got != row.want {
				t.Errorf("%+v: %s, want %s (%v)", row.questions, got, row.want, err)
			}
			if err == nil && !reflect.DeepEqual(w.link(made.Link.ID).Terms.Questions, row.questions) {
				t.Errorf("kept as %+v", w.link(made.Link.ID).Terms.Questions)
			}
		}
	})
}
