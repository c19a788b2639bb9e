// Package returned runs the JavaScript that docs/asks.md gives to merchants against what paylink signs.
// It is for whoever changes one of the two; what stands in the text is theirs to write.
package returned

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paylink"
)

const program = `
import { verifyReturn } from "./sample.mjs";
const [url, secret] = process.argv.slice(2);
const then = 1796115821000;
const good = verifyReturn(url, secret, then);
const bad = [
  verifyReturn(url.replace("status=paid", "status=failed"), secret, then), verifyReturn(url + "&paylink_status=paid", secret, then),
  verifyReturn(url, "rtsec_bm90IHRoZSBzZWNyZXQ=", then), verifyReturn(url, secret, then + 301_000), verifyReturn("https://shop.example/", secret, then),
];
console.log(JSON.stringify({ good, bad }));
`

// A sample that merchants copy and that does not work, or believes everybody, is worse than none.
func TestTheSampleVerifiesWhatIsSigned(t *testing.T) {
	text, err := os.ReadFile("../asks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, sample, _ := strings.Cut(string(text), "```js\n")
	sample, _, found := strings.Cut(sample, "```")
	if !found {
		t.Fatal("docs/asks.md has no sample")
	}
	folder := t.TempDir()
	for name, content := range map[string]string{"sample.mjs": sample, "run.mjs": program} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := paylink.Returned{
		Link: "plink_01kbfk6sy9541sj3eqhb6gd1gh", Payment: "pay_01kbfkcakjq5nrfbfyh5k0jkct", Status: paylink.LinkPaid, Reference: "order 1042/ä", At: time.Unix(1_796_115_821, 0),
	}
	secret := []byte("0123456789abcdef0123456789abcdef")
	// As for a day after a rotation: the merchant has the second of two secrets.
	url := r.Address("https://shop.example/thanks?a=1", []byte("another"), secret)
	if only := r.Address("https://shop.example/", secret); !strings.Contains(string(text), only[strings.LastIndex(only, "=")+1:]) {
		t.Error("the vector in docs/asks.md is another")
	}
	out, err := exec.CommandContext(t.Context(), "node", filepath.Join(folder, "run.mjs"), url, paylink.ReturnSecretText(secret)).CombinedOutput()
	const want = `{"good":{"link":"plink_01kbfk6sy9541sj3eqhb6gd1gh","payment":"pay_01kbfkcakjq5nrfbfyh5k0jkct","status":"paid","reference":"order 1042/ä","at":"2026-12-01T09:03:41.000Z"},"bad":[null,null,null,null,null]}`
	if err != nil || strings.TrimSpace(string(out)) != want {
		t.Errorf("node says %s, %v", out, err)
	}
}
