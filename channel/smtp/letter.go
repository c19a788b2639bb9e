package smtp

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wneessen/go-mail"

	"paylink/channel"
	"paylink/provider"
)

// Longest pieces of a header, in characters.
const (
	longestName    = 60
	longestSubject = 200
)

// seal writes a letter as a server takes it. The same letter is the same message, by its id.
func seal(a channel.Account, l channel.Letter) (envelope, error) {
	from, ok := mailbox(a.Fields["from_address"])
	if !ok {
		return envelope{}, misconfigured("from_address", "The account's from address is none.")
	}
	to, ok := mailbox(l.To)
	if !ok {
		return envelope{}, &channel.Rejected{Code: "bad_address", Reason: provider.InvalidAddress, Words: "This is not an e-mail address that can exist."}
	}
	keys, err := keysOf(a)
	if err != nil {
		return envelope{}, err
	}
	e := envelope{id: messageID(a, l.ID), from: returnPath(a, l.ID), to: to}
	var text bytes.Buffer
	if _, err := compose(a, l, from, to, e.id).WriteTo(&text); err != nil {
		return envelope{}, fmt.Errorf("compose: %w", err)
	}
	if e.data, err = sign(text.Bytes(), keys); err != nil {
		return envelope{}, fmt.Errorf("sign: %w", err)
	}
	return e, nil
}

// compose puts a letter into MIME. Every word of others that stands in a header is cleaned first; line
// breaks never reach one.
func compose(a channel.Account, l channel.Letter, from, to, id string) *mail.Msg {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP))
	name := clean(a.Fields["from_name"], longestName)
	if name == "" {
		name = clean(l.Sender, longestName)
	}
	m.FromMailAddress(&netmail.Address{Name: name, Address: from})
	m.ToMailAddress(&netmail.Address{Address: to})
	if reply, ok := mailbox(a.Fields["reply_to"]); ok {
		m.ReplyToMailAddress(&netmail.Address{Address: reply})
	}
	m.Subject(clean(l.Subject, longestSubject))
	m.SetDateWithValue(l.At.UTC())
	m.SetMessageIDWithValue(id)
	if l.Language != "" {
		m.SetGenHeader(mail.HeaderContentLang, clean(l.Language, 35))
	}
	if address := l.Unsubscribe; address != "" && !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '<' || r == '>' }) {
		m.SetGenHeaderPreformatted("List-Unsubscribe", "<"+address+">")
		m.SetGenHeaderPreformatted("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	m.SetGenHeader("Auto-Submitted", "auto-generated") // no holiday greeting answers a machine
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
		m.SetBoundary("paylink-" + strings.ReplaceAll(string(l.ID), "_", "-"))
	}
	return m
}

// clean makes words safe for a header: one line, nothing that is unseen or turns the direction of the text,
// at most so many characters. Hindi's joiners stay where letters stand around them. What looks like an encoded
// word is taken apart: it would be read as something else than was cleaned.
func clean(s string, most int) string { return strings.ReplaceAll(oneLine(s, most), "=?", "= ?") }

func oneLine(s string, most int) string {
	var b strings.Builder
	count, space, letter := 0, false, false
	for i, r := range s {
		joiner := r == 0x200c || r == 0x200d
		switch {
		case joiner && letter && nextLetter(s[i+utf8.RuneLen(r):]):
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cs, r):
			continue
		case unicode.IsSpace(r), unicode.IsControl(r):
			space = count > 0
			continue
		}
		if count >= most-1 {
			return b.String() + "…"
		}
		if space {
			b.WriteByte(' ')
			count++
		}
		b.WriteRune(r)
		count, space, letter = count+1, false, unicode.IsLetter(r) || unicode.IsMark(r)
	}
	return b.String()
}

func nextLetter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) && r >= 0x0600
}
