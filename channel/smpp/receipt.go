package smpp

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"paylink"
	"paylink/provider"
)

// told is what a delivery receipt says of one segment.
type told struct {
	id     string // as the operator writes it
	status paylink.MessageStatus
	code   string // when failed or blocked
	reason provider.Reason
	done   string // "YYMMDDhhmm", with or without seconds; may be empty
}

// isReceipt tells a receipt from what a customer wrote. Some operators leave the type out of esm_class
// and tell by the id alone.
func (m short) isReceipt() bool {
	kind := m.esm & esmType
	_, named := m.option(tagReceiptedID)
	return kind == esmReceipt || kind == esmNotification || named
}

// parseReceipt reads a receipt: its optional parameters where there are any, else the text that appendix
// B of the standard suggests and nearly all operators use.
func parseReceipt(m short) (told, error) {
	text := string(m.text)
	if m.coding == codingUCS2 && len(text)%2 == 0 && strings.HasPrefix(text, "\x00") {
		text = m.words()
	}
	words, err := parseReceiptText(text)
	if err != nil {
		return told{}, err
	}
	t := told{id: words["id"], done: words["done date"]}
	if id, ok := m.option(tagReceiptedID); ok && untilNUL(id) != "" {
		t.id = untilNUL(id)
	}
	state := strings.ToUpper(words["stat"])
	if b, ok := m.option(tagMessageState); ok && len(b) == 1 && int(b[0]) < len(stateNames) {
		state = stateNames[b[0]]
	}
	known, ok := states[state]
	switch {
	case !isID(t.id):
		return told{}, errors.New("it names no message")
	case !ok:
		return told{}, errors.New("the state is not one that we know")
	}
	t.status, t.reason = known.status, known.reason
	if t.reason == "" {
		return t, nil
	}
	t.code = state
	if code := words["err"]; strings.Trim(code, "0") != "" {
		t.code = provider.SafeCode(state+"."+code, state)
	} else if b, ok := m.option(tagNetworkError); ok && len(b) == 3 {
		t.code = fmt.Sprintf("%s.%d.%d", state, b[0], int(b[1])<<8|int(b[2]))
	}
	if b, ok := m.option(tagFailureReason); ok && len(b) == 1 && b[0] == 1 { // destination address invalid
		t.reason = provider.InvalidAddress
	}
	return t, nil
}

// stateNames are the values of message_state, 5.2.28, in the words of the receipts' text.
var stateNames = []string{"SCHEDULED", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD", "SKIPPED"}

// states are the words of receipts in ours. An operator that no longer knows tells nothing new.
var states = map[string]struct {
	status paylink.MessageStatus
	reason provider.Reason
}{
	"SCHEDULED": {status: paylink.MessageSent}, "ENROUTE": {status: paylink.MessageSent}, "BUFFERED": {status: paylink.MessageSent},
	"BUFFRED": {status: paylink.MessageSent}, "ACCEPTD": {status: paylink.MessageSent}, "UNKNOWN": {status: paylink.MessageSent},
	"DELIVRD": {status: paylink.MessageDelivered},
	"EXPIRED": {paylink.MessageFailed, provider.Expired},
	"UNDELIV": {paylink.MessageFailed, provider.Unreachable},
	"FAILED":  {paylink.MessageFailed, provider.Unreachable},
	"SKIPPED": {paylink.MessageFailed, provider.ProviderDown},
	"DELETED": {paylink.MessageBlocked, provider.Blocked},
	"REJECTD": {paylink.MessageBlocked, provider.Blocked},
}

// receiptWords are the names in a receipt's text, those of two words as they are written.
var receiptWords = []string{"id", "sub", "dlvrd", "submit date", "done date", "stat", "err"}

// parseReceiptText reads "id:… sub:… dlvrd:… submit date:… done date:… stat:… err:… text:…". Names are in
// any case and order, values end at a blank and may be missing. After "text:" stands a piece of the
// message, in which a customer's words could look like anything.
func parseReceiptText(text string) (map[string]string, error) {
	words := map[string]string{}
	for rest := strings.TrimLeft(text, " \x00\r\n\t"); rest != ""; rest = strings.TrimLeft(rest, " \x00\r\n\t") {
		name := startingName(rest)
		if name == "text" {
			break
		}
		if name != "" {
			rest = rest[len(name)+1:]
		}
		value := rest
		if end := strings.IndexAny(rest, " \x00\r\n\t"); end >= 0 {
			value = rest[:end]
		}
		rest = rest[len(value):]
		if name == "" {
			continue // an operator's own
		}
		if _, twice := words[name]; twice {
			return nil, errors.New("it says something twice")
		}
		words[name] = value
	}
	return words, nil
}

func startingName(s string) string {
	for _, name := range append([]string{"text"}, receiptWords...) {
		if len(s) > len(name) && s[len(name)] == ':' && strings.EqualFold(s[:len(name)], name) {
			return name
		}
	}
	return ""
}

// doneAt is when a receipt says that it happened, by the operator's clock in its zone. What cannot be read,
// or would be later than now, is now.
func doneAt(done string, zone *time.Location, now time.Time) time.Time {
	for _, layout := range []string{"0601021504", "060102150405", "20060102150405", "200601021504"} {
		if at, err := time.ParseInLocation(layout, done, zone); err == nil && len(done) == len(layout) && at.Before(now) {
			return at.UTC()
		}
	}
	return now.UTC()
}
