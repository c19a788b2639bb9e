package dashboard

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/inbox"
	"paylink/store"
	"paylink/store/storetest"
)

const notificationsPath = settingsPath + "/notifications"

// subscriptionOf is what a browser's page sends.
func subscriptionOf(t *testing.T, endpoint string) url.Values {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	must(t, err)
	point := base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes())
	return url.Values{"subscription": {`{"endpoint":"` + endpoint + `","keys":{"p256dh":"` + point + `","auth":"AAAAAAAAAAAAAAAAAAAAAA"}}`}}
}

var (
	dataKey  = regexp.MustCompile(`data-key="([A-Za-z0-9_-]{87})"`)
	dataHere = regexp.MustCompile(`data-here="([^"]*)"`)
	removeAt = regexp.MustCompile(`action="(` + notificationsPath + `/dev_[0-9a-z]{26}/remove)"`)
)

// A person cannot tell the own browsers apart or stop one of them; a colleague's is shown or stopped; live mode is
// stopped with test mode; or a browser that pressed the button twice is listed twice.
func TestDevicesAreListedAndStopped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		page := o.get(notificationsPath)
		key := dataKey.FindStringSubmatch(page.Body.String())
		if page.Code != http.StatusOK || key == nil || !strings.Contains(page.Body.String(), "on no device in test mode") {
			t.Fatalf("%d: %s", page.Code, page.Body)
		}
		colleague := inbox.Member{Merchant: o.merchant.ID, Staff: paylink.NewStaffID(noon)}
		o.write(func(tx *store.Tx) {
			tx.InsertStaff(paylink.Staff{ID: colleague.Staff, Merchant: colleague.Merchant, Email: "other@acme.example", CreatedAt: noon})
		})
		theirs, err := o.board.Devices.RegisterMember(t.Context(), colleague, subscriptionOf(t, "https://web.push.apple.com/canary").Get("subscription"))
		must(t, err)

		firefox := subscriptionOf(t, "https://updates.push.services.mozilla.com/wpush/v2/one")
		var here *http.Cookie
		for range 2 {
			w := o.post(notificationsPath, firefox)
			if w.Header().Get("Location") != notificationsPath+"?note=device_on" {
				t.Fatalf("%d: %s", w.Code, w.Body)
			}
			here = w.Result().Cookies()[0]
		}
		if !here.HttpOnly || here.Path != notificationsPath || here.MaxAge <= 0 {
			t.Errorf("the cookie is %+v", here)
		}
		o.pass(time.Second) // the list is in the order in which they came
		o.post(notificationsPath, subscriptionOf(t, "https://fcm.googleapis.com/fcm/send/two"))
		o.post("/dashboard/live/settings/notifications", firefox)

		r := httptest.NewRequest(http.MethodGet, notificationsPath, nil)
		r.AddCookie(here)
		text := o.do(r).Body.String()
		listed := removeAt.FindAllStringSubmatch(text, -1) // "Stop on this device" first
		if len(listed) != 3 || listed[0][1] != listed[1][1] || !strings.Contains(listed[0][1], here.Value) ||
			dataHere.FindStringSubmatch(text)[1] != here.Value || dataKey.FindStringSubmatch(text)[1] != key[1] {
			t.Fatalf("the list has %v with the key %v", listed, dataKey.FindStringSubmatch(text))
		}
		for _, want := range []string{"Firefox", "Chrome, or a browser of its kind", "this device,", "Stop on this device", "Your devices"} {
			if !strings.Contains(text, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		for _, secret := range []string{"wpush/v2", "p256dh", "Safari", string(theirs.ID)} {
			if strings.Contains(text, secret) {
				t.Errorf("the page says %q", secret)
			}
		}

		for _, at := range []string{notificationsPath + "/" + string(theirs.ID) + "/remove", listed[0][1], listed[0][1]} {
			r := httptest.NewRequest(http.MethodPost, at, nil)
			r.AddCookie(here)
			if w := o.do(r); w.Header().Get("Location") != notificationsPath+"?note=device_off" {
				t.Errorf("%s: %d", at, w.Code)
			}
		}
		left := func(m inbox.Member) int {
			all, err := o.board.Devices.MemberDevices(t.Context(), m)
			must(t, err)
			return len(all)
		}
		me := inbox.Member{Merchant: o.merchant.ID, Staff: o.staff(t)}
		live := me
		live.Live = true
		if left(me) != 1 || left(live) != 1 || left(colleague) != 1 {
			t.Errorf("left are %d, in live mode %d, a colleague's %d", left(me), left(live), left(colleague))
		}
	})
}

// staff is who is signed in.
func (o *office) staff(t *testing.T) paylink.StaffID {
	t.Helper()
	p, err := o.store.Read(t.Context()).StaffByEmail(ownerEmail)
	must(t, err)
	return p.ID
}

// A subscription that no browser gives is kept, or the person is not told; another site's page subscribes somebody.
func TestOnlyABrowsersOwnSubscriptionIsTaken(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	for _, bad := range []string{"", "{}", "null", `{"endpoint":"http://fcm.googleapis.com/x"}`, subscriptionOf(t, "http://fcm.googleapis.com/x").Get("subscription")} {
		w := o.post(notificationsPath, url.Values{"subscription": {bad}})
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "did not say where it can be reached") {
			t.Errorf("%q: %d", bad, w.Code)
		}
	}
	r := httptest.NewRequest(http.MethodPost, notificationsPath, strings.NewReader(subscriptionOf(t, "https://fcm.googleapis.com/x").Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := o.do(r); w.Code != http.StatusForbidden {
		t.Errorf("a form of another site: %d", w.Code)
	}
}

// The browser refuses to start the worker, because no policy allows it; or every page allows what one needs; or the
// page asks for the permission before the button is pressed.
func TestWorkerMayStartOnItsPageOnly(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	own := o.get(notificationsPath).Header().Get("Content-Security-Policy")
	for _, want := range []string{"worker-src 'self'", "trusted-types paylink-worker", "require-trusted-types-for 'script'", "default-src 'none'"} {
		if !strings.Contains(own, want) {
			t.Errorf("the page's policy has no %s", want)
		}
	}
	if other := o.get(settingsPath).Header().Get("Content-Security-Policy"); strings.Contains(other, "paylink-worker") {
		t.Error("another page may make trusted addresses")
	}
	module, err := os.ReadFile("assets/notifications.js")
	must(t, err)
	_, pressed, _ := strings.Cut(string(module), "button.addEventListener('click'")
	if n := strings.Count(string(module), "requestPermission"); n != 1 || !strings.Contains(pressed, "requestPermission") || strings.Contains(string(module), "http") {
		t.Errorf("the page's module asks %d times, or speaks to somebody else", n)
	}
}
