package paypage

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"paylink"
	"paylink/checkout"
	"paylink/locale"
)

// answerField begins the name of a question's field; its key follows. answerPointer does the same in
// what checkout says about an answer.
const (
	answerField   = "answer_"
	answerPointer = "/answers/"

	longestAnswer = 500 // characters
)

// questionView is a question as the form asks it.
type questionView struct {
	Field, Label string
	Number       bool
	Choices      []string // a choice's
	Required     bool
	Longest      string // characters
	Value        string // what was answered before
	Fault        string // what is wrong with it; empty: nothing
}

func (v *view) questions(questions []paylink.Question) []questionView {
	var all []questionView
	for _, q := range questions {
		view := questionView{
			Field: answerField + q.Key, Label: locale.Plain(q.Label, longestSubject), Number: q.Type == paylink.QuestionNumber,
			Required: q.Required, Longest: strconv.Itoa(q.Longest()),
		}
		if q.Type == paylink.QuestionChoice {
			view.Choices = q.Choices
		}
		all = append(all, view)
	}
	return all
}

// answersOf reads the form's answers by the keys of their questions; nil when it asked none.
func answersOf(form url.Values) map[string]string {
	var answers map[string]string
	for name := range form {
		if key, ok := strings.CutPrefix(name, answerField); ok {
			if answers == nil {
				answers = map[string]string{}
			}
			answers[key] = form.Get(name)
		}
	}
	return answers
}

// refused shows the page again after a choice that cannot be, with what was chosen.
func (h *Handler) refused(w http.ResponseWriter, r *http.Request, a address, c checkout.Choice, err error) bool {
	var invalid *paylink.Invalid
	if !errors.As(err, &invalid) || len(invalid.Fields) == 0 {
		return false
	}
	h.showAgain(w, r, a, noteFor(invalid), c, invalid)
	return true
}

// showAgain shows the form once more, with what was chosen and what is wrong with it; invalid may be nil.
// Answers are personal and never stand in an address: a form that holds some is answered by the page
// itself, every other one leads to an address that says what was chosen.
func (h *Handler) showAgain(w http.ResponseWriter, r *http.Request, a address, n note, c checkout.Choice, invalid *paylink.Invalid) {
	if len(c.Answers) == 0 {
		if n == noteChoose {
			h.back(w, r, a, n)
			return
		}
		h.seeOther(w, r, a.base()+"?"+kept(n, c, wantsAgain(r)))
		return
	}
	page, err := h.Checkout.Open(r.Context(), a.code, h.visitor(r))
	if err != nil {
		h.fail(w, r, err)
		return
	}
	status := http.StatusUnprocessableEntity
	if n == "" {
		status = http.StatusOK
	}
	if n == noteAnswers {
		n = "" // each question says what is wrong with its answer
	}
	asked := r.Clone(r.Context())
	asked.URL.RawQuery = kept(n, c, wantsAgain(r))
	v := h.view(asked, a, page)
	for i := range v.Picks.Questions {
		v.answer(&v.Picks.Questions[i], c, invalid)
	}
	h.render(w, r, status, v, page.PageOrigins)
}

// answer fills in what was answered to a question, and what is wrong with it.
func (v *view) answer(q *questionView, c checkout.Choice, invalid *paylink.Invalid) {
	key := strings.TrimPrefix(q.Field, answerField)
	q.Value = locale.Plain(c.Answers[key], longestAnswer)
	if invalid == nil {
		return
	}
	for _, f := range invalid.Fields {
		if f.Pointer == answerPointer+key {
			q.Fault = v.Lang.T("answer."+f.Code, "n", v.Lang.Digits(q.Longest))
		}
	}
}

// marks tie a field to what is wrong with it, for readers of the screen.
func (q questionView) marks() templ.Attributes {
	if q.Fault == "" {
		return templ.Attributes{}
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": q.Field + "-fault"}
}

func anyFault(questions []questionView) bool {
	return slices.ContainsFunc(questions, func(q questionView) bool { return q.Fault != "" })
}
