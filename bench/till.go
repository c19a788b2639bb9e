package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"paylink/bench/baseline"
)

// till is a database with very many payments under way, whose gateway we are: paylink is told the key of a sandbox
// in a process of its own, and we hold it. They are copies of one payment that a customer began over the page,
// with links, customers and codes of their own; their tokens are the first link's.
type till struct {
	crowd
	carrier                 *http.Server
	carried                 chan struct{} // closed when it has ended
	account                 string        // of the merchant at the gateway
	payment, link, customer string        // of the first one
	made                    int64         // payments so far
	sent                    int64         // of them, those whose notice went out
}

// masterKey is what paylink and its sandbox share.
const masterKey = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

// newTill makes the database. The server is not started yet. The customers' receipts go to a carrier that takes
// everything; it ends with close.
func (b *bench) newTill(ctx context.Context, kind, name string) (_ *till, err error) {
	dir := filepath.Join(b.dir, name+"-on-"+kind)
	address := filepath.Join(dir, "paylink.db")
	database := "sqlite://" + address
	if kind == "PostgreSQL" {
		address = b.postgres.url(name, nil)
		database = address
		if _, err := b.postgres.sql(ctx, "CREATE DATABASE "+name); err != nil {
			return nil, err
		}
	}
	if b.listened == "" {
		if b.listened, err = b.buildEdited(ctx, "listened", onLoopback); err != nil {
			return nil, err
		}
	}
	p, err := newProgram(ctx, b.listened, dir, database)
	if err != nil {
		return nil, err
	}
	t := &till{crowd: crowd{p: p, kind: kind}}
	if err := b.begin(ctx, p); err != nil {
		return nil, err
	}
	if t.db, err = baseline.Open(address); err != nil {
		return nil, err
	}
	var status string
	const q = `SELECT p.account_id, p.status, p.id, p.link_id, l.customer_id FROM payments p JOIN links l ON l.id = p.link_id`
	err = t.db.QueryRowContext(ctx, q).Scan(&t.account, &status, &t.payment, &t.link, &t.customer)
	if err == nil && status != "pending" {
		err = fmt.Errorf("the first payment is %s", status)
	}
	var carrier string
	if err == nil {
		carrier, err = t.carry()
	}
	p.settings = []string{"PAYLINK_SANDBOX_URL=http://" + carrier + "/sandbox", "PAYLINK_SANDBOX_KEY=" + masterKey, "BENCH_PROFILE=" + filepath.Join(p.dir, "profile")}
	if err != nil {
		return nil, errors.Join(err, t.db.Close())
	}
	return t, nil
}

// carry takes what is sent to the sandbox's carriers.
func (t *till) carry() (address string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	var taken atomic.Int64
	t.carrier = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, 1<<20)) // so that the connection can be used again
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"id":"sbx_msg_%d"}`, taken.Add(1))
	})}
	t.carried = make(chan struct{})
	go func() {
		defer close(t.carried)
		_ = t.carrier.Serve(listener) // it ends by Close
	}()
	return listener.Addr().String(), nil
}

// close ends what the till has besides its program.
func (t *till) close() error {
	err := errors.Join(t.carrier.Close(), t.db.Close())
	<-t.carried
	return err
}

// begin has a customer of the sandbox inside begin to pay, whose bank takes its time.
func (b *bench) begin(ctx context.Context, p *program) error {
	if err := p.serve(ctx); err != nil {
		return err
	}
	made, err := b.create(ctx, p)
	if err == nil {
		walk := fmt.Sprintf(`{"url":%q,"method":"upi","outcome":"pending"}`, made.URL)
		err = p.post(ctx, "/sandbox/pay", walk, http.StatusOK, new(any))
	}
	time.Sleep(time.Second) // its events are sealed
	return errors.Join(err, p.stop())
}

// begun adds payments that wait for their notices. It may be called beside the server on PostgreSQL alone.
func (t *till) begun(ctx context.Context, more int64) error {
	from, to := t.made+1, t.made+more+1
	text := func(before string) string { return `'` + before + `' || CAST(i AS TEXT)` }
	reference := `printf('BENCH%015d', i)`
	if t.kind == "PostgreSQL" {
		reference = `'BENCH' || lpad(CAST(i AS TEXT), 15, '0')`
	}
	customer, link := t.id("cust", "i"), t.id("plink", "i")
	for _, c := range []struct {
		table, where string
		replaced     map[string]string
	}{
		{"customers", "id = '" + t.customer + "'", map[string]string{"id": customer, "phone": `'+91' || CAST(7000000000 + i AS TEXT)`, "email": text("c") + ` || '@example.com'`}},
		{"links", "id = '" + t.link + "'", map[string]string{"id": link, "customer_id": customer, "reference": text("till-"), "code_key": "i"}},
		{"codes", "link_id = '" + t.link + "'", map[string]string{"link_id": link, "key": "i"}},
		{"payments", "id = '" + t.payment + "'", map[string]string{"link_id": link, "id": t.id("pay", "i"), "reference": reference, "gateway_reference": "NULL"}},
	} {
		if err := t.copies(ctx, c.table, c.where, from, to, c.replaced); err != nil {
			return err
		}
	}
	t.made += more
	return t.settle(ctx)
}

// nth is the id of a payment's link, as id writes it in SQL.
func nth(tag string, i int64) string { return fmt.Sprintf("%s_06h000000%017x", tag, i) }

// notice is the gateway's word that payment i is captured.
func (t *till) notice(i int64, at time.Time) []byte {
	return fmt.Appendf(nil, `{"id":"sbx_ntc_%d","type":"payment.captured","account":"%s.%s","created":%q,"data":{"id":"sbx_pay_%[1]d",`+
		`"reference":"BENCH%015[1]d","amount":245000,"currency":"INR","status":"captured","method":"upi","details":{"app":"test_success"},`+
		`"bank_reference":"412345678901","fee":4900,"tax":882,"decline":null,"at":%[4]q}}`, i, t.p.merchant, t.account, at.UTC().Format(time.RFC3339Nano))
}

// signed makes the request that posts a body as the gateway does. Whoever forges knows everything but the key.
func (t *till) signed(buf, body []byte, key string, at time.Time) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	buf = fmt.Appendf(buf, "POST /inbound/gateway/sandbox/%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nSandbox-Signature: t=%d,v1=%x\r\nContent-Length: %d\r\n\r\n",
		t.account, t.p.listen, at.Unix(), mac.Sum(nil), len(body))
	return append(buf, body...)
}

// key is what the gateway signs with for the merchant's account.
func (t *till) key() string {
	master, _ := hex.DecodeString(masterKey) // it is written in this file
	mac := hmac.New(sha256.New, master)
	fmt.Fprintf(mac, "%s.%s", t.p.merchant, t.account)
	return hex.EncodeToString(mac.Sum(nil))
}
