package issue_test

import (
	"bytes"
	"sync"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// A link that leads to an origin that its merchant never registered is an open redirect with a trusted name.
func TestReturnAddressesAreOfRegisteredOrigins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		create := func(live bool, to string) string {
			by, d := w.actor(), draft()
			by.Live, d.Reference, d.ReturnURL, d.Channels = live, "", to, nil
			_, err := w.issuer.Create(t.Context(), by, d, nil)
			return wrong(err)
		}
		const unregistered = "/return_url origin_not_registered"
		if test, live := create(false, "https://shop.example/thanks"), create(true, "https://shop.example/thanks"); test != "" || live != unregistered {
			t.Errorf("with nothing registered: test %q, live %q", test, live)
		}
		for text, want := range map[string]string{
			`["http://shop.example"]`:                          "/settings/return_origins/0 bad_url",
			`["https://shop.example/"]`:                        "/settings/return_origins/0 bad_origin",
			`["https://Shop.example"]`:                         "/settings/return_origins/0 bad_origin",
			`["https://shop.example:443"]`:                     "/settings/return_origins/0 bad_origin",
			`["https://a.example","https://a.example"]`:        "/settings/return_origins/1 duplicate_value",
			`["http://localhost:3000"]`:                        "/settings/return_origins/0 bad_origin",
			`["https://shop.example","https://[::1]:8443"]`:    "",
			`["https://shop.example","https://a.example:444"]`: "",
		} {
			_, err := w.issuer.Decide(t.Context(), w.actor(), issue.Decision{Members: members(t, `{"return_origins":`+text+`}`)})
			if got := wrong(err); got != want {
				t.Errorf("%s: %q, want %q", text, got, want)
			}
		}
		_, err := w.issuer.Decide(t.Context(), w.actor(), issue.Decision{Members: members(t, `{"return_origins":["https://shop.example"]}`)})
		if err != nil {
			t.Fatal(err)
		}
		for _, live := range []bool{false, true} {
			for to, want := range map[string]string{
				"https://shop.example/thanks?a=1": "", "https://other.example/": unregistered, "https://shop.example.evil.example/": unregistered,
				"https://shop.example/?paylink_status=paid": "/return_url reserved_parameter",
			} {
				if got := create(live, to); got != want {
					t.Errorf("live %t, %s: %q, want %q", live, to, got, want)
				}
			}
		}
		if got := create(false, "http://localhost:3000/"); got != "" {
			t.Errorf("the developer's own machine: %q", got)
		}
	})
}

// Two people who rotate in one instant must not lose the secret with which the shop still verifies; a
// repeated request makes no third.
func TestReturnSecretsRotateOneAfterTheOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		by := w.actor()
		if _, err := s.Read(t.Context()).ReturnSecret(by.Merchant.ID, false); !paylink.IsNotFound(err) {
			t.Fatalf("before the first: %v", err)
		}
		made := make([]issue.NewReturnSecret, 8)
		var rotating sync.WaitGroup
		for i := range made {
			rotating.Go(func() {
				var err error
				if made[i], err = w.issuer.RotateReturnSecret(t.Context(), by, nil); err != nil {
					t.Error(err)
				}
			})
		}
		rotating.Wait()
		first, texts := 0, map[string]bool{}
		for _, m := range made {
			texts[m.Text] = true
			if m.Previous == nil {
				first++
			}
			followed := 0
			for _, other := range made {
				if m.Previous != nil && bytes.Equal(m.Previous, other.Sealed) {
					followed++
				}
			}
			if m.Previous != nil && followed != 1 {
				t.Errorf("the one before is that of %d others", followed)
			}
		}
		if first != 1 || len(texts) != len(made) {
			t.Errorf("%d were the first, %d are different", first, len(texts))
		}
		claim := &store.Claim{Merchant: by.Merchant.ID, Route: "rotate", Key: "k"}
		once, err := w.issuer.RotateReturnSecret(t.Context(), by, claim)
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.issuer.RotateReturnSecret(t.Context(), by, &store.Claim{Merchant: by.Merchant.ID, Route: "rotate", Key: "k"})
		if err != nil || again.Text != once.Text || !again.Replayed {
			t.Errorf("repeated: %t, %v", again.Text == once.Text, err)
		}
		if _, err := s.Read(t.Context()).ReturnSecret(by.Merchant.ID, true); !paylink.IsNotFound(err) {
			t.Errorf("the live world has a secret of the test world: %v", err)
		}
	})
}
