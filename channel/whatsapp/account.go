package whatsapp

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"paylink/channel"
	"paylink/provider"
)

// Test asks for the account's phone number, which needs its id and its token to be good.
func (s *Sender) Test(ctx context.Context, a channel.Account) error {
	var number struct {
		ID string `json:"id"`
	}
	query := url.Values{"fields": {"id,display_phone_number,verified_name,quality_rating"}}
	err := s.call(ctx, a, request{method: http.MethodGet, path: phone(a), query: query}, &number)
	if err == nil && number.ID != a.Fields[phoneNumber] {
		err = unknown("the answer is about another number")
	}
	if err != nil {
		return fmt.Errorf("look at the phone number of account %s: %w", a.ID, err)
	}
	return nil
}

// Greet answers Meta's question whether the address is ours: who knows the account's verify token gets
// his challenge back.
func (s *Sender) Greet(a channel.Account, p channel.Post) (string, error) {
	query := p.URL.Query()
	challenge, word, want := query.Get("hub.challenge"), query.Get("hub.verify_token"), a.Fields[verifyToken]
	switch {
	case word == "":
		return "", &channel.Unverified{Reason: provider.MissingSignature}
	case want == "" || subtle.ConstantTimeCompare([]byte(word), []byte(want)) != 1 || query.Get("hub.mode") != "subscribe" || !isChallenge(challenge):
		return "", &channel.Unverified{Reason: provider.BadSignature}
	}
	return challenge, nil
}

// isChallenge tells whether s may be given back: Meta's are numbers, and what a stranger could make us say
// is kept as plain.
func isChallenge(s string) bool {
	return s != "" && len(s) <= 128 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}
