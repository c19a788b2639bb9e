package smtp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"

	"paylink"
	"paylink/channel"
)

// A letter is known again by its id without the tag ‖ "-" ‖ 80 bits of an HMAC under the account's bounce
// secret. It stands in the return path and in the Message-ID, so that whoever returns a letter names it, in
// whatever form he writes; and nobody returns a letter that he never had.
const (
	idLetters = "0123456789abcdefghjkmnpqrstvwxyz"
	idLength  = 26
	macLength = 16
)

var (
	lower = base32.NewEncoding(idLetters).WithPadding(base32.NoPadding)
	named = regexp.MustCompile(`(?:^|[^0-9a-z])([0-9a-hjkmnp-tv-z]{26})-([0-9a-hjkmnp-tv-z]{16})(?:@|=40|%40|$)`)
)

// letterName is how a letter is known again, without a secret by its id alone.
func letterName(secret string, id paylink.MessageID) string {
	bare := strings.TrimPrefix(string(id), "msg_")
	if secret == "" {
		return bare
	}
	return bare + "-" + letterMAC(secret, bare)
}

func letterMAC(secret, bare string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("letter " + bare))
	return lower.EncodeToString(mac.Sum(nil))[:macLength]
}

// messageID is the Message-ID of a letter, without its brackets.
func messageID(a channel.Account, id paylink.MessageID) string {
	return letterName(a.Secret, id) + "@" + domainOf(a.Fields["from_address"])
}

// returnPath is where the letter comes back to.
func returnPath(a channel.Account, id paylink.MessageID) string {
	if a.Fields["bounce_domain"] == "" || a.Secret == "" {
		return a.Fields["from_address"]
	}
	return "bounce+" + letterName(a.Secret, id) + "@" + a.Fields["bounce_domain"]
}

// namedIn finds the letter that a text names, whoever wrote the text.
func namedIn(secret, text string) (paylink.MessageID, bool) {
	for _, found := range named.FindAllStringSubmatch(strings.ToLower(text), -1) {
		if hmac.Equal([]byte(letterMAC(secret, found[1])), []byte(found[2])) {
			return paylink.MessageID("msg_" + found[1]), true
		}
	}
	return "", false
}
