package connect

import (
	"testing"

	"paylink/outbound"
)

// A mail server cannot be named at all; or by its scheme an account leads into our own network.
func TestWhereAccountsMayLead(t *testing.T) {
	client := outbound.New(outbound.Options{})
	t.Cleanup(client.Close)
	x := &Accounts{client: client}
	for base, want := range map[string]bool{
		"https://api.example.com": true, "smtp://mail.example.com": true, "smtp://mail.example.com:587/": true, "smtps://mail.example.com": true,
		"smtp://mail.example.com:2525": true, "smpp://smsc.example.com": true,
		"smtp://127.0.0.1:25": false, "smtp://localhost": false, "smtp://10.0.0.1": false, "smtp://mail": false, "smtp://mail.example.com:22": false,
		"smtp://": false, "smtp://name:secret@mail.example.com": false, "smtp://mail.example.com/path": false, "smtp://mail.example.com?x": false,
		"smtp://[::1]:587": false, "ftp://mail.example.com": false, "http://mail.example.com": false,
	} {
		if err := x.reachable(base); (err == nil) != want {
			t.Errorf("%s: %v", base, err)
		}
	}
}
