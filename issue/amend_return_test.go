package issue_test

import (
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
	"paylink/token"
)

// Where a customer is led back to, and what lowers the price, are signed: changed without a new signature
// the link would be put on hold as tampered with.
func TestReturnURLAndCodesAreAmended(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		id := w.create(draft()).Link.ID
		for i, row := range []struct {
			a        issue.Amendment
			revision int64
			url      string
			codes    int
		}{
			{issue.Amendment{ReturnURL: ptr("https://shop.example/thanks"), Codes: []string{"welcome10", "TEA-5"}}, 2, "https://shop.example/thanks", 2},
			{issue.Amendment{ReturnURL: ptr("https://shop.example/thanks"), Codes: []string{"WELCOME10", "TEA-5"}}, 2, "https://shop.example/thanks", 2},
			{issue.Amendment{Description: ptr("Tea")}, 3, "https://shop.example/thanks", 2},
			{issue.Amendment{Codes: []string{}}, 4, "https://shop.example/thanks", 0},
			{issue.Amendment{ReturnURL: ptr("")}, 5, "", 0},
		} {
			if _, err := w.amend(id, row.a); err != nil {
				t.Fatalf("%d: %v", i, err)
			}
			l := w.link(id)
			claims, err := token.ReadLink(w.ring, l.Token)
			if err != nil || claims != token.Claims(l) || l.Revision != row.revision || l.ReturnURL != row.url || len(l.Terms.DiscountCodes) != row.codes {
				t.Errorf("%d: revision %d, %q, %q, %v", i, l.Revision, l.ReturnURL, l.Terms.DiscountCodes, err)
			}
		}
	})
}

// A wrong address or code is named where it stands, and a link that is paid in parts takes no codes.
func TestWrongReturnURLAndCodesAreNamed(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite"))
	for name, row := range map[string]struct {
		change func(*issue.Draft)
		a      issue.Amendment
		want   string
	}{
		"no address":       {nil, issue.Amendment{ReturnURL: ptr("shop")}, "/return_url bad_url"},
		"our parameter":    {nil, issue.Amendment{ReturnURL: ptr("https://shop.example/?paylink_status=paid")}, "/return_url reserved_parameter"},
		"too short a code": {nil, issue.Amendment{Codes: []string{"A"}}, "/allow_discount_codes/0 bad_code"},
		"the same twice":   {nil, issue.Amendment{Codes: []string{"TEA-5", "tea-5"}}, "/allow_discount_codes/1 duplicate_value"},
		"in parts":         {func(d *issue.Draft) { d.Terms.Partial = &paylink.Partial{} }, issue.Amendment{Codes: []string{"TEA-5"}}, "/allow_discount_codes conflicting"},
		"lines of a plan": {func(d *issue.Draft) {
			d.HasAmount, d.Amount, d.Terms.Items = false, 0, []paylink.LineItem{{Name: "Tea", Quantity: 1, UnitAmount: 1000}}
			d.ExpiresIn, d.NoExpiry = nil, true
			d.Terms.Plan = &paylink.Plan{Instalments: []paylink.Instalment{{Amount: 500, DueAt: start.Add(time.Hour)}, {Amount: 500, DueAt: start.Add(2 * time.Hour)}}}
		}, issue.Amendment{Items: []paylink.LineItem{{Name: "Tea", Quantity: 2, UnitAmount: 1000}}}, "/line_items conflicting"},
	} {
		d := draft()
		d.Reference = ""
		if row.change != nil {
			row.change(&d)
		}
		id := w.create(d).Link.ID
		if _, err := w.amend(id, row.a); wrong(err) != row.want {
			t.Errorf("%s: %q, want %q", name, wrong(err), row.want)
		}
		if l := w.link(id); l.Revision != 1 {
			t.Errorf("%s: it has revision %d", name, l.Revision)
		}
	}
}
