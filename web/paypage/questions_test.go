package paypage

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"paylink"
)

// Whoever answers wrongly would have to type everything again, or would find it in the address of the
// page, from where it goes into histories and logs.
func TestWhatWasAnsweredStaysOnThePageAndInNoAddress(t *testing.T) {
	w := openWorld(t)
	l, code := w.link(func(l *paylink.Link) {
		l.Terms = asking(asked()).Link.Terms
		l.Terms.TermsURL = "https://acme.example/terms"
	})
	b := w.browser()
	form := url.Values{
		"token": {b.get("/" + code).token()}, "method": {"upi"}, "accept": {"yes"},
		"answer_badge": {`"><script>Ravi`}, "answer_guests": {"two"}, "answer_size": {"XXL"},
	}
	again := b.do(http.MethodPost, "/"+code+"/pay", form, nil)
	if again.status != http.StatusUnprocessableEntity || !again.shows(standReady) || again.header.Get("Location") != "" {
		t.Fatalf("answered %d, %s", again.status, again.header)
	}
	for _, want := range []string{
		`id="faults" tabindex="-1" autofocus`, `href="#answer_guests"`, `href="#answer_size"`, `value="&#34;&gt;&lt;script&gt;Ravi"`, `value="two"`,
		`aria-describedby="answer_guests-fault" aria-invalid="true"`, `id="answer_guests-fault"`, `id="answer_size-fault"`,
	} {
		if !strings.Contains(again.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(again.body, `href="#answer_badge"`) {
		t.Error("a right answer is called wrong")
	}
	for field, value := range map[string]string{"answer_guests": "2", "answer_size": "M & L"} {
		form.Set(field, value)
	}
	for _, c := range []struct{ field, value, want string }{
		{"accept", "", "accept the terms"}, {"method", "", "choose how you want to pay"},
	} {
		odd := url.Values{}
		for name, values := range form {
			odd[name] = values
		}
		odd.Set(c.field, c.value)
		odd.Set("token", again.token())
		got := b.do(http.MethodPost, "/"+code+"/pay", odd, nil)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, c.want) || !strings.Contains(got.body, `<option value="M &amp; L" selected>`) {
			t.Errorf("without %s: %d", c.field, got.status)
		}
	}
	form.Set("token", again.token())
	if paid := b.do(http.MethodPost, "/"+code+"/pay", form, nil); paid.status != http.StatusSeeOther {
		t.Errorf("right answers: %d %s", paid.status, paid.body)
	}
	_, payments := w.read(l)
	if len(payments) != 1 {
		t.Fatalf("%d payments", len(payments))
	}
	replies, err := payments[0].Replies(w.ring.Unseal)
	must(t, err)
	if len(replies) != 3 || replies[0].Value != `"><script>Ravi` || replies[2].Value != "M & L" {
		t.Errorf("kept as %v", replies)
	}
}
