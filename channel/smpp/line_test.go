package smpp

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/outbound"
	"paylink/provider"
	"paylink/provider/providertest"
)

// An operator restarts his SMSC in the middle of the day: sending goes on by itself.
func TestLostLinesComeBack(t *testing.T) {
	far := startSMSC(t)
	a := far.account()
	d := listen(t, a)
	for _, end := range []string{"/cut", "/goodbye"} {
		must[channel.Sent](t)(d.Send(t.Context(), a, letter("Pay")))
		binds := far.told().Binds
		far.ask(end, nil, nil)
		eventually(t, "it binds again after "+end, func() bool { return far.told().Binds == binds+1 })
		if _, err := d.Send(t.Context(), a, letter("Pay")); err != nil {
			t.Errorf("after %s: %v", end, err)
		}
	}
}

// A bind that the operator refuses must be told to whoever sends, and tried again: the password may be
// mended on his side.
func TestRefusedBindsAreToldAndTriedAgain(t *testing.T) {
	far := startSMSC(t)
	far.behave(map[string]any{"bind": 0x0d})
	a := far.account()
	d := listen(t, a)
	for range 3 {
		if _, err := d.Send(t.Context(), a, letter("Pay")); rejection(t, err).Reason != provider.BadCredentials {
			t.Errorf("a bind that is refused: %v", err)
		}
	}
	far.behave(nil)
	eventually(t, "it is bound", func() bool { return d.isUp(a) })
	if _, err := d.Send(t.Context(), a, letter("Pay")); err != nil {
		t.Error(err)
	}
}

// The button that tests an account says in a moment what is wrong with it.
func TestAccountsAreTestedWithoutAMessage(t *testing.T) {
	far := startSMSC(t)
	d := New(newClient(t)) // nobody listens: a page may ask in another process
	a := far.account()
	if err := d.Test(t.Context(), a); err != nil {
		t.Errorf("good credentials: %v", err)
	}
	eventually(t, "the test leaves no bind behind", func() bool { return far.told().Sessions == 0 })
	wrong := a
	wrong.Secret = "wrong"
	if err := d.Test(t.Context(), wrong); rejection(t, err).Reason != provider.BadCredentials {
		t.Errorf("a wrong password: %v", err)
	}
	wrong = a
	wrong.BaseURL = "smpp://127.0.0.1:1"
	if got := providertest.Ending(d.Test(t.Context(), wrong)); got != "not sent" {
		t.Errorf("nobody there: %q", got)
	}
	if len(far.submits()) > 0 {
		t.Error("a test has sent something")
	}
}

// Whoever may enter an SMSC's address must not reach the operator's own network by it.
func TestPrivateAddressesAreNotCalled(t *testing.T) {
	strict := outbound.New(outbound.Options{})
	t.Cleanup(strict.Close)
	d := New(strict)
	a := channel.Account{ID: "acct_01kaa", Secret: "x", Fields: map[string]string{"system_id": "x"}}
	for _, address := range []string{"smpp://127.0.0.1:2775", "smpp://10.0.0.1", "smpps://localhost", "smpp://smsc.example:22", "smpp://0x7f.1:2775"} {
		a.BaseURL = address
		if err := d.Test(t.Context(), a); !errors.Is(err, outbound.ErrDestination) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// The operator looks whether we are there, and asks what we do not know.
func TestRequestsOfTheOperatorAreAnswered(t *testing.T) {
	far := startSMSC(t)
	a := far.account()
	d := listen(t, a)
	must[channel.Sent](t)(d.Send(t.Context(), a, letter("Pay")))
	var status int
	if far.ask("/enquire", nil, &status); status != 0 {
		t.Errorf("enquire_link is answered with 0x%x", status)
	}
	if far.ask("/strange", nil, &status); status != int(statusUnknownID) {
		t.Errorf("query_sm is answered with 0x%x, want 0x3", status)
	}
}

// An account is changed or taken away: the old bind must not stay, nor the new one wait.
func TestBindsFollowTheAccounts(t *testing.T) {
	far := startSMSC(t)
	a := far.account()
	d := listen(t, a)
	must[channel.Sent](t)(d.Send(t.Context(), a, letter("Pay")))
	changed := a
	changed.Fields = map[string]string{"system_id": "acme_trx", "window": "3"}
	must[channel.Sent](t)(d.Send(t.Context(), changed, letter("Pay")))
	if got := far.told().Sessions; got != 2 {
		t.Errorf("%d binds for an account before and after its change, want 2", got)
	}
	d.keep(d.office, []channel.Account{changed})
	eventually(t, "one bind is left", func() bool { return far.told().Sessions == 1 })
	if d.isUp(a) || !d.isUp(changed) {
		t.Error("the wrong bind is left")
	}
	d.keep(d.office, nil)
	eventually(t, "no bind is left", func() bool { return far.told().Sessions == 0 })
}

// A node is stopped: what it has submitted is answered first, and the operator sees an unbind, not a line
// that broke.
func TestLeavingWaitsForAnswers(t *testing.T) {
	far := startSMSC(t)
	far.behave(map[string]any{"answers": "late", "receipts": "never"})
	a := far.account()
	d := New(newClient(t))
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() {
		err := d.Listen(ctx, func(context.Context) ([]channel.Account, error) { return []channel.Account{a}, nil }, nil)
		if err != nil {
			t.Error(err)
		}
	})
	work.Go(func() {
		if _, err := d.Send(t.Context(), a, letter("Pay")); err != nil {
			t.Errorf("a message under way while the node stops: %v", err)
		}
	})
	eventually(t, "it is submitted", func() bool { return len(far.submits()) == 1 })
	stop()
	work.Wait()
	if far.told().Unbinds != 1 {
		t.Error("the line was not left in good order")
	}
	if _, err := d.Send(t.Context(), a, letter("Pay")); providertest.Ending(err) != "not sent" {
		t.Errorf("after the end: %v", err)
	}
}

// Credentials and texts go through the country in the clear, or to somebody else.
func TestLinesAreEncrypted(t *testing.T) {
	cert, key, sum := certificate(t)
	far := startSMSC(t, cert, key)
	for name, c := range map[string]struct {
		scheme, tls, pin string
		want             string
	}{
		"smpps and its own certificate": {"smpps", "", sum, "well"},
		"the field and a pin of pairs":  {"smpp", "on", strings.ToUpper(pairs(sum)), "well"},
		"no pin":                        {"smpps", "", "", "not sent"},
		"another pin":                   {"smpps", "", strings.Repeat("0", 64), "not sent"},
	} {
		a := far.account()
		a.BaseURL = c.scheme + strings.TrimPrefix(a.BaseURL, "smpp")
		a.Fields["tls"], a.Fields["tls_sha256"] = c.tls, c.pin
		if got := providertest.Ending(New(newClient(t)).Test(t.Context(), a)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	a := far.account()
	a.Fields["tls"], a.Fields["tls_sha256"] = "on", sum
	d := listen(t, a)
	l := letter("Pay")
	if _, err := d.Send(t.Context(), a, l); err != nil {
		t.Fatal(err)
	}
	d.receipt(t, a, l.ID, paylink.MessageDelivered)
}

// certificate makes one that nobody has signed, and gives its files and its fingerprint.
func certificate(t *testing.T) (cert, key, sum string) {
	t.Helper()
	private := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	text := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "smsc.example"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, text, text, &private.PublicKey, private))
	file := func(kind string, body []byte) string {
		name := t.TempDir() + "/" + "pem"
		if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: body}), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	hash := sha256.Sum256(der)
	return file("CERTIFICATE", der), file("PRIVATE KEY", must[[]byte](t)(x509.MarshalPKCS8PrivateKey(private))), hex.EncodeToString(hash[:])
}

// pairs writes a fingerprint as tools print it.
func pairs(sum string) string {
	var out []string
	for i := 0; i < len(sum); i += 2 {
		out = append(out, sum[i:i+2])
	}
	return strings.Join(out, ":")
}
