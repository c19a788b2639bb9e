package smpp

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink/channel"
	"paylink/provider"
)

// fields is what an account with an operator asks for, in the words of the sheet that operators hand out.
var fields = []provider.Field{
	{Name: "system_id", Label: "System ID", Help: "The name of the bind, from the operator.", Example: "acme_trx", Pattern: `[!-~]{1,15}`, Required: true},
	{Name: provider.Secret, Label: "Password", Help: "The password of the bind; most operators allow 8 characters.", Pattern: `[!-~]{1,64}`, Secret: true, Required: true},
	{Name: "system_type", Label: "System type", Help: "Only when the operator names one.", Example: "SMPP", Pattern: `[!-~]{0,12}`},
	{Name: "sender", Label: "Sender", Help: "The name or number that customers see when a message has no registered header; without it, the merchant's name.", Example: "ACMEIN", Pattern: `[ -~]{0,20}`},
	{Name: "tls", Label: "TLS", Help: "Encrypt the connection; an address with smpps:// always is.", Options: []string{"off", "on"}},
	{Name: "tls_sha256", Label: "TLS certificate (SHA-256)", Help: "The fingerprint of the operator's certificate, when no public authority has signed it.", Pattern: `([0-9A-Fa-f]{2}:?){32}`},
	{Name: "window", Label: "Window", Help: "How many messages may wait for their answer at once; 10 unless the operator allows more.", Example: "10", Pattern: `[1-9][0-9]{0,2}`},
	{Name: "tps", Label: "Messages per second", Help: "What the operator allows on one bind; without it, as many as the window lets through.", Example: "100", Pattern: `[1-9][0-9]{0,3}`},
	{Name: "message_ids", Label: "Message ids", Help: "How ids in receipts differ from those in answers: hex_answer when answers have them in hex and receipts in decimal, hex_receipt the other way round; auto finds out while it runs.",
		Options: []string{"auto", "same", "hex_answer", "hex_receipt"}},
	{Name: "utc_offset", Label: "Time zone of receipts", Help: "The operator's clock, as its offset from UTC.", Example: "+05:30", Pattern: `[+-][01][0-9]:[0-5][0-9]`},
	{Name: "dlt_entity_tag", Label: "DLT tag: entity", Help: "The TLV for the principal entity's id; 0x1400 unless the operator says otherwise, none to leave it out.", Example: "0x1400", Pattern: tagPattern},
	{Name: "dlt_template_tag", Label: "DLT tag: template", Help: "The TLV for the content template's id; 0x1401 unless the operator says otherwise, none to leave it out.", Example: "0x1401", Pattern: tagPattern},
	{Name: "dlt_chain_tag", Label: "DLT tag: chain", Help: "The TLV for the hash of the telemarketers' chain; 0x1402 unless the operator says otherwise.", Example: "0x1402", Pattern: tagPattern},
	{Name: "dlt_chain", Label: "DLT chain hash", Help: "The hash of the chain between the entity and the operator; empty: it is not sent.", Pattern: `[0-9A-Za-z_,-]{0,200}`},
	{Name: "dlt_kind", Label: "DLT values", Help: "Whether the values of the DLT tags end with a NUL (cstring) or not (octets).", Options: []string{"cstring", "octets"}},
}

const tagPattern = `0x[0-9A-Fa-f]{4}|none`

// settings is an account's fields, understood.
type settings struct {
	address    string // host:port
	host       string
	encrypted  bool
	pin        string // SHA-256 of the server's certificate in lower-case hex; empty: the system's authorities
	systemID   string
	password   string
	systemType string
	sender     string
	window     int
	perSecond  int // 0: no bound
	ids        string
	zone       *time.Location
	dlt        dlt
}

// dlt is how India's registrations travel in this operator's TLVs. A tag of 0 is left out.
type dlt struct {
	entity, template, chain uint16
	hash                    string
	terminated              bool
}

// understand reads an account. The error is a *Rejected: nothing can be sent by it.
func understand(a channel.Account) (settings, error) {
	s := settings{
		systemID: a.Fields["system_id"], password: a.Secret, systemType: a.Fields["system_type"], sender: a.Fields["sender"],
		pin: strings.ToLower(strings.ReplaceAll(a.Fields["tls_sha256"], ":", "")), ids: a.Fields["message_ids"],
		window: 10, zone: time.UTC,
		dlt: dlt{hash: a.Fields["dlt_chain"], terminated: a.Fields["dlt_kind"] != "octets"},
	}
	wrong := func(field string) error {
		return &channel.Rejected{Code: "account_" + field, Reason: provider.BadCredentials}
	}
	u, err := url.Parse(a.Base(""))
	if err != nil || u.Scheme != "smpp" && u.Scheme != "smpps" || u.Hostname() == "" || u.User != nil || u.Path != "" || u.RawQuery != "" {
		return s, wrong("base_url")
	}
	s.host, s.encrypted = u.Hostname(), u.Scheme == "smpps" || a.Fields["tls"] == "on"
	s.address = net.JoinHostPort(s.host, cmp.Or(u.Port(), map[bool]string{false: "2775", true: "3550"}[s.encrypted]))
	if s.systemID == "" || s.password == "" || strings.ContainsRune(s.systemID+s.password+s.systemType, 0) {
		return s, wrong("system_id")
	}
	for name, into := range map[string]*int{"window": &s.window, "tps": &s.perSecond} {
		if text := a.Fields[name]; text != "" {
			if *into, err = strconv.Atoi(text); err != nil || *into < 1 || *into > 9999 {
				return s, wrong(name)
			}
		}
	}
	for name, into := range map[string]*uint16{"dlt_entity_tag": &s.dlt.entity, "dlt_template_tag": &s.dlt.template, "dlt_chain_tag": &s.dlt.chain} {
		if *into, err = tag(name, a.Fields[name]); err != nil {
			return s, wrong(name)
		}
	}
	if offset := a.Fields["utc_offset"]; offset != "" {
		at, err := time.Parse("-07:00", offset)
		if err != nil {
			return s, wrong("utc_offset")
		}
		s.zone = at.Location()
	}
	return s, nil
}

// tag reads a TLV's number; without one it is the one that most operators in India use.
func tag(name, text string) (uint16, error) {
	switch text {
	case "none":
		return 0, nil
	case "":
		return map[string]uint16{"dlt_entity_tag": 0x1400, "dlt_template_tag": 0x1401, "dlt_chain_tag": 0x1402}[name], nil
	}
	n, err := strconv.ParseUint(text, 0, 16)
	return uint16(n), err
}

// mark tells two ways of calling an operator apart: after a change of the account there is another bind.
func mark(a channel.Account) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q", a.ID, a.BaseURL, a.Secret)
	for _, f := range fields {
		if !f.Secret {
			fmt.Fprintf(h, " %q", a.Fields[f.Name])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// source is the sender's address. Digits are a number, or a short code; anything else is a name, of at
// most 11 characters that GSM-7 and every operator have.
func (s settings) source(l channel.Letter) address {
	text := cmp.Or(s.sender, l.Sender)
	if l.Template != nil && l.Template.Header != "" {
		text = l.Template.Header
	}
	number := strings.TrimPrefix(text, "+")
	switch {
	case digits(number) && len(number) > 6:
		return address{tonInternational, npiISDN, number}
	case digits(number):
		return address{tonNetworkSpecific, 0, number}
	}
	name := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text))
	return address{tonAlphanumeric, 0, strings.TrimSpace(name[:min(len(name), 11)])}
}

// registrations are the TLVs that say as which registered template a letter goes out.
func (s settings) registrations(t *channel.Template) (all []tlv) {
	if t == nil {
		return nil
	}
	for _, one := range []struct {
		tag   uint16
		value string
	}{{s.dlt.entity, t.Entity}, {s.dlt.template, t.Name}, {s.dlt.chain, s.dlt.hash}} {
		if one.tag == 0 || one.value == "" {
			continue
		}
		value := []byte(one.value)
		if s.dlt.terminated {
			value = append(value, 0)
		}
		all = append(all, tlv{one.tag, value})
	}
	return all
}

func digits(s string) bool {
	return s != "" && !slices.ContainsFunc([]byte(s), func(b byte) bool { return b < '0' || b > '9' })
}
