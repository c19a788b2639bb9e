package dashboard

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

const returnsPath = settingsPath + "/returns"

// Where customers may be led to is what the merchant has typed here, and nothing else; two people who add a
// site in one instant both find theirs.
func TestOriginsAreAddedAndRemoved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		var all sync.WaitGroup
		for _, origin := range []string{"https://shop.example", "https://pay.shop.example:8443/"} {
			all.Go(func() {
				if w := o.post(returnsPath, url.Values{"origin": {origin}}); w.Code != http.StatusSeeOther {
					t.Errorf("%s: %d", origin, w.Code)
				}
			})
		}
		all.Wait()
		origins := slices.Sorted(slices.Values(o.settled().Settings.ReturnOrigins))
		if want := []string{"https://pay.shop.example:8443", "https://shop.example"}; !slices.Equal(origins, want) {
			t.Fatalf("%v", origins)
		}
		for origin, says := range map[string]string{
			"": "https://", "http://shop.example": "https://", "https://shop.example/thanks": "nothing after it", "https://SHOP.example": "small letters", "https://shop.example": "already",
		} {
			w := o.post(returnsPath, url.Values{"origin": {origin}})
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(wrongAt(w.Body.String(), "origin"), says) {
				t.Errorf("%q: %d, %q", origin, w.Code, wrongAt(w.Body.String(), "origin"))
			}
		}
		for origin, note := range map[string]string{"https://shop.example": "origin_removed", "https://unknown.example": "origin_removed"} {
			if w := o.post(returnsPath+"/remove", url.Values{"origin": {origin}}); w.Header().Get("Location") != returnsPath+"?note="+note {
				t.Errorf("%s: %s", origin, w.Header().Get("Location"))
			}
		}
		w := o.post(returnsPath+"/remove", url.Values{"origin": {"https://pay.shop.example:8443"}})
		if w.Header().Get("Location") != returnsPath+"?note=origin_none" || len(o.settled().Settings.ReturnOrigins) != 0 {
			t.Errorf("%s, %v", w.Header().Get("Location"), o.settled().Settings.ReturnOrigins)
		}
	})
}

var shownSecret = regexp.MustCompile(`id="secret">([^<]*)<`)

// The secret is shown when it is made, the same one when the button was pressed twice, and never again.
func TestReturnSecretIsShownOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		page := o.get(returnsPath)
		o.shows(page.Body.String(), "There is no secret in test mode yet")
		made := map[string]bool{}
		for _, form := range []url.Values{{"form_key": {key(t, page)}}, {"form_key": {key(t, page)}}, {"form_key": {newFormKey()}}} {
			w := o.post(returnsPath+"/secret", form)
			found := shownSecret.FindStringSubmatch(w.Body.String())
			if w.Code != http.StatusOK || found == nil || !strings.HasPrefix(found[1], "rtsec_") || w.Header().Get("Cache-Control") != "no-store" {
				t.Fatalf("%d: %s", w.Code, w.Body)
			}
			made[html.UnescapeString(found[1])] = true
		}
		if len(made) != 2 {
			t.Errorf("%d secrets", len(made))
		}
		kept, err := s.Read(t.Context()).ReturnSecret(o.merchant.ID, false)
		must(t, err)
		secret, err := o.board.Ring.Unseal(paylink.ReturnPurpose, kept.Sealed, kept.Bound())
		must(t, err)
		after := o.get(returnsPath).Body.String()
		if !made[paylink.ReturnSecretText(secret)] || strings.Contains(after, "rtsec_R") || shownSecret.MatchString(after) {
			t.Error("the secret is another one, or it is shown again")
		}
		o.shows(after, "It is not shown again", "signs as well until")
		if _, err := s.Read(t.Context()).ReturnSecret(o.merchant.ID, true); !paylink.IsNotFound(err) {
			t.Errorf("live mode: %v", err)
		}
	})
}

// The sample on the page is the one that is tried against what we sign.
func TestSampleIsThatOfTheDocuments(t *testing.T) {
	text, err := os.ReadFile("../../docs/asks.md")
	must(t, err)
	_, sample, _ := strings.Cut(string(text), "```js\n")
	if sample, _, _ = strings.Cut(sample, "```"); sample != returnSample {
		t.Error("docs/asks.md has another sample than returns_sample.mjs")
	}
}
