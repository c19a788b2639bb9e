package smpp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/outbound"
	"paylink/provider/providertest"
)

// smsc is node-smpp's server as testdata/smsc.mjs runs it.
type smsc struct {
	t       *testing.T
	port    int
	control string
}

const nodeModule = "../../story/node/node_modules/smpp"

func startSMSC(t *testing.T, args ...string) *smsc {
	t.Helper()
	if _, err := os.Stat(nodeModule); err != nil {
		t.Fatal("the SMSC of these tests is the npm module smpp: run `npm ci` in story/node")
	}
	folder := must[string](t)(os.Getwd())
	cmd := exec.Command("node", append([]string{"testdata/smsc.mjs", folder + "/" + nodeModule}, args...)...)
	cmd.Stderr = os.Stderr
	hold, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the SMSC: %v", err)
	}
	t.Cleanup(func() {
		_ = hold.Close() // it ends with its input
		_ = cmd.Wait()
	})
	var ports struct{ SMPP, Control int }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &ports)
	}
	if err != nil {
		t.Fatalf("the SMSC did not say where it is: %v", err)
	}
	return &smsc{t, ports.SMPP, fmt.Sprintf("http://127.0.0.1:%d", ports.Control)}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// ask calls the control port and reads its answer into out.
func (c *smsc) ask(path string, in, out any) {
	c.t.Helper()
	body := must[[]byte](c.t)(json.Marshal(in))
	res, err := http.Post(c.control+path, "application/json", bytes.NewReader(body))
	if err != nil {
		c.t.Fatalf("control the SMSC: %v", err)
	}
	defer func() { _ = res.Body.Close() }()
	if out == nil {
		return
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		c.t.Fatalf("control the SMSC at %s: %v", path, err)
	}
}

// behave says what it does from now on that a healthy one does not.
func (c *smsc) behave(how map[string]any) { c.t.Helper(); c.ask("/set", how, nil) }

// submit is one submit_sm as the SMSC understood it.
type submit struct {
	Ref, Total, At, Sequence       int
	From, To, Text, ID, Validity   string
	FromTon, FromNpi, ToTon, ToNpi byte
	ESM, Coding, Registered        byte
	Status                         int
	Options                        map[string]string
}

func (c *smsc) submits() (all []submit) { c.t.Helper(); c.ask("/submits", nil, &all); return all }

type smscTold struct {
	Binds, Unbinds, Sessions int
	Delivered                []int
}

func (c *smsc) told() (told smscTold) { c.t.Helper(); c.ask("/told", nil, &told); return told }

func (c *smsc) account() channel.Account {
	return channel.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: fmt.Sprintf("smpp://127.0.0.1:%d", c.port), Secret: "s3cret!",
		Fields: map[string]string{"system_id": "acme_trx", "sender": "ACMEIN"},
	}
}

// desk is a sender that listens, and what it has had kept.
type desk struct {
	*Sender
	far  *providertest.Far
	fail chan error // an error in it lets the next post not be kept
}

func newClient(t *testing.T) *outbound.Client {
	c := outbound.New(outbound.Options{AllowLoopback: true})
	t.Cleanup(c.Close)
	return c
}

// listen runs a sender for accounts until the test ends. What it takes is posted to the far side's inbox.
func listen(t *testing.T, accounts ...channel.Account) *desk {
	t.Helper()
	d := &desk{New(newClient(t)), providertest.Serve(t, func(*providertest.Far) http.Handler { return http.NotFoundHandler() }), make(chan error, 1)}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- d.Listen(ctx, func(context.Context) ([]channel.Account, error) { return accounts, nil }, d.take)
	}()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("listen: %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("listening does not end")
		}
	})
	return d
}

func (d *desk) take(ctx context.Context, _ paylink.AccountID, p channel.Post) error {
	select {
	case err := <-d.fail:
		return err
	default:
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.far.Inbox, bytes.NewReader(p.Body))
	if err != nil {
		return err
	}
	req.Header = p.Header.Clone()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// next reads the next post that is of the kind, verified.
func (d *desk) next(t *testing.T, a channel.Account, want func(channel.News) bool) channel.News {
	t.Helper()
	var found channel.News
	d.far.Next(t, func(p providertest.Post) bool {
		if err := d.Verify(a, channel.Post(p), time.Now()); err != nil {
			t.Errorf("verify what the operator sent: %v", err)
		}
		news, err := d.Read(a, channel.Post(p))
		if err != nil {
			t.Errorf("read what the operator sent: %v", err)
		}
		found = news
		return want(news)
	})
	return found
}

// receipt waits for a receipt of a message, with a status.
func (d *desk) receipt(t *testing.T, a channel.Account, m paylink.MessageID, status paylink.MessageStatus) channel.Receipt {
	t.Helper()
	return d.next(t, a, func(n channel.News) bool {
		return len(n.Receipts) == 1 && n.Receipts[0].Message == m && n.Receipts[0].Status == status
	}).Receipts[0]
}

func letter(text string) channel.Letter {
	return channel.Letter{ID: paylink.NewMessageID(time.Now()), Channel: paylink.ChannelSMS, To: "+919812345642", Text: text, Sender: "Acme"}
}

func anyPost(providertest.Post) bool { return true }

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 400 {
		if holds() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("not within 10 s: %s", what)
}
