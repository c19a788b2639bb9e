package smtp

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/textproto"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dkim"

	"paylink/channel"
)

// signed are the header fields that a signature covers, where a letter has them. List-Unsubscribe must be
// among them for one click to be offered (RFC 8058).
var signed = []string{
	"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post",
}

// signKey is one key that an account signs with.
type signKey struct {
	domain, selector string
	key              crypto.Signer
}

// keysOf reads the account's keys; none where it does not sign.
func keysOf(a channel.Account) ([]signKey, error) {
	domain := a.Fields["dkim_domain"]
	if domain == "" {
		return nil, nil
	}
	var all []signKey
	for _, names := range [][2]string{{"dkim_ed25519_selector", "dkim_ed25519_key"}, {"dkim_selector", "dkim_key"}} {
		selector, text := a.Fields[names[0]], a.Fields[names[1]]
		if selector == "" && text == "" {
			continue
		}
		key, ok := privateKey(text)
		if selector == "" || !ok {
			return nil, misconfigured(names[1], "A DKIM key needs its selector, and must be RSA of at least 2048 bits or Ed25519, as PEM.")
		}
		all = append(all, signKey{domain, selector, key})
	}
	if len(all) == 0 {
		return nil, misconfigured("dkim_key", "The DKIM domain has no key.")
	}
	return all, nil
}

// privateKey reads a PEM block. Fields that lost their line breaks on the way have them back.
func privateKey(text string) (crypto.Signer, bool) {
	block, _ := pem.Decode([]byte(strings.ReplaceAll(text, `\n`, "\n")))
	if block == nil {
		return nil, false
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, key.N.BitLen() >= 2048
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, false
	}
	switch key := parsed.(type) {
	case *rsa.PrivateKey:
		return key, key.N.BitLen() >= 2048
	case ed25519.PrivateKey:
		return key, true
	}
	return nil, false
}

// sign puts a signature of each key before the message.
func sign(message []byte, keys []signKey) ([]byte, error) {
	present := slices.DeleteFunc(slices.Clone(signed), func(name string) bool { return !hasField(message, name) })
	out := message
	for _, k := range keys {
		signer, err := dkim.NewSigner(&dkim.SignOptions{
			Domain: k.domain, Selector: k.selector, Signer: k.key, HeaderKeys: present,
			HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		})
		if err != nil {
			return nil, err
		}
		if _, err := signer.Write(message); err != nil {
			return nil, err
		}
		if err := signer.Close(); err != nil {
			return nil, err
		}
		out = append([]byte(signer.Signature()), out...)
	}
	return out, nil
}

func hasField(message []byte, name string) bool {
	header, _, _ := bytes.Cut(message, []byte("\r\n\r\n"))
	for _, line := range bytes.Split(header, []byte("\r\n")) {
		if field, _, ok := bytes.Cut(line, []byte(":")); ok && textproto.CanonicalMIMEHeaderKey(string(field)) == textproto.CanonicalMIMEHeaderKey(name) {
			return true
		}
	}
	return false
}
