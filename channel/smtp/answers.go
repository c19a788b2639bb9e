package smtp

import (
	"errors"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"

	"paylink/channel"
	"paylink/outbound"
	"paylink/provider"
)

// answered turns what the mail library gives into one of our endings. A reply of the server is its word,
// whenever it came; anything else is a break, whose meaning depends on how far the letter had come.
func answered(err error, when outbound.When) error {
	var reply *textproto.Error
	var broken *channel.Broken
	var rejected *channel.Rejected
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reply) && reply.Code >= 400 && reply.Code < 600:
		v := judge(strconv.Itoa(reply.Code)+" "+reply.Msg, "")
		return &channel.Rejected{Code: v.code, Temporary: v.temporary, Reason: v.reason, Words: provider.SafeWords(reply.Msg)}
	case errors.As(err, &broken), errors.As(err, &rejected):
		return err
	}
	return &channel.Broken{When: when, Err: err}
}

// closing tells whether a server says good-bye.
func closing(err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply) && reply.Code == 421
}

func notSent(err error) error { return &channel.Broken{When: channel.NotSent, Err: err} }

// verdict is what a server's reply says of a letter.
type verdict struct {
	code      string // "smtp_5.1.1", or "smtp_550" without an enhanced code
	temporary bool
	reason    provider.Reason
}

// enhanced finds codes by RFC 3463. Class 2 is success and says nothing here.
var (
	enhanced = regexp.MustCompile(`(?:^|[^0-9.])([45])\.([0-9]{1,3})\.([0-9]{1,3})(?:$|[^0-9.])`)
	basic    = regexp.MustCompile(`(?m)(?:^|[\s:(])([45][0-9]{2})(?:$|[ -]+\S)`)
)

// meanings are the enhanced codes in our words, by subject and detail; an empty detail is all others of the
// subject. The registry is RFC 3463's, as IANA keeps it.
var meanings = map[string]provider.Reason{
	"1.1": provider.InvalidAddress, "1.2": provider.InvalidAddress, "1.3": provider.InvalidAddress, "1.6": provider.InvalidAddress,
	"1.10": provider.InvalidAddress, "1.7": provider.BadRequest, "1.8": provider.BadRequest, "1.": provider.InvalidAddress,
	"2.1": provider.InvalidAddress, "2.2": provider.Unreachable, "2.3": provider.BadRequest, "2.": provider.Unreachable,
	"3.4": provider.BadRequest, "3.": provider.Unreachable,
	"4.7": provider.Expired, "4.5": provider.Throttled, "4.": provider.Unreachable,
	"5.": provider.BadRequest, "6.": provider.BadRequest,
	"7.8": provider.BadCredentials, "7.9": provider.BadCredentials, "7.": provider.Blocked,
}

// replies are the codes of RFC 5321 in our words, for servers that give no enhanced one.
var replies = map[string]provider.Reason{
	"421": provider.Throttled, "450": provider.Unreachable, "451": provider.Throttled, "452": provider.Throttled,
	"535": provider.BadCredentials, "534": provider.BadCredentials, "530": provider.BadCredentials,
	"550": provider.InvalidAddress, "551": provider.InvalidAddress, "552": provider.Unreachable, "553": provider.InvalidAddress,
	"554": provider.Blocked,
}

// phrases stand in for codes that say no more than that something is wrong.
var phrases = []struct {
	words  string
	reason provider.Reason
}{
	{"user unknown", provider.InvalidAddress}, {"unknown user", provider.InvalidAddress}, {"no such user", provider.InvalidAddress},
	{"does not exist", provider.InvalidAddress}, {"mailbox not found", provider.InvalidAddress}, {"mailbox full", provider.Unreachable},
	{"quota", provider.Unreachable}, {"spam", provider.Blocked}, {"policy", provider.Blocked}, {"access denied", provider.Blocked},
}

// judge reads a reply, and the status that a report gives beside it; either may be empty. The most exact
// code wins: x.0.0 says nothing, and a reply that quotes another server's ends with that server's.
func judge(reply, status string) verdict {
	codes := append(enhanced.FindAllStringSubmatch(status, 1), enhanced.FindAllStringSubmatch(spaced(reply), -1)...)
	var found []string
	for _, c := range codes {
		if c[3] != "0" && (found == nil || found[3] == "0") {
			found = c
		} else if found == nil {
			found = c
		}
	}
	plain := basic.FindStringSubmatch(reply)
	v := verdict{code: "smtp_failed", reason: provider.Unreachable}
	switch {
	case found != nil:
		v.code, v.temporary = "smtp_"+found[1]+"."+found[2]+"."+found[3], found[1] == "4"
	case plain != nil:
		v.code, v.temporary = "smtp_"+plain[1], plain[1][0] == '4'
	}
	v.reason = meaning(found, plain, strings.ToLower(reply))
	if v.temporary && v.reason == provider.Blocked {
		v.reason = provider.Throttled // a policy that passes, such as greylisting
	}
	return v
}

func meaning(found, plain []string, low string) provider.Reason {
	if found != nil && found[3] != "0" {
		if exact, ok := meanings[found[2]+"."+found[3]]; ok {
			return exact
		}
		if subject, ok := meanings[found[2]+"."]; ok {
			return subject
		}
	}
	for _, p := range phrases {
		if strings.Contains(low, p.words) {
			return p.reason
		}
	}
	if plain != nil {
		if known, ok := replies[plain[1]]; ok {
			return known
		}
	}
	if found != nil {
		if subject, ok := meanings[found[2]+"."]; ok {
			return subject
		}
	}
	return provider.Unreachable
}

// spaced sets codes apart, so that two that share one blank are both found.
func spaced(s string) string { return strings.Join(strings.Fields(s), "  ") }
