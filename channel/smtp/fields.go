package smtp

import (
	"cmp"
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	"paylink/channel"
	"paylink/provider"
)

// fields are what an account asks for, beside the address of its server: smtp://host:587 begins in the
// clear and turns to TLS before it signs in, smtps://host:465 is TLS from the first byte.
func fields() []provider.Field {
	const (
		address = `[^@\s<>",;:\\]+@[A-Za-z0-9.-]+\.?[A-Za-z0-9-]*`
		domain  = `[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`
		label   = `[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*`
	)
	return []provider.Field{
		{Name: "username", Label: "User name", Help: "With which you sign in to the mail server.", Example: "payments@example.com"},
		{Name: "password", Label: "Password", Help: "Of the mail server; an app password where it has such.", Secret: true},
		{Name: "from_address", Label: "From address", Help: "From which customers get mail.", Example: "payments@example.com", Pattern: address, Required: true},
		{Name: "from_name", Label: "From name", Help: "The sender as customers see it; without it, your name.", Example: "Acme", Most: 60},
		{Name: "reply_to", Label: "Reply-To address", Help: "Where answers go; without it, to the from address.", Example: "help@example.com", Pattern: address},
		{Name: "bounce_domain", Label: "Bounce domain", Help: "Returned mail goes to bounce+…@ this domain. Without it, to the from address.", Example: "bounces.example.com", Pattern: domain},
		{Name: provider.Secret, Label: "Bounce secret", Help: "A long text of your own: with it returned mail is handed to paylink, and nobody else's is believed.", Pattern: `[A-Za-z0-9_-]{16,200}`, Secret: true},
		{Name: "dkim_domain", Label: "DKIM domain", Help: "That signs; without it, letters are left unsigned, for your server to sign.", Example: "example.com", Pattern: domain},
		{Name: "dkim_selector", Label: "DKIM selector", Help: "Under which the public key stands in DNS.", Example: "paylink", Pattern: label},
		{Name: "dkim_key", Label: "DKIM private key", Help: "RSA of 2048 bits, as PEM.", Most: 8000, Secret: true},
		{Name: "dkim_ed25519_selector", Label: "Second DKIM selector", Help: "Of an Ed25519 key, if you sign with both.", Example: "paylink-ed", Pattern: label},
		{Name: "dkim_ed25519_key", Label: "Second DKIM private key", Help: "Ed25519, as PEM.", Most: 2000, Secret: true},
	}
}

// laneKey is everything that a connection depends on. It is never printed.
type laneKey struct {
	account            string
	host               string
	port               int
	implicit           bool // TLS from the first byte
	username, password string
	helo               string
}

// serverOf is where and as whom the account sends.
func serverOf(a channel.Account) (laneKey, error) {
	u, err := url.Parse(a.BaseURL)
	wrong := misconfigured("server_address", "The server's address must be smtp://host:587 or smtps://host:465.")
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return laneKey{}, wrong
	}
	port, err := strconv.Atoi(cmp.Or(u.Port(), map[string]string{"smtp": "587", "smtps": "465"}[u.Scheme]))
	if err != nil || port < 1 || port > 65535 {
		return laneKey{}, wrong
	}
	return laneKey{
		account: a.Name(), host: u.Hostname(), port: port, implicit: u.Scheme == "smtps",
		username: a.Fields["username"], password: a.Fields["password"], helo: domainOf(a.Fields["from_address"]),
	}, nil
}

// mailbox reads a bare address, as it stands on an envelope.
func mailbox(s string) (string, bool) {
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Name != "" || parsed.Address != strings.TrimSpace(s) || strings.ContainsAny(s, "\r\n\x00<> ") || len(s) > 254 {
		return "", false
	}
	return parsed.Address, true
}

func domainOf(address string) string { return address[strings.LastIndex(address, "@")+1:] }

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// misconfigured refuses a letter because of what the account says. Nothing was called.
func misconfigured(code, words string) error {
	return &channel.Rejected{Code: code, Reason: provider.BadRequest, Words: words}
}
