package inbound_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	channelsandbox "paylink/channel/sandbox"
	"paylink/confirm"
	"paylink/dispatch"
	"paylink/gateway"
	gatewaysandbox "paylink/gateway/sandbox"
	"paylink/keyring"
	"paylink/outbound"
	"paylink/provider"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/web/inbound"
	"paylink/web/respond"
)

var now = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

const secret = "a secret of both sides"

// door is the door with one account behind each kind of provider.
type door struct {
	*testing.T
	store            *store.Store
	handler          http.Handler
	merchant         paylink.MerchantID
	gateway, carrier paylink.AccountID
}

func openDoor(t *testing.T, s *store.Store) *door {
	t.Helper()
	text, err := keyring.Generate(rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	client := outbound.New(outbound.Options{})
	t.Cleanup(client.Close)
	quiet, clock := slog.New(slog.DiscardHandler), func() time.Time { return now }
	d := &door{T: t, store: s, merchant: paylink.NewMerchantID(now), gateway: paylink.NewAccountID(now), carrier: paylink.NewAccountID(now)}
	in := inbound.New(inbound.Deps{
		Confirm: confirm.New(confirm.Deps{
			Store: s, Ring: ring, Now: clock, Log: quiet, Gateways: map[string]gateway.Gateway{"sandbox": gatewaysandbox.New(client)},
		}),
		Dispatch: dispatch.New(dispatch.Deps{
			Store: s, Ring: ring, Now: clock, Log: quiet, Senders: map[string]channel.Sender{"sandbox": channelsandbox.New(client)},
		}),
	})
	mux := http.NewServeMux()
	mux.HandleFunc(inbound.GatewayPath, in.Gateway)
	mux.HandleFunc(inbound.ChannelPath, in.Channel)
	d.handler = respond.Edge{Log: quiet, Now: clock}.Around(respond.Routes(mux))
	err = s.Write(t.Context(), func(tx *store.Tx) error {
		tx.InsertMerchant(paylink.Merchant{ID: d.merchant, Name: "Acme", CreatedAt: now})
		for id, kind := range map[paylink.AccountID]paylink.AccountKind{d.gateway: paylink.AccountGateway, d.carrier: paylink.AccountChannel} {
			tx.InsertAccount(paylink.Account{
				ID: id, Merchant: d.merchant, Kind: kind, Provider: "sandbox", BaseURL: "https://sandbox.example", Secret: provider.SealSecret(ring, id, secret),
			}, now)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// call posts a body with a signature of the time; an empty key leaves the signature out.
func (d *door) call(path, body, key string, at time.Time) int {
	d.Helper()
	r := httptest.NewRequestWithContext(d.Context(), "POST", path, strings.NewReader(body))
	if key != "" {
		mac := hmac.New(sha256.New, []byte(key))
		fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
		r.Header.Set("Sandbox-Signature", fmt.Sprintf("t=%d,v1=%x", at.Unix(), mac.Sum(nil)))
	}
	rec := httptest.NewRecorder()
	d.handler.ServeHTTP(rec, r)
	if got := rec.Header().Get("Content-Type"); rec.Code != 200 && got != "application/problem+json" {
		d.Errorf("%s: %s", path, got)
	}
	return rec.Code
}

// verdicts lists what was kept, oldest first.
func (d *door) verdicts() string {
	d.Helper()
	all, err := d.store.Read(d.Context()).Notices(d.merchant, false, "", "", 100)
	if err != nil {
		d.Fatal(err)
	}
	count := map[string]int{}
	for _, n := range all {
		count[string(n.Verdict)+" "+n.Reason]++
	}
	return fmt.Sprint(count)
}

// The sender must hear whether to call again: yes to what was kept, also twice; no to what is not
// believed; and nobody learns which accounts exist by trying.
func TestAnswersTellWhetherToCallAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := openDoor(t, s)
		const body = `{"id":"n1"}`
		for kind, id := range map[string]paylink.AccountID{"gateway": d.gateway, "channel": d.carrier} {
			path := "/inbound/" + kind + "/sandbox/" + string(id)
			for i, c := range []struct {
				path, body, key string
				at              time.Time
				want            int
			}{
				{path, body, secret, now, 200},
				{path, body, secret, now.Add(time.Second), 200}, // the same notice again
				{path, "other", "", now, 401},
				{path, "other", "a wrong secret", now, 401},
				{path, "other", secret, now.Add(-301 * time.Second), 401},
				{path, strings.Repeat("x", 256<<10+1), secret, now, 413},
				{"/inbound/" + kind + "/stripe/" + string(id), body, secret, now, 404},
				{"/inbound/" + kind + "/sandbox/" + string(paylink.NewAccountID(now)), body, secret, now, 404},
				{"/inbound/" + kind + "/sandbox/acct_%00", body, secret, now, 404},
				{"/inbound/pigeon/sandbox/" + string(id), body, secret, now, 404},
			} {
				if got := d.call(c.path, c.body, c.key, c.at); got != c.want {
					t.Errorf("%s call %d: %d, want %d", kind, i, got, c.want)
				}
			}
		}
		for _, wrong := range []string{"/inbound/gateway/sandbox/" + string(d.carrier), "/inbound/channel/sandbox/" + string(d.gateway)} {
			if got := d.call(wrong, body, secret, now); got != 404 {
				t.Errorf("%s: %d", wrong, got)
			}
		}
		got := d.verdicts()
		for _, want := range []string{"received :2", "refused missing_signature:2", "refused bad_signature:2", "refused stale_timestamp:2"} {
			if !strings.Contains(got, want) {
				t.Errorf("kept %s, want %s", got, want)
			}
		}
	})
}
