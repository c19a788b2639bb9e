package smtp_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os/exec"
	"strings"
	"testing"

	"paylink/channel"
	"paylink/provider/providertest"
)

// judged is what mailauth says of one signature.
type judged struct{ Domain, Selector, Algorithm, Canonical, Signed, Result, Comment string }

// judge has a letter's signatures verified by mailauth, which is not ours, with the keys in a DNS of the test.
func judge(t *testing.T, letter []byte, records map[string]string) []judged {
	t.Helper()
	keys, err := json.Marshal(records)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "../../story/mail/verify.mjs", string(keys))
	var complaints bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(letter), &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("mailauth (is npm ci done in story/mail?): %v\n%s", err, &complaints)
	}
	var all []judged
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatalf("mailauth wrote %q", out)
	}
	return all
}

func pemOf(t *testing.T, key crypto.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// A letter fails DMARC at every large provider, or a stranger changes what a signature does not cover.
func TestSignaturesAreGenuine(t *testing.T) {
	far := serve(t)
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edPrivate, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := at("smtp", far.Starttls)
	a.Fields["dkim_domain"], a.Fields["dkim_selector"], a.Fields["dkim_key"] = "example.com", "paylink", pemOf(t, private)
	a.Fields["dkim_ed25519_selector"], a.Fields["dkim_ed25519_key"] = "paylink-ed", strings.ReplaceAll(pemOf(t, edPrivate), "\n", `\n`)
	records := map[string]string{
		"paylink._domainkey.example.com":    "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(spki),
		"paylink-ed._domainkey.example.com": "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(edPublic),
	}
	s := sender(t)
	for what, change := range map[string]func(*channel.Letter){
		"as it is":       func(*channel.Letter) {},
		"text only":      func(l *channel.Letter) { l.HTML = "" },
		"no way out":     func(l *channel.Letter) { l.Unsubscribe = "" },
		"dots and blank": func(l *channel.Letter) { l.Text, l.HTML = ".\r\n..\n.  \n\n\n \t\n", "" },
		"long lines":     func(l *channel.Letter) { l.Text, l.Subject = strings.Repeat("ऋ", 5000), strings.Repeat("₹ ", 300) },
	} {
		l := letter("asha@example.org")
		change(&l)
		if _, err := s.Send(t.Context(), a, l); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got := far.next(t).Data
		all := judge(t, got, records)
		want := map[string]string{"paylink": "rsa-sha256", "paylink-ed": "ed25519-sha256"}
		if len(all) != len(want) {
			t.Errorf("%s: %d signatures", what, len(all))
		}
		for _, one := range all {
			if one.Result != "pass" || one.Domain != "example.com" || one.Algorithm != want[one.Selector] || one.Canonical != "relaxed/relaxed" {
				t.Errorf("%s: %+v", what, one)
			}
			for _, field := range []string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post"} {
				unsubscribe := strings.HasPrefix(field, "List-") && l.Unsubscribe == ""
				if !unsubscribe && !strings.Contains(strings.ToLower(one.Signed)+":", strings.ToLower(field)+":") {
					t.Errorf("%s: %s is not signed: %s", what, field, one.Signed)
				}
			}
		}
		for _, one := range judge(t, bytes.Replace(got, []byte("Date: Sun"), []byte("Date: Mon"), 1), records) {
			if one.Result == "pass" {
				t.Errorf("%s: a changed letter is believed: %+v", what, one)
			}
		}
	}
}

// A letter goes out unsigned because the key is mistyped, and nobody sees it until it lands in spam.
func TestKeysThatCannotSignAreRefused(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for what, fields := range map[string]map[string]string{
		"no key":      {"dkim_domain": "example.com"},
		"no selector": {"dkim_domain": "example.com", "dkim_key": pemOf(t, weak)},
		"no PEM":      {"dkim_domain": "example.com", "dkim_selector": "paylink", "dkim_key": "hello"},
		"weak":        {"dkim_domain": "example.com", "dkim_selector": "paylink", "dkim_key": pemOf(t, weak)},
	} {
		a := account()
		for name, value := range fields {
			a.Fields[name] = value
		}
		if _, err := sender(t).Send(t.Context(), a, letter("asha@example.org")); providertest.Ending(err) != "rejected" {
			t.Errorf("%s: %v", what, err)
		}
		if err := sender(t).Test(t.Context(), a); providertest.Ending(err) != "rejected" {
			t.Errorf("%s, when it is tested: %v", what, err)
		}
	}
}
