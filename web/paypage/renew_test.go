package paypage

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/store"
)

// renewable is an expired link whose merchant has a policy, and whose customer is reached in two ways.
func renewable(policy paylink.RefreshPolicy, change func(*paylink.Link)) checkout.Page {
	p := refused(asked(), "expired")
	p.Link.Terms.Refresh = &paylink.Refresh{Policy: policy}
	p.Link.Channels = []paylink.Channel{paylink.ChannelSMS, paylink.ChannelWhatsApp, paylink.ChannelEmail}
	p.Customer.Email = "asha@example.com"
	if change != nil {
		change(&p.Link)
	}
	return p
}

// soon is a link that can be paid for 19 hours more.
func soon() checkout.Page {
	p := asked()
	p.Link.ExpiresAt = noon.Add(19 * time.Hour)
	p.Merchant.Settings.Refresh = &paylink.Refresh{Policy: paylink.RefreshAutomatic}
	return p
}

// A customer who has a day left is not hurried, and one who can have no more time is offered none.
func TestMoreTimeIsOfferedWhereItCanBeGiven(t *testing.T) {
	h := fixtureHandler()
	for name, change := range map[string]func(p *checkout.Page){
		"20 hours left": func(p *checkout.Page) { p.Link.ExpiresAt = noon.Add(20 * time.Hour) },
		"no policy":     func(p *checkout.Page) { p.Merchant.Settings.Refresh = nil },
		"used up":       func(p *checkout.Page) { p.Link.Refreshes = 1 },
		"never":         func(p *checkout.Page) { p.Link.Terms.Refresh = &paylink.Refresh{Policy: paylink.RefreshNever} },
		"no end":        func(p *checkout.Page) { p.Link.ExpiresAt = time.Time{} },
	} {
		p := soon()
		change(&p)
		if body := (face{page: p}).rendered(h).Body.String(); strings.Contains(body, `id="more`) {
			t.Errorf("%s: more time is offered", name)
		}
	}
	if body := (face{page: soon()}).rendered(h).Body.String(); !strings.Contains(body, `<form id="more"`) {
		t.Error("19 hours left: no more time is offered")
	}
}

// The whole way without JavaScript: an expired page, one press, and the same address can be paid. A form
// that is sent again, or made by hand, gives nothing.
func TestACustomerGetsMoreTimeOnThePage(t *testing.T) {
	w := openWorld(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	l, code := w.link(func(l *paylink.Link) {
		l.ExpiresAt = now.Add(-time.Minute)
		l.Terms.Refresh = &paylink.Refresh{Policy: paylink.RefreshAutomatic, Times: 2, ExpiresIn: 3600}
	})
	b := w.browser()
	page := b.get("/" + code)
	if !page.shows(standExpired) || !strings.Contains(page.body, `<form id="more" method="post" action="/`+code+`/renew"`) {
		t.Fatalf("%s", page.body)
	}
	for name, form := range map[string]url.Values{"no token": {}, "a forged token": {"token": {page.token()[:20] + "AAAA"}}} {
		if got := b.do(http.MethodPost, "/"+code+"/renew", form, nil); got.header.Get("Location") != "/"+code+"?note=stale" {
			t.Errorf("%s: %d %q", name, got.status, got.header.Get("Location"))
		}
	}
	if got := w.browser().do(http.MethodPost, "/"+code+"/renew", url.Values{"token": {page.token()}}, nil); got.header.Get("Location") != "/"+code+"?note=stale" {
		t.Errorf("another browser: %d %q", got.status, got.header.Get("Location"))
	}
	form := url.Values{"token": {page.token()}}
	for _, want := range []string{"?note=more", "?note=stale"} {
		if got := b.do(http.MethodPost, "/"+code+"/renew", form, nil); got.status != http.StatusSeeOther || got.header.Get("Location") != "/"+code+want {
			t.Errorf("%d %q, want %s", got.status, got.header.Get("Location"), want)
		}
	}
	if got := b.get("/" + code + "?note=more"); !got.shows(standReady) || !strings.Contains(got.body, "You have more time") {
		t.Errorf("%s", got.body)
	}
	if got, _ := w.read(l); got.Refreshes != 1 || got.ExpiresAt.Before(now.Add(time.Hour)) {
		t.Errorf("%+v", got)
	}
}

// A merchant who wants to answer himself is asked once; the page says who was asked and where the answer
// goes, and shows nobody's address.
func TestACustomerAsksTheMerchantForMoreTime(t *testing.T) {
	w := openWorld(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	c := paylink.Customer{ID: paylink.NewCustomerID(now), Merchant: w.merchant.ID, Name: "Asha", Phone: "+919812345642", CreatedAt: now}
	w.write(func(tx *store.Tx) error { tx.InsertCustomer(c); return nil })
	l, code := w.link(func(l *paylink.Link) {
		l.ExpiresAt, l.Customer, l.Channels = now.Add(-time.Minute), c.ID, []paylink.Channel{paylink.ChannelSMS}
		l.Terms.Refresh = &paylink.Refresh{Policy: paylink.RefreshApproval}
	})
	b := w.browser()
	page := b.get("/" + code)
	if got := b.do(http.MethodPost, "/"+code+"/renew", url.Values{"token": {page.token()}}, nil); got.header.Get("Location") != "/"+code {
		t.Fatalf("%d %q", got.status, got.header.Get("Location"))
	}
	page = b.get("/" + code)
	if !page.shows(standExpired) || !strings.Contains(page.body, "has been asked for more time") || !strings.Contains(page.body, "…42") ||
		strings.Contains(page.body, `<form id="more"`) || strings.Contains(page.body, "9812345642") {
		t.Errorf("%s", page.body)
	}
	if got, _ := w.read(l); got.RefreshAskedAt.IsZero() || got.Refreshes != 0 {
		t.Errorf("%+v", got)
	}
}
