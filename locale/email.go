package locale

import (
	_ "embed"
	"html/template"
	"strings"
)

//go:embed letter.html
var letterSource string

var letterPage = template.Must(template.New("letter").Parse(letterSource))

// letter is what the e-mail's template shows; the template escapes it.
type letter struct {
	Tag, Direction, Title, Merchant, Amount, Greeting, Request, URL, Button, Careful, Why string
}

func (l Language) email(f MessageFacts, subject string) Text {
	mail := letter{
		Tag: l.Tag, Direction: l.Direction, Title: l.T(f.key("in_app.title"), "merchant", f.Merchant),
		Merchant: f.Merchant, Amount: l.sum(f, l.Money), Greeting: l.greeting(f), Request: l.request(f, subject),
		URL: f.URL, Button: l.T("message.button"), Careful: l.T("message.careful"), Why: l.T("email.why", "merchant", f.Merchant),
	}
	var html strings.Builder
	if err := letterPage.Execute(&html, mail); err != nil {
		panic("render e-mail: " + err.Error()) // a template of ours into memory: only a broken build fails
	}
	text := []string{mail.Greeting, mail.Request, l.T("message.pay", "url", f.URL), mail.Careful, mail.Why}
	return Text{
		Subject: l.T(f.key("email.subject"), "merchant", f.Merchant, "amount", mail.Amount),
		Text:    strings.Join(text, "\n\n") + "\n",
		HTML:    html.String(),
		Button:  mail.Button,
	}
}
