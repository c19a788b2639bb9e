// Package wording is how a merchant words its own messages: which variables a text may hold, what is wrong
// with it, and how it reads with the facts of a link.
//
// It is for dispatch, which sends such texts, for issue, which takes them from the merchant, and for whoever
// shows one before it is sent. Variables are names in braces and nothing else: there are no expressions,
// conditions or loops, so that whoever registers a text with an operator sees all that it can become. Which
// template is used, and when, is left to others.
package wording

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"paylink"
	"paylink/gsm"
)

// Variables are the names that a text may hold, in the order in which pages show them.
var Variables = []string{"merchant", "amount", "subject", "reference", "customer", "url", "expires", "due", "payment", "code"}

// The most that a text, which is an e-mail's, and a subject have, in characters.
const (
	LongestText    = 4000
	LongestSubject = 150
)

// Bounds of a template's own words, in characters before they are filled.
const (
	longestShort    = 1000 // WhatsApp's bodies and registered texts have no more
	mostSegments    = 6    // of a text message that is filled with what is usual
	longestVariable = 20
)

// Flaw is one thing that is wrong with a template.
type Flaw struct {
	Field  string // "text" or "subject"
	Code   string // stable: "unknown_variable", "no_url"
	Detail string // a sentence for the merchant
}

var variable = regexp.MustCompile(`\{([^{}]*)\}`)

// Names gives the variables of a text in their order, each as often as it stands there.
func Names(text string) []string {
	var names []string
	for _, found := range variable.FindAllStringSubmatch(text, -1) {
		names = append(names, found[1])
	}
	return names
}

// Check gives what is wrong with a template; nothing when it may be used.
func Check(t paylink.MessageTemplate) []Flaw {
	c := &checker{t: t}
	c.words("text", t.Text, limit(t.Channel))
	c.words("subject", t.Subject, LongestSubject)
	if t.Subject != "" && t.Channel != paylink.ChannelEmail && t.Channel != paylink.ChannelInApp {
		c.add("subject", "no_subject", "Only e-mail and messages in the app have a subject.")
	}
	if strings.ContainsAny(t.Subject, "\r\n") {
		c.add("subject", "bad_characters", "A subject is one line.")
	}
	if strings.TrimSpace(t.Text) == "" {
		c.add("text", "required", "A template needs a text.")
		return c.flaws
	}
	c.address()
	c.kind()
	c.whatsApp()
	c.registered()
	return c.flaws
}

func limit(c paylink.Channel) int {
	if c == paylink.ChannelEmail {
		return LongestText
	}
	return longestShort
}

type checker struct {
	t     paylink.MessageTemplate
	flaws []Flaw
}

func (c *checker) add(field, code, detail string) {
	c.flaws = append(c.flaws, Flaw{field, code, detail})
}

// words are what holds for every text: its length, its characters, its variables, and that it does not press.
func (c *checker) words(field, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		c.add(field, "too_long", "This is longer than its channel takes.")
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, hidden) {
		c.add(field, "bad_characters", "This holds characters that cannot be seen.")
	}
	for _, name := range Names(text) {
		if !slices.Contains(Variables, name) {
			c.add(field, "unknown_variable", "There is no variable {"+clip(name)+"}.")
		}
	}
	if strings.ContainsAny(variable.ReplaceAllString(text, ""), "{}") {
		c.add(field, "open_brace", "A brace that belongs to no variable.")
	}
	if word := Pressing(text); word != "" {
		c.add(field, "urgency", "“"+word+"” presses the customer. Swindlers write so, and customers and filters know it.")
	}
}

// address is that a message leads to one place: the link's own.
func (c *checker) address() {
	links := strings.Count(c.t.Text, "{url}")
	low := strings.ToLower(c.t.Text + " " + c.t.Subject)
	switch {
	case strings.Contains(low, "://") || strings.Contains(low, "www."):
		c.add("text", "other_url", "A message leads to the link alone: write {url}, and no other address.")
	case slices.Contains(Names(c.t.Subject), "url"):
		c.add("subject", "other_url", "The link stands in the text.")
	case c.t.Channel == paylink.ChannelWhatsApp && links > 0:
		c.add("text", "other_url", "On WhatsApp the link is the button's, and not in the text.")
	case c.t.Kind == paylink.TemplateCode && links > 0:
		c.add("text", "other_url", "A message with a code leads nowhere: who reads both needs no more to look at the request.")
	case c.t.Kind == paylink.TemplateCode, c.tiding() && links == 0:
	case c.t.Channel != paylink.ChannelWhatsApp && links == 0:
		c.add("text", "no_url", "Without {url} the customer cannot pay.")
	case links > 1:
		c.add("text", "two_urls", "One message holds one link.")
	}
}

// tiding tells whether the template is for messages that ask for nothing.
func (c *checker) tiding() bool {
	return c.t.Kind == paylink.TemplateReceipt || c.t.Kind == paylink.TemplateRefund
}

// kind is that a text names only what its messages have.
func (c *checker) kind() {
	names := Names(c.t.Text + c.t.Subject)
	if slices.Contains(names, "payment") && !c.tiding() {
		c.add("text", "wrong_kind", "{payment} has a value only in receipts and refund notices.")
	}
	if c.t.Kind == paylink.TemplateCode {
		c.code()
	} else if slices.Contains(names, "code") {
		c.add("text", "wrong_kind", "{code} has a value only in messages that carry one.")
	}
	if slices.Contains(names, "due") && c.t.Kind != paylink.TemplateOverdue {
		c.add("text", "wrong_kind", "{due} has a value only in messages about what was due.")
	}
	if slices.Contains(names, "expires") && c.t.Kind != paylink.TemplateExpiring {
		c.add("text", "wrong_kind", "{expires} has a value only in messages about the end of a request.")
	}
}

// code is that a message with a code carries it, and nothing of the request: it is read over shoulders.
func (c *checker) code() {
	if c.t.Channel != paylink.ChannelSMS && c.t.Channel != paylink.ChannelEmail {
		c.add("text", "wrong_channel", "Codes go out as text messages and by e-mail.")
	}
	if strings.Count(c.t.Text, "{code}") != 1 || strings.Contains(c.t.Subject, "{code}") {
		c.add("text", "no_code", "The text holds {code} exactly once.")
	}
	for _, name := range Names(c.t.Text + c.t.Subject) {
		if slices.Contains(Variables, name) && !slices.Contains([]string{"code", "merchant", "url", "payment", "due", "expires"}, name) {
			c.add("text", "wrong_kind", "A message with a code holds {code} and {merchant}, and nothing of the request.")
		}
	}
}

// whatsApp is what Meta refuses in a body.
func (c *checker) whatsApp() {
	if c.t.Channel != paylink.ChannelWhatsApp {
		return
	}
	text := strings.TrimSpace(c.t.Text)
	if strings.HasPrefix(text, "{") || strings.HasSuffix(text, "}") || strings.Contains(text, "}{") || strings.Contains(text, "} {") {
		c.add("text", "variable_place", "On WhatsApp no variable stands first or last, and no two stand side by side.")
	}
}

// registered is that what others have registered can be filled.
func (c *checker) registered() {
	for _, name := range c.t.As.Variables {
		if !slices.Contains(Variables, name) {
			c.add("registered_as", "unknown_variable", "There is no variable {"+clip(name)+"}.")
		}
	}
	if c.t.Channel == paylink.ChannelSMS && gsm.Count(Fill(c.t.Text, usual)).Segments > mostSegments {
		c.add("text", "too_many_segments", "Filled with what is usual, this is more than six text messages.")
	}
}

// usual is how long the values of variables are most of the time.
var usual = map[string]string{
	"merchant": "Acme Retail", "amount": "Rs 2,450", "subject": "order 1042", "reference": "order-1042", "customer": "Asha",
	"url": "https://pay.example/ACMEIN/k7Qp2xW9dTz4LmVb8RsY1c", "payment": "7K2Q9XW4DTZ1LMVB8RSY", "code": "482915", "expires": "24 Nov 2026, 18:00 IST", "due": "24 Nov 2026",
}

// Fill puts values into the places of a text, in one pass: braces within a value stay what they are.
func Fill(text string, values map[string]string) string {
	return variable.ReplaceAllStringFunc(text, func(place string) string {
		if value, known := values[place[1:len(place)-1]]; known {
			return value
		}
		return place
	})
}

// Lacks gives the first variable of a template that has no value; empty when all have one.
func Lacks(t paylink.MessageTemplate, values map[string]string) string {
	for _, name := range Names(t.Text + t.Subject) {
		if values[name] == "" {
			return name
		}
	}
	return ""
}

// hidden tells of characters that turn or hide what follows; joiners are part of many scripts.
func hidden(r rune) bool {
	switch {
	case r == '\n':
		return false
	case r < ' ', r == 0x7f, r >= 0x80 && r < 0xa0:
		return true
	}
	return r == '\u200b' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff' || r == utf8.RuneError
}

func clip(name string) string {
	letters := []rune(name)
	return string(letters[:min(len(letters), longestVariable)])
}
