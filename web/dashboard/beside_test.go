package dashboard

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"paylink"
	"paylink/store/storetest"
)

// An event about no link stood in the feed with a link of no name, which led nowhere and which a reader of the
// screen could not say.
func TestFeedNamesWhatIsNoLink(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	o.work()
	o.post(settingsPath, changed(untouched(t, o.get(settingsPath)), "late", "hold"))
	o.post(discountsPath, changed(untouched(t, o.get(discountsPath+"/new")), "code", "SALE", "percent", "10"))
	one := discountsPath + "/" + string(o.codes()[0].ID)
	o.post(one, url.Values{"active": {"no"}})
	o.sealed(3)
	page := o.get("/dashboard/test/").Body.String()
	o.shows(page, `href="`+settingsPath+`"`, `<bdi>Settings</bdi>`, `href="`+one+`"`, `<bdi>Discount code SALE</bdi>`, `<bdi data-part="text">switched off</bdi>`)
	_, feed, _ := strings.Cut(page, `id="feed"`)
	feed, _, _ = strings.Cut(feed, "</ol>")
	if found := regexp.MustCompile(`<a data-part="subject" href="">`).FindString(feed); found != "" {
		t.Error("an entry leads nowhere")
	}
	for _, kind := range paylink.EventTypes {
		s := scene{Merchant: o.merchant, Now: noon, World: noon}
		if e := s.entry(paylink.Event{ID: "evt_a", Type: kind, At: noon}); e.Subject == "" || e.Href == "" || e.Text == "" {
			t.Errorf("%s: %+v", kind, e)
		}
	}
}
