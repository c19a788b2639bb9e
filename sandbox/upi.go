package sandbox

import (
	"net/http"
	"strings"

	"paylink"
)

// outcomeSays is what the buttons of the UPI app and of the phone page's bank say.
var outcomeSays = map[outcome]string{
	success:   "Approve",
	declined:  "Decline",
	pending:   "Leave pending",
	late:      "Approve late",
	unknown:   "Bank does not answer",
	duplicate: "Debit twice",
}

func (s *Sandbox) showUPI(w http.ResponseWriter, r *http.Request) {
	if o, v, ok := s.find(w, r, paylink.MethodUPI); ok {
		s.render(w, r, http.StatusOK, o.ReturnURL, upiPage(v))
	}
}

// payByUPI answers the pretend UPI app: a button, or an app whose name is its answer.
func (s *Sandbox) payByUPI(w http.ResponseWriter, r *http.Request) {
	o, v, ok := s.find(w, r, paylink.MethodUPI)
	if !ok {
		return
	}
	app := r.PostFormValue("app")
	if chosen := outcome(r.PostFormValue("outcome")); chosen.valid() {
		app = "test_" + string(chosen)
	}
	name, known := strings.CutPrefix(app, "test_")
	switch {
	case v.Closed != "":
		http.Redirect(w, r, o.ReturnURL, http.StatusSeeOther)
	case !known || !outcome(name).valid():
		s.render(w, r, http.StatusUnprocessableEntity, o.ReturnURL, upiPage(v))
	default:
		s.settle(w, r, o, ruling{Outcome: outcome(name), Details: paylink.MethodDetails{App: app}})
	}
}
