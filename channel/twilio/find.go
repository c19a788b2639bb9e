package twilio

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"paylink/channel"
	"paylink/provider/httpwire"
)

const (
	// pagesMost is how many pages of messages to one number are looked at, of ten each: an answer is read to 64 KiB, and a text may take ten.
	pagesMost = 5
	// clockOff is how far Twilio's clock may be behind ours.
	clockOff = 2 * time.Minute
)

// Find looks for the letter among the messages to its number. It does not narrow the list by DateSent,
// because a message that waits in Twilio's queue has none yet; older ones are left out by when they were
// created. Twilio lists the newest first.
func (s *Sender) Find(ctx context.Context, a channel.Account, l channel.Letter, since time.Time) (channel.Sent, error) {
	sent, err := s.find(ctx, a, l, since.Add(-clockOff))
	if err != nil {
		return channel.Sent{}, fmt.Errorf("find %s: %w", l.ID, err)
	}
	return sent, nil
}

func (s *Sender) find(ctx context.Context, a channel.Account, l channel.Letter, since time.Time) (channel.Sent, error) {
	list := "/Messages.json?" + url.Values{"To": {l.To}, "PageSize": {"10"}}.Encode()
	for range pagesMost {
		answer, err := s.call(ctx, a, http.MethodGet, list, nil)
		if err != nil {
			return channel.Sent{}, err
		}
		var page struct {
			Messages *[]message `json:"messages"`
			Next     *string    `json:"next_page_uri"`
		}
		if httpwire.Decode(answer, &page) != nil || page.Messages == nil {
			return channel.Sent{}, httpwire.Unclear("the answer is no list of messages")
		}
		newer := len(*page.Messages) == 0 // whether any on this page is new enough
		for _, m := range *page.Messages {
			created, err := time.Parse(time.RFC1123Z, m.Created)
			if err != nil {
				return channel.Sent{}, httpwire.Unclear("the list tells no times")
			}
			if created.Before(since) {
				continue
			}
			newer = true
			if m.To == l.To && letters(m.Body) == letters(l.Text) && messageSID.MatchString(m.SID) {
				return m.sent(), nil
			}
		}
		if page.Next == nil || !newer {
			return channel.Sent{}, channel.ErrNotFound
		}
		_, query, found := strings.Cut(*page.Next, "?")
		if !found {
			return channel.Sent{}, httpwire.Unclear("the list goes on nowhere")
		}
		list = "/Messages.json?" + query
	}
	return channel.Sent{}, httpwire.Unclear("the number has too many messages")
}

// letters is a text without its blanks and signs, which smart encoding may replace on the way.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}
