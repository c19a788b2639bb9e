package smtp

import (
	"crypto/x509"

	"paylink/outbound"
)

// Trusting makes an adapter that believes other certificates than the machine's.
func Trusting(client *outbound.Client, roots *x509.CertPool) *Sender {
	s := New(client)
	s.lanes.roots = roots
	return s
}

// What tests write returned mail with, as a server does that had the letter.
var (
	LetterName = letterName
	MessageID  = messageID
	ReturnPath = returnPath
)
