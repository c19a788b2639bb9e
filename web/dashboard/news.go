package dashboard

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"paylink"
	"paylink/locale"
	"paylink/notify"
)

// NewsBy makes what notify shows on the devices of a merchant's people, with pages below publicURL. The words are
// those of the timeline.
func NewsBy(publicURL string) func(paylink.Merchant, paylink.Link, paylink.Event) notify.News {
	return func(m paylink.Merchant, l paylink.Link, e paylink.Event) notify.News {
		s := scene{Merchant: m, Live: e.Live, Lang: locale.Pick()}
		n := s.news(l, e)
		n.Page = publicURL + s.path("links", string(l.ID))
		if !e.Live {
			n.Title = "Test: " + n.Title
		}
		return n
	}
}

// news says an event to somebody who is doing something else. What is paid has the tag of the open page's own
// notice, so that a browser shows one of the two.
func (s scene) news(l paylink.Link, e paylink.Event) notify.News {
	name := called(l.Description, l.Reference, l.ID)
	if paid := s.notice(e); paid != nil {
		return notify.News{Title: paid.Title, Body: name, Tag: paid.Tag}
	}
	text := s.sentence(e)
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if e.Type == paylink.EventLinkPartiallyPaid {
		return notify.News{Title: text, Body: name, Tag: string(e.ID)}
	}
	return notify.News{Title: "Needs you: " + name, Body: strings.TrimSuffix(text, ".") + ".", Tag: string(e.ID)}
}
