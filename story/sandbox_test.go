package story

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdPhone waits until so many messages have come to the customer's phone, counted from the start of
// the story; the answer is then the list, newest first:
//
//	phone sms 1        phone any 4        phone sms 1 +919812345601
func cmdPhone(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) < 2 {
		ts.Fatalf("usage: phone CHANNEL|any N [TO]")
	}
	query := url.Values{"limit": {"100"}}
	if args[0] != "any" {
		query.Set("channel", args[0])
	}
	if len(args) == 3 {
		query.Set("to", args[2])
	}
	got := 0
	if !until(func() bool {
		w.sandbox(ts, http.MethodGet, "/messages?"+query.Encode(), nil)
		v, _ := w.last.value(".data")
		list, _ := v.([]any)
		got = len(list)
		return fmt.Sprint(got) == args[1]
	}) {
		ts.Fatalf("%d messages came, want %s; %s", got, args[1], &w.last)
	}
}

// cmdPay lets a customer pay as a browser would, with the outcome that the bank is told to have; the
// answer is the sandbox's:
//
//	pay $URL card success
func cmdPay(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: pay URL METHOD OUTCOME [AMOUNT]")
	}
	body := map[string]any{"url": args[0], "method": args[1], "outcome": args[2]}
	if len(args) == 4 {
		body["amount"] = json.RawMessage(args[3])
	}
	w.sandbox(ts, http.MethodPost, "/pay", body)
}

// cmdClock moves the sandbox clock of the merchant's test world:
//
//	clock 24h
func cmdClock(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) != 1 {
		ts.Fatalf("usage: clock DURATION")
	}
	w.sandbox(ts, http.MethodPost, "/clock", map[string]any{"advance": args[0]})
	cmdStatus(ts, false, []string{"200"})
}

func (w *world) sandbox(ts *testscript.TestScript, method, path string, body any) {
	var content string
	if body != nil {
		b, err := json.Marshal(body)
		ts.Check(err)
		content = string(b)
	}
	req, err := http.NewRequest(method, w.demo.SandboxURL+path, strings.NewReader(content))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if w.apart != nil { // the demo alone lets anybody in
		req.Header.Set("Authorization", "Bearer "+w.demo.APIKey)
	}
	w.call(ts, client, req)
}

// apart is a sandbox in a process of its own: where it is, the key that it shares with paylink, and
// where paylink is to listen.
type apart struct{ listen, sandbox, key string }

// startSandbox starts the pretend world as its own process. Both addresses are chosen here, because
// each side is told the other's.
func (w *world) startSandbox(ts *testscript.TestScript, flags []string) {
	ours, theirs := freeAddress(ts), freeAddress(ts)
	w.apart = &apart{listen: ours, sandbox: "http://" + theirs + "/sandbox", key: strings.Repeat("6d", 32)}
	args := append([]string{"sandbox", "--listen", theirs, "--paylink", "http://" + ours}, flags...)
	p := w.start(ts, "sandbox", args, []string{"PAYLINK_SANDBOX_KEY=" + w.apart.key})
	w.awaitReady(ts, p, func() bool {
		c, err := net.Dial("tcp", theirs)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// freeAddress asks the system for a port that is free now.
func freeAddress(ts *testscript.TestScript) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	return l.Addr().String()
}
