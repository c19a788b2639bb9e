package dashboard

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

var (
	inputs   = regexp.MustCompile(`<(?:input|textarea)[^>]*>`)
	selects  = regexp.MustCompile(`(?s)<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>`)
	selected = regexp.MustCompile(`<option value="([^"]*)" selected`)
	written  = regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>`)
)

// untouched is the form of a page as a browser would send it without anybody touching it.
func untouched(t *testing.T, w *httptest.ResponseRecorder) url.Values {
	t.Helper()
	if w.Code >= 500 {
		t.Fatalf("the page is a %d", w.Code)
	}
	page := w.Body.String()
	page = page[strings.Index(page, "<main"):]
	attribute := func(tag, name string) string {
		_, rest, ok := strings.Cut(tag, " "+name+`="`)
		value, _, _ := strings.Cut(rest, `"`)
		if !ok {
			return ""
		}
		return html.UnescapeString(value)
	}
	form := url.Values{}
	for _, tag := range inputs.FindAllString(page, -1) {
		name, kind := attribute(tag, "name"), attribute(tag, "type")
		if name == "" || strings.HasPrefix(tag, "<textarea") || (kind == "checkbox" || kind == "radio") && !strings.Contains(tag, " checked") {
			continue
		}
		form.Add(name, attribute(tag, "value"))
	}
	for _, found := range selects.FindAllStringSubmatch(page, -1) {
		if value := selected.FindStringSubmatch(found[2]); value != nil {
			form.Add(found[1], html.UnescapeString(value[1]))
		}
	}
	for _, found := range written.FindAllStringSubmatch(page, -1) {
		form.Add(found[1], html.UnescapeString(found[2]))
	}
	return form
}

// changed is a form with some fields typed anew.
func changed(form url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for name, values := range form {
		out[name] = values
	}
	for i := 0; i < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

func (o *office) settled() paylink.Merchant {
	o.t.Helper()
	m, err := o.store.Read(o.t.Context()).Merchant(o.merchant.ID)
	must(o.t, err)
	return m
}

const settingsPath = "/dashboard/test/settings"

// What a person decides on the page must be what links then do, and be shown again as it was typed.
func TestSettingsAreSavedAndShown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		shown := untouched(t, o.get(settingsPath))
		w := o.post(settingsPath, changed(shown, "life_count", "36", "life_unit", "hours", "notify_expiry", "yes", "refresh", "automatic", "refresh_times", "2",
			"refresh_itself", "yes", "refresh_life_count", "3", "refresh_life_unit", "days", "channel", "email",
			"late", "hold", "over", "accept"))
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != settingsPath+"?note=saved" {
			t.Fatalf("%d to %s: %s", w.Code, w.Header().Get("Location"), w.Body)
		}
		want := paylink.Settings{
			Channels: []paylink.Channel{"email"}, OnLate: "hold", OnOver: "accept", NotifyExpiry: true,
			Refresh: &paylink.Refresh{Policy: "automatic", On: "expiry", Times: 2, ExpiresIn: 259200},
		}
		if m := o.settled(); !reflect.DeepEqual(m.Settings, want) || m.DefaultExpiry != 36*time.Hour {
			t.Fatalf("%s, %s", m.Settings.Text(), m.DefaultExpiry)
		}
		again := o.get(settingsPath + "?note=saved")
		o.shows(again.Body.String(), "Saved.", `value="36"`, `aria-current="page"`)
		if w := o.post(settingsPath, untouched(t, again)); w.Code != http.StatusSeeOther || !reflect.DeepEqual(o.settled().Settings, want) {
			t.Errorf("saved untouched: %d, %s", w.Code, o.settled().Settings.Text())
		}
		back := changed(untouched(t, o.get(settingsPath)), "life_unit", "never", "refresh", "never", "late", "", "over", "")
		back.Del("notify_expiry")
		back.Del("channel")
		o.post(settingsPath, back)
		if m := o.settled(); m.Settings.Text() != "{}" || m.DefaultExpiry != 0 {
			t.Errorf("taken back: %s, %s", m.Settings.Text(), m.DefaultExpiry)
		}
	})
}

// A mistake must be told beside its field with everything else still as it was typed, and nothing half saved.
func TestWrongSettingsAreToldAtTheirFields(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	shown := untouched(t, o.get(settingsPath))
	for _, c := range []struct{ field, value, at, says string }{
		{"life_count", "soon", "life", "as a whole number"},
		{"life_count", "400", "life", "at most 365 days"},
		{"refresh_life_count", "400", "refresh_life", "at most 365 days"},
		{"refresh_times", "11", "refresh_times", "at most 10 times"},
		{"refresh_times", "x", "refresh_times", "from 1 to 10"},
		{"refresh", "sometimes", "refresh", "must be one of"},
		{"channel", "pigeon", "channels", "must be one of"},
		{"late", "keep", "late", "must be one of"},
		{"duplicate", "keep", "duplicate", "must be one of"},
		{"over", "keep", "over", "must be one of"},
		{"under", "keep", "under", "must be one of"},
	} {
		form := changed(shown, "refresh", "automatic", "refresh_life_count", "77", c.field, c.value)
		w := o.post(settingsPath, form)
		page := w.Body.String()
		_, below, _ := strings.Cut(page, `class="wrong" id="`+c.at+`-below"`)
		if below, _, _ = strings.Cut(below, "</p>"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(below, c.says) {
			t.Errorf("%s %s: %d, %q", c.field, c.value, w.Code, below)
		}
		o.shows(page, `<a href="#`+c.at+`">`, `id="`+c.at+`"`)
	}
	if m := o.settled(); m.Settings.Text() != "{}" || m.DefaultExpiry != 24*time.Hour {
		t.Errorf("%s, %s", m.Settings.Text(), m.DefaultExpiry)
	}
}

// Somebody who saves a page that is an hour old must not undo what a colleague has changed since, and must be
// told when both changed the same.
func TestSettingsOfTwoPeople(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	old := untouched(t, o.get(settingsPath))
	hour := int64(3600)
	_, err := o.board.Issuer.Decide(t.Context(), issue.Actor{Merchant: o.merchant, ID: "usr_other"}, issue.Decision{
		ExpiresIn: &hour, Members: paylink.Settings{}.Changes(paylink.Settings{OnLate: "hold"}),
	})
	must(t, err)
	if w := o.post(settingsPath, changed(old, "duplicate", "hold")); w.Code != http.StatusSeeOther {
		t.Errorf("something else: %d", w.Code)
	}
	if m := o.settled(); m.Settings.OnLate != "hold" || m.Settings.OnDuplicate != "hold" || m.DefaultExpiry != time.Hour {
		t.Errorf("%s, %s", m.Settings.Text(), m.DefaultExpiry)
	}
	w := o.post(settingsPath, changed(old, "late", "refund"))
	if w.Code != http.StatusConflict || o.settled().Settings.OnLate != "hold" {
		t.Errorf("the same: %d, %s", w.Code, o.settled().Settings.Text())
	}
	o.shows(w.Body.String(), "Somebody else changed the same setting", `<option value="hold" selected>Hold it`)
}
