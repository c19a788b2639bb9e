package issue_test

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

func worded(text string) issue.Wording {
	return issue.Wording{Channel: paylink.ChannelSMS, Kind: paylink.TemplateRequest, Language: "en", Text: text}
}

// pointers are what is wrong with a request.
func pointers(err error) (all []string) {
	var invalid *paylink.Invalid
	if errors.As(err, &invalid) {
		for _, f := range invalid.Fields {
			all = append(all, f.Pointer+" "+f.Code)
		}
	}
	return all
}

// Two versions in use at once, or two of one number, and nobody knows what customers read.
func TestOfManyWordingsAtOnceOneIsInUse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		var wait sync.WaitGroup
		made := make([]paylink.MessageTemplate, 8)
		for i := range made {
			wait.Add(1)
			go func() {
				defer wait.Done()
				wording := worded("{merchant}: {amount}. Pay: {url}")
				wording.Active = i%2 == 0
				var err error
				if made[i], err = w.issuer.SaveWording(t.Context(), w.actor(), wording, nil); err != nil {
					t.Error(err)
				}
			}()
		}
		wait.Wait()
		for i := range made {
			wait.Add(1)
			go func() {
				defer wait.Done()
				if _, err := w.issuer.UseWording(t.Context(), w.actor(), made[i].ID, i%3 != 0); err != nil {
					t.Error(err)
				}
			}()
		}
		wait.Wait()
		all, err := s.Read(t.Context()).MessageTemplates(w.merchant.ID, false, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		var versions []int64
		active := 0
		for _, m := range all {
			versions = append(versions, m.Version)
			if m.State == paylink.TemplateActive {
				active++
			}
		}
		slices.Sort(versions)
		if !slices.Equal(versions, []int64{1, 2, 3, 4, 5, 6, 7, 8}) || active > 1 {
			t.Errorf("versions %v, of which %d are in use", versions, active)
		}
	})
}

// A wording that an operator would refuse, or that nobody can fill, is told so before it is kept.
func TestWordingsAreJudgedBeforeTheyAreKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		by := w.actor()
		by.Merchant.Settings.DLT = &paylink.DLT{
			Entity: "1101234560000012345", Headers: []string{"ACMEIN"}, Domains: []string{"acme.in"},
			Templates: []paylink.DLTTemplate{{ID: "1107160000000000001", Header: "ACMEIN", Text: "{#var#}: {#var#} for {#var#}. Pay: {#url#}"}},
		}
		for _, c := range []struct {
			name   string
			change func(*issue.Wording)
			want   []string
		}{
			{"good", func(*issue.Wording) {}, nil},
			{"no such channel", func(w *issue.Wording) { w.Channel = "fax" }, []string{"/channel unknown_value"}},
			{"no such language", func(w *issue.Wording) { w.Language = "xx" }, []string{"/language unknown_value"}},
			{"it presses", func(w *issue.Wording) { w.Text = "Hurry! {url}" }, []string{"/text urgency"}},
			{"a name that is none", func(w *issue.Wording) { w.As.WhatsApp = "No Name" }, []string{"/registered_as/whatsapp_name bad_name"}},
			{"a variable that is none", func(w *issue.Wording) { w.As.Variables = []string{"amount", "name"} }, []string{"/registered_as/variables/1 unknown_variable"}},
			{"as registered", func(w *issue.Wording) {
				w.Text, w.As.DLT = "{merchant}: {amount} for {subject}. Pay: {url}", "1107160000000000001"
			}, nil},
			{"not as registered", func(w *issue.Wording) { w.Text, w.As.DLT = "{merchant} - {amount} - {url}", "1107160000000000001" }, []string{"/text dlt_text_mismatch"}},
			{"not registered", func(w *issue.Wording) { w.As.DLT = "1107160000000000009" }, []string{"/registered_as/dlt_template_id unknown_value"}},
		} {
			wording := worded("{merchant}: {amount}. Pay: {url}")
			c.change(&wording)
			_, err := w.issuer.SaveWording(t.Context(), by, wording, nil)
			if got := pointers(err); !slices.Equal(got, c.want) || (err != nil) != (c.want != nil) {
				t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
			}
		}
		p, err := w.issuer.PreviewWording(t.Context(), by, worded("Hurry! {merchant}: {amount} {url}"), "")
		if err != nil || len(p.Flaws) != 1 || p.Segments != 1 || p.Encoding != "gsm7" || p.Text.Text != "Hurry! Acme: Rs 2,450 https://acme.in/ACMEIN/k7Qp2xW9dTz4LmVb8RsY1c" {
			t.Errorf("preview %+v, %v", p, err)
		}
	})
}

// Settings that cannot be right are found when they are said, and not by an operator.
func TestRegistrationsWithOperatorsAreJudged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		_, err := w.issuer.Decide(t.Context(), w.actor(), issue.Decision{Members: map[string]json.RawMessage{"dlt": json.RawMessage(`{"entity_id": "x", "headers": ["A!"],
			"domains": ["https://acme.in"], "templates": [{"template_id": "1", "header": "OTHER", "category": "none", "text": "{#var#}", "variable_types": ["text", "fax"]}]}`),
			"contact_caps": json.RawMessage(`{"per_day": 101}`), "contact_hours": json.RawMessage(`{"from": "9", "to": "18:00"}`)}})
		want := []string{
			"/settings/contact_caps/per_day out_of_range", "/settings/contact_hours/from bad_time", "/settings/dlt/domains/0 bad_domain",
			"/settings/dlt/entity_id bad_id", "/settings/dlt/headers/0 bad_header", "/settings/dlt/templates/0/category unknown_value",
			"/settings/dlt/templates/0/header unknown_value", "/settings/dlt/templates/0/template_id bad_id",
			"/settings/dlt/templates/0/variable_types too_many", "/settings/dlt/templates/0/variable_types/1 unknown_value",
		}
		if got := slices.Sorted(slices.Values(pointers(err))); !slices.Equal(got, want) {
			t.Errorf("%q\nwant %q", got, want)
		}
	})
}
