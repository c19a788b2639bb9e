package smtp

import (
	"errors"
	"regexp"
	"strings"

	"paylink"
	"paylink/channel"
	"paylink/provider"
)

// mostGroups is how many recipients of one report are looked at: our letters have one.
const mostGroups = 50

// tells is what a returned mail says of its letter, without whose it is; nil when it says nothing.
func (m returned) tells() (*channel.Receipt, error) {
	told, err := m.news()
	if told == nil || err != nil {
		return nil, err
	}
	at, ok := m.at()
	if !ok {
		return nil, errors.New("it has no time")
	}
	told.At = at
	return told, nil
}

func (m returned) news() (*channel.Receipt, error) {
	if complaint, ok := m.complaint(); ok {
		return complaint, nil
	}
	if group, ok := m.group(); ok {
		reply := group.get("diagnostic-code")
		v := judge(reply, group.get("status"))
		if strings.HasSuffix(v.code, ".0") || v.code == "smtp_failed" {
			v.reason = judge(reply+" "+m.words(), group.get("status")).reason // the report says no more than that it failed
		}
		return receiptOf(header(group.get("action")), v)
	}
	if !m.bounce() {
		return nil, nil
	}
	words := m.words()
	if delayed.MatchString(m.header.get("subject")+"\n"+words) && !strings.Contains(words, "permanent") {
		return receiptOf("delayed", verdict{})
	}
	v := judge(words, "")
	v.temporary = false // in words, only what is given up is told
	return receiptOf("failed", v)
}

// group is the fields about one recipient: of the first that failed, else of the first. They stand in the
// report's own part; where that is missing or empty, in what stands before the returned letter.
func (m returned) group() (fieldset, bool) {
	var first fieldset
	for _, kind := range []string{"message/delivery-status", "text/plain"} {
		for _, p := range m.parts {
			if p.kind != kind {
				continue
			}
			for _, block := range strings.SplitN(p.content, "\n\n", mostGroups) {
				fields, _ := parseFields(strings.Trim(block, "\n"))
				if fields.get("action") == "" || fields.get("status")+fields.get("final-recipient") == "" {
					continue
				}
				if header(fields.get("action")) == "failed" {
					return fields, true
				}
				if first == nil {
					first = fields
				}
			}
		}
		if first != nil {
			return first, true
		}
	}
	return nil, false
}

// complaint tells whether a mailbox's owner called the letter spam. Most providers say so by RFC 5965;
// Microsoft just returns the letter.
func (m returned) complaint() (*channel.Receipt, bool) {
	for _, p := range m.parts {
		if p.kind == "message/feedback-report" {
			fields, _ := parseFields(strings.Trim(p.content, "\n"))
			kind := strings.ToLower(fields.get("feedback-type"))
			if kind == "" || kind == "not-spam" || kind == "auth-failure" || kind == "dmarc" {
				return nil, false
			}
			return complained(), true
		}
	}
	for _, p := range m.parts {
		if p.kind == "message/rfc822" && strings.Contains(strings.ToLower(p.content), "x-hmxmroriginalrecipient:") {
			return complained(), true
		}
	}
	return nil, false
}

// complained is a letter that arrived, and whose reader wants no more.
func complained() *channel.Receipt {
	return &channel.Receipt{Status: paylink.MessageDelivered, ErrorCode: "complaint", Reason: provider.OptedOut}
}

var (
	daemons = regexp.MustCompile(`(?i)mailer-daemon|postmaster@|mail delivery (sub)?system`)
	delayed = regexp.MustCompile(`(?i)\(delay\)|delayed|will (be )?(retr|keep trying|continue)|not yet been delivered`)
	// copies begin the letter that is returned, where no part does.
	copies = regexp.MustCompile(`(?im)^[-_ ]*(original message|this is a copy of|below this line is a copy|returned message|message header|the header of the)`)
)

// bounce tells whether a server wrote it, and not a person's holiday greeting.
func (m returned) bounce() bool {
	return m.header.get("x-failed-recipients") != "" || daemons.MatchString(m.header.get("from"))
}

// words are what the server says in its own words, before the letter that it returns.
func (m returned) words() string {
	var all strings.Builder
	for _, p := range m.parts {
		if p.kind == "message/rfc822" || p.kind == "text/rfc822-headers" {
			break
		}
		if strings.HasPrefix(p.kind, "text/") || strings.HasPrefix(p.kind, "multipart/") {
			all.WriteString(p.content + "\n")
		}
	}
	words := all.String()
	if at := copies.FindStringIndex(words); at != nil {
		words = words[:at[0]]
	}
	return words[:min(len(words), 8<<10)]
}
