package issue

import (
	"fmt"
	"regexp"
	"slices"

	"paylink"
)

// The limits of what a page asks besides the money.
const (
	maxQuestions = 3
	maxKey       = 40
	maxLabel     = 100
	minChoices   = 2
	maxChoices   = 20
	maxChoice    = 60
	maxAnswer    = 500
)

// questionKey is safe in a form's field name, in a JSON pointer and in a program.
var questionKey = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (j *judgement) questions(questions []paylink.Question) {
	const at = "/questions"
	if len(questions) > maxQuestions {
		j.bad.Add(at, "too_many", fmt.Sprintf("A link asks at most %d questions.", maxQuestions))
		return
	}
	for i, q := range questions {
		pointer := fmt.Sprintf("%s/%d", at, i)
		j.question(pointer, q)
		if slices.ContainsFunc(questions[:i], func(other paylink.Question) bool { return other.Key == q.Key }) {
			j.bad.Add(pointer+"/key", "duplicate_value", "Another question has this key.")
		}
	}
}

func (j *judgement) question(at string, q paylink.Question) {
	switch {
	case q.Key == "":
		j.bad.Add(at+"/key", "required", "The question has no key.")
	case len(q.Key) > maxKey:
		j.bad.Add(at+"/key", "too_long", fmt.Sprintf("The key must have at most %d characters.", maxKey))
	case !questionKey.MatchString(q.Key):
		j.bad.Add(at+"/key", "bad_characters", "The key must begin with a small letter and go on with small letters, digits and underscores.")
	}
	if q.Label == "" {
		j.bad.Add(at+"/label", "required", "The question has no label.")
	}
	j.text(at+"/label", q.Label, maxLabel, oneLine)
	if !slices.Contains(paylink.QuestionTypes, q.Type) {
		j.bad.Add(at+"/type", "unknown_value", oneOf(paylink.QuestionTypes))
		return
	}
	j.choices(at+"/choices", q)
	switch {
	case q.Type == paylink.QuestionText && q.MaximumLength != 0:
		j.within(at+"/maximum_length", q.MaximumLength, 1, maxAnswer)
	case q.MaximumLength != 0:
		j.bad.Add(at+"/maximum_length", "conflicting", "Only a text has a longest answer.")
	}
}

func (j *judgement) choices(at string, q paylink.Question) {
	switch {
	case q.Type != paylink.QuestionChoice && q.Choices != nil:
		j.bad.Add(at, "conflicting", "Only a question of the type choice has choices.")
		return
	case q.Type != paylink.QuestionChoice:
		return
	case len(q.Choices) < minChoices:
		j.bad.Add(at, "required", fmt.Sprintf("There must be at least %d choices.", minChoices))
		return
	case len(q.Choices) > maxChoices:
		j.bad.Add(at, "too_many", fmt.Sprintf("There must be at most %d choices.", maxChoices))
		return
	}
	for i, choice := range q.Choices {
		pointer := fmt.Sprintf("%s/%d", at, i)
		if choice == "" {
			j.bad.Add(pointer, "required", "The choice is empty.")
		}
		if j.text(pointer, choice, maxChoice, printable); slices.Contains(q.Choices[:i], choice) {
			j.bad.Add(pointer, "duplicate_value", "This is in the list already.")
		}
	}
}
