package dashboard

import (
	"net/http"
	"strconv"
	"strings"

	"paylink"
	"paylink/locale"
)

// questionForm is one question as it was typed.
type questionForm struct {
	Label, Type, Choices string // Choices: one in a line
	Required             bool
	Key, Longest         string // as a template has them; a new question gets a key of its own
}

const questionRows = 3 // as many as a link may ask

func readQuestions(r *http.Request) []questionForm {
	rows := make([]questionForm, questionRows)
	for i := range rows {
		get := func(name string) string {
			if all := r.PostForm["question_"+name]; i < len(all) {
				return strings.TrimSpace(all[i])
			}
			return ""
		}
		rows[i] = questionForm{get("label"), get("type"), get("choices"), get("required") == "yes", get("key"), get("longest")}
	}
	return rows
}

// questionOf is a question as a form shows it.
func questionOf(q paylink.Question) questionForm {
	f := questionForm{Label: q.Label, Type: string(q.Type), Choices: strings.Join(q.Choices, "\n"), Required: q.Required, Key: q.Key}
	if q.MaximumLength > 0 {
		f.Longest = strconv.FormatInt(q.MaximumLength, 10)
	}
	return f
}

// questions are the rows in which anything was asked, each with a key: the one that it has, or q1, q2, q3.
func (f pageForm) questions() []paylink.Question {
	var all []paylink.Question
	for i, row := range f.Questions {
		if row.Label == "" && row.Choices == "" {
			continue
		}
		q := paylink.Question{Key: row.Key, Label: row.Label, Type: paylink.QuestionType(row.Type), Required: row.Required}
		if q.Key == "" {
			q.Key = "q" + strconv.Itoa(i+1)
		}
		if longest, err := strconv.ParseInt(row.Longest, 10, 64); err == nil && q.Type == paylink.QuestionText {
			q.MaximumLength = longest
		}
		for choice := range strings.Lines(lines(row.Choices)) {
			if choice = strings.TrimSpace(choice); choice != "" {
				q.Choices = append(q.Choices, choice)
			}
		}
		all = append(all, q)
	}
	return all
}

var questionWords = map[paylink.QuestionType]string{
	paylink.QuestionText: "a text", paylink.QuestionNumber: "a number", paylink.QuestionChoice: "one of several",
}

// types offers the kinds of answers.
func (q questionForm) types() []choice {
	var all []choice
	for _, t := range paylink.QuestionTypes {
		all = append(all, choice{string(t), upperFirst(questionWords[t]), string(t) == q.Type})
	}
	return all
}

// questionFacts say what a link's page asks.
func questionFacts(questions []paylink.Question) []fact {
	var all []fact
	for _, q := range questions {
		text := word(questionWords, q.Type)
		if len(q.Choices) > 0 {
			text = strings.Join(q.Choices, ", ")
		}
		if !q.Required {
			text += " (optional)"
		}
		all = append(all, fact{"Asks: " + locale.Plain(q.Label, 100), text})
	}
	return all
}

// answers are what the customer answered before the payment.
func (d *Dashboard) answers(p paylink.Payment) ([]fact, error) {
	replies, err := p.Replies(d.Ring.Unseal)
	var all []fact
	for _, r := range replies {
		all = append(all, fact{locale.Plain(r.Label, 100), locale.Plain(r.Value, 500)})
	}
	return all, err
}
