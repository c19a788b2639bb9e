package generic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// mostText is the longest text when the account names none, in characters.
const mostText = 1600

// Send makes the call that the account describes. Carriers are not asked whether they know a repeated one.
func (s *Sender) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	reference, err := s.send(ctx, a, l)
	if err != nil {
		return channel.Sent{}, fmt.Errorf("send %s: %w", l.ID, err)
	}
	return channel.Sent{Reference: reference}, nil
}

func (s *Sender) send(ctx context.Context, a channel.Account, l channel.Letter) (string, error) {
	most, err := strconv.Atoi(a.Fields["most_text"])
	if err != nil {
		most = mostText
	}
	if err := carrierwire.Check(l, most); err != nil {
		return "", err
	}
	call, err := written(a, l)
	if err != nil {
		return "", &channel.Rejected{Code: "bad_description", Reason: provider.BadRequest, Words: "What the account says of the call is wrong: " + err.Error() + "."}
	}
	carrier := described(a)
	answer, err := carrier.Do(ctx, s.client, call)
	if err != nil {
		return "", err
	}
	if said := carrier.Read(answer.Body); said.Code != "" {
		return "", carrier.Reject(said, http.StatusOK)
	}
	return reference(a.Fields["reference"], answer.Body)
}

// described is how the account's carrier refuses: by the texts that the account names, whatever the status.
// Their reasons serve as codes.
func described(a channel.Account) httpwire.API {
	texts := textLines(a.Fields["refused"])
	c := httpwire.API{Name: "generic", Refused: map[string]httpwire.Refused{}}
	for _, reason := range reasons {
		c.Refused[string(reason)] = httpwire.Refused{Reason: reason, Temporary: reason == provider.Throttled || reason == provider.ProviderDown}
	}
	c.Read = func(answer []byte) httpwire.Complaint {
		said := strings.ToLower(string(answer))
		for _, t := range texts {
			if !strings.Contains(said, strings.ToLower(t.left)) {
				continue
			}
			if !slices.Contains(reasons, provider.Reason(t.right)) {
				t.right = string(provider.BadRequest)
			}
			return httpwire.Complaint{Code: t.right, Words: plain(answer)}
		}
		return httpwire.Complaint{Words: plain(answer)}
	}
	return c
}

// reasons are those that a description may name.
var reasons = []provider.Reason{
	provider.InvalidAddress, provider.OptedOut, provider.Blocked, provider.Unreachable, provider.NotOnChannel, provider.Expired,
	provider.BadTemplate, provider.BadCredentials, provider.NoBalance, provider.Throttled, provider.BadRequest, provider.ProviderDown,
}

// plain is an answer as words: letters, digits and a few signs.
func plain(answer []byte) string {
	return strings.Join(strings.FieldsFunc(string(answer), func(r rune) bool { return strings.ContainsRune(`{}[]"`, r) }), " ")
}

// isReference is what a carrier's id can look like.
var isReference = regexp.MustCompile(`^[!-~]{1,128}$`)

func reference(pointer string, answer []byte) (string, error) {
	found := strings.TrimSpace(string(answer))
	if pointer != "*" {
		var said any
		if httpwire.Decode(answer, &said) != nil {
			return "", httpwire.Unclear("the answer is not JSON")
		}
		found, _ = at(said, pointer)
	}
	if !isReference.MatchString(found) {
		return "", httpwire.Unclear("the answer has no reference where the account says")
	}
	return found, nil
}

// written is the call for a letter.
func written(a channel.Account, l channel.Letter) (call httpwire.Call, err error) {
	values := values(a, l)
	call = httpwire.Call{Method: a.Fields["method"], Header: http.Header{}}
	if call.Method == "" {
		call.Method = http.MethodPost
	}
	if call.URL, err = address(a, values); err != nil {
		return call, err
	}
	for _, h := range lines(a.Fields["headers"], ":") {
		value, err := fill(h.right, values, inHeader)
		name := textproto.CanonicalMIMEHeaderKey(h.left)
		if err != nil || !headerName.MatchString(name) || slices.Contains(notHeaders, name) {
			return call, errors.New("a header is not one that can be sent")
		}
		call.Header.Add(name, value)
	}
	kinds := map[string]struct {
		name   string
		escape func(string) (string, error)
	}{"": {"application/json", inJSON}, "json": {"application/json", inJSON}, "form": {"application/x-www-form-urlencoded", inForm}}
	kind, hasBody := kinds[a.Fields["body_type"]]
	if !hasBody {
		return call, nil
	}
	body, err := fill(a.Fields["body"], values, kind.escape)
	if err != nil {
		return call, err
	}
	if kind.name == "application/json" && !json.Valid([]byte(body)) {
		return call, errors.New("the body is not JSON once its places are filled")
	}
	call.Body = []byte(body)
	if call.Header.Get("Content-Type") == "" {
		call.Header.Set("Content-Type", kind.name)
	}
	return call, nil
}

var (
	headerName = regexp.MustCompile(`^[A-Za-z0-9-]{1,60}$`)
	notHeaders = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection"}
	addressed  = regexp.MustCompile(`^(https?://[^/?#{}\s@]+)([/?][^\s#]*)?$`)
)

// address is where the call goes: no place can change its host.
func address(a channel.Account, values map[string]string) (string, error) {
	parts := addressed.FindStringSubmatch(a.Fields["url"])
	if parts == nil {
		return "", errors.New("the address is not a URL")
	}
	rest, err := fill(parts[2], values, inForm)
	if err != nil {
		return "", err
	}
	full := a.Base(parts[1]) + rest
	if _, err := url.Parse(full); err != nil {
		return "", errors.New("the address is not a URL once its places are filled")
	}
	return full, nil
}

// values are what stands at the places.
func values(a channel.Account, l channel.Letter) map[string]string {
	v := map[string]string{
		"to": l.To, "digits": carrierwire.Digits(l.To), "text": l.Text, "sender": a.Fields["sender"], "id": string(l.ID),
		"receipt_url": l.ReceiptURL, "key": a.Fields["key"], "entity": "", "template": "", "header": "",
	}
	if t := l.Template; t != nil {
		v["entity"], v["template"], v["header"] = t.Entity, t.Name, t.Header
		if t.Header != "" {
			v["sender"] = t.Header
		}
	}
	return v
}
