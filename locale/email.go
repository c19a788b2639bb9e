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

	Own []string // the merchant's own words, by paragraphs, in the place of greeting and request
}

func (l Language) email(f MessageFacts, subject string) Text {
	mail := l.frame(f)
	mail.Greeting, mail.Request = l.greeting(f), l.request(f, subject)
	text := []string{mail.Greeting, mail.Request, l.way(f), mail.Careful, mail.Why}
	return Text{
		Subject: l.T(f.key("email.subject"), "merchant", f.Merchant, "amount", mail.Amount),
		Text:    strings.Join(text, "\n\n") + "\n",
		HTML:    mail.html(),
		Button:  mail.Button,
	}
}

// frame is what every letter holds, whoever words it.
func (l Language) frame(f MessageFacts) letter {
	f.Merchant = plainWithout(f.Merchant, longestMerchant)
	return letter{
		Tag: l.Tag, Direction: l.Direction, Title: l.T(f.key("in_app.title"), "merchant", f.Merchant),
		Merchant: f.Merchant, Amount: l.sum(f, l.Money),
		URL: f.URL, Button: l.button(f), Careful: l.foot(f), Why: l.why(f),
	}
}

func (m letter) html() string {
	var html strings.Builder
	if err := letterPage.Execute(&html, m); err != nil {
		panic("render e-mail: " + err.Error()) // a template of ours into memory: only a broken build fails
	}
	return html.String()
}
