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
		rows[i] = questionForm{get("label"), get("type"), get("choices"), get("required") == "yes"}
	}
	return rows
}

// questions are the rows in which anything was asked, each with a key of its own: q1, q2, q3.
func (f form) questions() []paylink.Question {
	var all []paylink.Question
	for i, row := range f.Questions {
		if row.Label == "" && row.Choices == "" {
			continue
		}
		q := paylink.Question{Key: "q" + strconv.Itoa(i+1), Label: row.Label, Type: paylink.QuestionType(row.Type), Required: row.Required}
		for choice := range strings.Lines(lines(row.Choices)) {
			if choice = strings.TrimSpace(choice); choice != "" {
				q.Choices = append(q.Choices, choice)
			}
		}
		all = append(all, q)
	}
	return all
}

func (s sums) asks() bool {
	for _, q := range s.Questions {
		if q.Label+q.Choices != "" {
			return true
		}
	}
	return false
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
