package fcm

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"paylink/channel"
	"paylink/channel/pushwire"
	"paylink/outbound"
	"paylink/provider"
)

// scope is what the access token may be used for.
const scope = "https://www.googleapis.com/auth/firebase.messaging"

// serviceAccount is the part of Google's JSON file that says who calls.
type serviceAccount struct {
	ProjectID    string `json:"project_id"`
	PrivateKeyID string `json:"private_key_id"`
	PrivateKey   string `json:"private_key"`
	ClientEmail  string `json:"client_email"`
	TokenURI     string `json:"token_uri"`
}

func parseKey(secret string) (serviceAccount, error) {
	var who serviceAccount
	err := json.Unmarshal([]byte(secret), &who)
	project := strings.Trim(who.ProjectID, "abcdefghijklmnopqrstuvwxyz0123456789-:.") == "" // it stands in a path
	if err != nil || who.ProjectID == "" || !project || who.PrivateKey == "" || who.ClientEmail == "" || who.TokenURI == "" {
		return who, pushwire.BadKey()
	}
	return who, nil
}

// token is the account's access token, kept until shortly before its end. An error says that no letter was
// sent.
func (s *Sender) token(ctx context.Context, a channel.Account, who serviceAccount) (token string, fresh bool, err error) {
	now := s.now()
	return s.tokens.Get(ctx, pushwire.Digest(a), now, func() (string, time.Time, error) {
		assertion, err := who.assertion(now)
		if err != nil {
			return "", now, err
		}
		form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}
		res, err := s.post(ctx, who.TokenURI, "application/x-www-form-urlencoded", "", []byte(form.Encode()))
		if err != nil {
			return "", now, &channel.Broken{When: channel.NotSent, Err: err}
		}
		return granted(res, now)
	})
}

// assertion is what the account proves itself with to Google (RFC 7523).
func (who serviceAccount) assertion(now time.Time) (string, error) {
	parsed, err := pushwire.ParseKey(who.PrivateKey)
	key, isRSA := parsed.(*rsa.PrivateKey)
	if err != nil || !isRSA {
		return "", pushwire.BadKey()
	}
	signed, err := pushwire.SignRS256(key, map[string]string{"kid": who.PrivateKeyID}, map[string]any{
		"iss": who.ClientEmail, "scope": scope, "aud": who.TokenURI, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	})
	if err != nil {
		return "", pushwire.BadKey()
	}
	return signed, nil
}

// granted reads the answer of Google's token endpoint.
func granted(res outbound.Response, now time.Time) (string, time.Time, error) {
	var said struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	parsed := !res.Cut && json.Unmarshal(res.Body, &said) == nil
	switch {
	case res.Status == http.StatusOK && parsed && isToken(said.AccessToken) && said.ExpiresIn > 0:
		// A minute before its end, so that it is still good when it arrives.
		lasts := time.Duration(min(said.ExpiresIn, 24*3600))*time.Second - time.Minute
		return said.AccessToken, now.Add(lasts), nil
	case res.Status == http.StatusTooManyRequests:
		return "", now, &channel.Rejected{Code: "http_429", Reason: provider.Throttled, Temporary: true, After: provider.RetryAfter(res.Header)}
	case res.Status >= 400 && res.Status <= 499:
		return "", now, &channel.Rejected{
			Code: provider.SafeCode(said.Error, "no_access_token"), Reason: provider.BadCredentials, Words: provider.SafeWords(said.Description),
		}
	}
	return "", now, &channel.Rejected{Code: "no_access_token", Reason: provider.ProviderDown, Temporary: true}
}
