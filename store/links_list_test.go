package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// listed gives the ids of a list of links.
func listed(t *testing.T, s *store.Store, f store.LinkFilter) (ids []string) {
	t.Helper()
	page, err := s.Read(t.Context()).FindLinks(f)
	if err != nil {
		t.Errorf("%+v: %v", f, err)
	}
	for _, l := range page.Links {
		ids = append(ids, string(l.ID))
	}
	return ids
}

// A filter that lets too much through shows one customer's links to another's agent; one that lets too
// little through hides a debt.
func TestLinkFiltersChooseExactly(t *testing.T) {
	// Ids begin with their time, which is where a filter by time begins to look.
	at := func(at time.Time, name string) paylink.LinkID {
		return paylink.NewLinkID(at)[:15] + paylink.LinkID(name)
	}
	one, two, three := at(noon, "1"), at(noon, "2"), at(noon.Add(time.Second), "3")
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		write(t, s, func(tx *store.Tx) {
			for _, m := range []paylink.MerchantID{"mer_a", "mer_b"} {
				tx.InsertCustomer(paylink.Customer{Merchant: m, ID: "cust_1", Phone: "+911", Email: "a@example.com", CreatedAt: noon})
				tx.InsertCustomer(paylink.Customer{Merchant: m, ID: "cust_2", Phone: "+911", Email: "A@example.com", CreatedAt: noon})
			}
			tx.InsertCustomer(paylink.Customer{Merchant: "mer_a", ID: "cust_3", CreatedAt: noon})
			tx.InsertCustomer(paylink.Customer{Merchant: "mer_b", ID: "cust_3", Phone: "+913", Email: "c@example.com", CreatedAt: noon})
		})
		addLinks(t, s,
			link("mer_a", one, func(l *paylink.Link) {
				l.Customer, l.Reference, l.Amount.Minor, l.Channels = "cust_1", "R-1", 1, []paylink.Channel{paylink.ChannelSMS, paylink.ChannelInApp}
				l.Terms.DueAt, l.PromisedFor = &noon, noon
			}),
			link("mer_a", two, func(l *paylink.Link) {
				l.Customer, l.Status, l.Amount.Minor, l.Channels = "cust_2", paylink.LinkPaid, 2, []paylink.Channel{paylink.ChannelInApp}
				l.Terms.DueAt, l.AmountPaid = &noon, 2
			}),
			link("mer_a", three, func(l *paylink.Link) {
				l.Reference, l.Status, l.CreatedAt, l.Amount.Minor = "R-1", paylink.LinkExpired, noon.Add(time.Second), paylink.MaxMinor
				l.Customer, l.RefreshAskedAt = "cust_3", noon
				l.Terms.Plan = &paylink.Plan{Instalments: []paylink.Instalment{{Amount: 1, DueAt: noon}, {Amount: paylink.MaxMinor - 1, DueAt: noon.Add(time.Hour)}}}
				l.AmountPaid = 1
			}),
			link("mer_a", at(noon, "live"), func(l *paylink.Link) { l.Live, l.Customer, l.Reference = true, "cust_1", "R-1" }),
			link("mer_b", at(noon, "other"), func(l *paylink.Link) { l.Customer, l.Reference = "cust_1", "R-1" }),
		)
		for _, c := range []struct {
			name string
			f    store.LinkFilter
			want []string
		}{
			{"all", store.LinkFilter{}, []string{"3", "2", "1"}},
			{"live", store.LinkFilter{Live: true}, []string{"live"}},
			{"limit", store.LinkFilter{Limit: 2}, []string{"3", "2"}},
			{"status", store.LinkFilter{Status: paylink.LinkPaid}, []string{"2"}},
			{"reference, whoever uses it now", store.LinkFilter{Reference: "R-1"}, []string{"3", "1"}},
			{"reference, as it is written", store.LinkFilter{Reference: "r-1"}, nil},
			{"customer", store.LinkFilter{Customer: "cust_1"}, []string{"1"}},
			{"channel, the first of several", store.LinkFilter{Channel: paylink.ChannelSMS}, []string{"1"}},
			{"channel, alone and the last", store.LinkFilter{Channel: paylink.ChannelInApp}, []string{"2", "1"}},
			{"channel of no link", store.LinkFilter{Channel: paylink.ChannelEmail}, nil},
			{"channel, a letter for the underscore", store.LinkFilter{Channel: "inXapp"}, nil},
			{"channel, a sign that LIKE knows", store.LinkFilter{Channel: "in%"}, nil},
			{"phone of two customers", store.LinkFilter{Phone: "+911"}, []string{"2", "1"}},
			{"email, in any case", store.LinkFilter{Email: "a@Example.com"}, []string{"2", "1"}},
			{"nobody's phone", store.LinkFilter{Phone: "+912"}, nil},
			{"phone of another merchant's customer", store.LinkFilter{Phone: "+913"}, nil},
			{"email of another merchant's customer", store.LinkFilter{Email: "c@example.com"}, nil},
			{"before", store.LinkFilter{From: string(three)}, []string{"2", "1"}},
			{"created after, that instant excluded", store.LinkFilter{CreatedAfter: noon}, []string{"3"}},
			{"created before, that instant excluded", store.LinkFilter{CreatedBefore: noon.Add(time.Second)}, []string{"2", "1"}},
			{"from an amount, included", store.LinkFilter{AmountMin: 2}, []string{"3", "2"}},
			{"up to an amount, included", store.LinkFilter{AmountMax: 2}, []string{"2", "1"}},
			{"due before, that instant excluded", store.LinkFilter{DueBefore: noon.Add(time.Hour)}, []string{"1"}},
			{"due by the next instalment", store.LinkFilter{DueBefore: noon.Add(time.Hour + 1000)}, []string{"3", "1"}},
			{"due after, that instant excluded", store.LinkFilter{DueAfter: noon}, []string{"3"}},
			{"due on a day, what is paid never", store.LinkFilter{DueAfter: noon.Add(-1000), DueBefore: noon.Add(1000)}, []string{"1"}},
			{"promised", store.LinkFilter{Promised: true}, []string{"1"}},
			{"waiting for more time", store.LinkFilter{Asking: true}, []string{"3"}},
			{"due, of a customer", store.LinkFilter{Customer: "cust_3", DueBefore: noon.Add(2 * time.Hour)}, []string{"3"}},
			{"all of them at once", store.LinkFilter{
				Status: paylink.LinkPending, Reference: "R-1", Customer: "cust_1", Channel: paylink.ChannelSMS, Phone: "+911", Email: "a@example.com", Search: store.Search{Words: "R"}, From: "__0__" + string(two),
				CreatedAfter: noon.Add(-1000), CreatedBefore: noon.Add(1000), AmountMin: 1, AmountMax: 1,
				DueBefore: noon.Add(1000), DueAfter: noon.Add(-1000), Promised: true,
			}, []string{"1"}},
		} {
			c.f.Merchant, c.f.Limit = "mer_a", max(c.f.Limit, 1)
			if c.f.Limit == 1 {
				c.f.Limit = 100
			}
			got := listed(t, s, c.f)
			for i := range got {
				got[i] = got[i][15:]
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	})
}

// What people type into a search is text: a percent sign is a percent sign, a quote does not end the
// statement, and both databases find the same. SQLite's own LIKE would fold the case that PostgreSQL's does not.
func TestTextFilterTakesEverySignAsItIs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		addLinks(t, s,
			link("mer_a", "1", func(l *paylink.Link) { l.Description = "50% off_now!" }),
			link("mer_a", "2", func(l *paylink.Link) { l.Description, l.Reference = "50 percent offer now", "INV-7" }),
			link("mer_a", "3", func(l *paylink.Link) { l.Description = `it's a \ "test" ऋतु` }),
			link("mer_a", "4", func(l *paylink.Link) { l.Reference = "inv_7" }),
			link("mer_a", "5", func(l *paylink.Link) { l.Description = "CAFÉ \u212aelvin" }),
		)
		for text, want := range map[string][]string{
			"50": {"2", "1"}, "50%": {"1"}, "%": {"1"}, "_": {"4", "1"}, "!": {"1"}, "f_n": {"1"}, "0%o": nil, "!%": nil,
			"'": {"3"}, `\`: {"3"}, `"test"`: {"3"}, "ऋतु": {"3"}, "' OR 1=1 --": nil, "*": nil, "?": nil,
			"INV": {"4", "2"}, "inv": {"4", "2"}, "INV-": {"2"}, "oFF": {"2", "1"}, "É": {"5"}, "é": nil, "kelvin": nil,
		} {
			if got := listed(t, s, store.LinkFilter{Merchant: "mer_a", Search: store.Search{Words: text}, Limit: 9}); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", text, got, want)
			}
		}
	})
}

// A page that skips a link, or shows one twice, makes a merchant's sums wrong. Ids sort by bytes on
// both databases, capitals before small letters.
func TestPagesOfLinksHaveNoGapAndNoRepeat(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		var want []string
		for _, id := range []string{"Z", "a", "é", "B", "_", "1", "b"} {
			for n := range 3 {
				name := fmt.Sprintf("plink_%s%d", id, n)
				want = append(want, name)
				addLinks(t, s, link("mer_a", paylink.LinkID(name), nil), link("mer_b", paylink.LinkID(name), nil))
			}
		}
		slices.Sort(want)
		slices.Reverse(want)
		var got []string
		for f := (store.LinkFilter{Merchant: "mer_a", Limit: 4}); ; {
			page := listed(t, s, f)
			got = append(got, page...)
			if len(page) == 0 {
				break
			}
			f.From = page[len(page)-1]
		}
		if !slices.Equal(got, want) {
			t.Errorf("paged %v\nwant  %v", got, want)
		}
	})
}
