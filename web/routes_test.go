package web

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/access"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/web/api"
	"paylink/web/dashboard"
	"paylink/web/inbound"
	"paylink/web/paypage"
	"paylink/web/reference"
	"paylink/web/unsubscribe"
)

// A merchant's sender header that is also the beginning of one of our addresses would make its links
// open somebody else's page.
func TestFirstSegmentsOfRoutesAreReserved(t *testing.T) {
	list := routes(Doors{
		API: api.New(api.Deps{}), Inbound: &inbound.Inbound{}, Pages: &paypage.Handler{},
		Dashboard: dashboard.New(dashboard.Deps{}), Reference: &reference.Reference{}, Sandbox: &Sandbox{}, Unsubscribe: &unsubscribe.Door{},
	})
	for pattern := range list {
		path := pattern[strings.IndexByte(pattern, '/'):]
		if path == "/" {
			continue
		}
		first, _, _ := strings.Cut(path[1:], "/")
		if !slices.Contains(paypage.Reserved, first) {
			t.Errorf("%s: %q is not in paypage.Reserved", pattern, first)
		}
	}
}

// Outside the demo the sandbox belongs to merchants: a stranger reads no messages and makes no
// payments, a live key is refused, and nobody names a merchant by a header of his own.
func TestSandboxIsForItsMerchantOnly(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	now := testNow()
	doors := access.New(access.Deps{Store: s, Now: testNow})
	testSecret, testKey := access.NewKey("mer_a", false, "", now)
	liveSecret, liveKey := access.NewKey("mer_a", true, "", now)
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		tx.InsertMerchant(paylink.Merchant{ID: "mer_a", Name: "Acme", CreatedAt: now})
		tx.InsertKey(testKey)
		tx.InsertKey(liveKey)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	told := ""
	guard := &Sandbox{
		World:   http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told = r.Header.Get(merchantHeader) }),
		Control: func(path string) bool { return !strings.HasPrefix(path, "/sandbox/bank/") },
		Access:  doors,
		Keyless: func(r *http.Request) (paylink.MerchantID, bool) {
			return "mer_signed_in", r.Header.Get("Cookie") == "signed in"
		},
	}
	for _, c := range []struct {
		name, path, key, cookie string
		status                  int
		merchant                string
	}{
		{"a stranger", "/sandbox/messages", "", "", 401, ""},
		{"a test key", "/sandbox/messages", testSecret, "", 200, "mer_a"},
		{"a live key", "/sandbox/messages", liveSecret, "", 403, ""},
		{"a wrong key", "/sandbox/messages", "sk_test_wrong", "signed in", 401, ""},
		{"somebody signed in", "/sandbox/messages", "", "signed in", 200, "mer_signed_in"},
		{"a customer at the bank", "/sandbox/bank/card/x", "", "", 200, ""},
	} {
		told = ""
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.Header.Set(merchantHeader, "mer_of_somebody_else")
		r.Header.Set("Cookie", c.cookie)
		if c.key != "" {
			r.Header.Set("Authorization", "Bearer "+c.key)
		}
		w := httptest.NewRecorder()
		guard.ServeHTTP(w, r)
		if w.Code != c.status || told != c.merchant {
			t.Errorf("%s: %d for %q, want %d for %q", c.name, w.Code, told, c.status, c.merchant)
		}
	}
}

func testNow() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
