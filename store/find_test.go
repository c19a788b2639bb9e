package store_test

import (
	"fmt"
	"slices"
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// A search that misses what was typed sends an agent the wrong way; one that shows another merchant's or
// the other mode's link shows a stranger's debt.
func TestSearchFindsEveryMeaning(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		write(t, s, func(tx *store.Tx) {
			for _, m := range []paylink.MerchantID{"mer_a", "mer_b"} {
				tx.InsertCustomer(paylink.Customer{Merchant: m, ID: "cust_1", Phone: "+911", Email: "Asha@example.com", CreatedAt: noon})
			}
		})
		addLinks(t, s,
			link("mer_a", "1", func(l *paylink.Link) { l.Customer, l.Amount.Minor, l.CodeKey = "cust_1", 7, 11 }),
			link("mer_a", "2", func(l *paylink.Link) { l.Reference, l.Status = "R-1", paylink.LinkExpired }),
			link("mer_a", "3", func(l *paylink.Link) { l.Reference, l.Amount = "R-12", paylink.Money{Minor: 7, Currency: "USD"} }),
			link("mer_a", "4", func(l *paylink.Link) { l.Description = "for r-1, thanks" }),
			link("mer_b", "5", func(l *paylink.Link) {
				l.Customer, l.Amount.Minor, l.CodeKey, l.Reference, l.Description = "cust_1", 7, 12, "R-1", "r-1"
			}),
		)
		addPayments(t, s, payment("pay_1", func(p *paylink.Payment) { p.Link, p.Reference = "2", "PAYREF" }))
		inr := paylink.Money{Minor: 7, Currency: "INR"}
		for _, c := range []struct {
			name   string
			search store.Search
			want   []string
		}{
			{"id", store.Search{Link: "2"}, []string{"2"}},
			{"another merchant's id", store.Search{Link: "5"}, nil},
			{"payment", store.Search{Payment: "pay_1"}, []string{"2"}},
			{"payment's reference", store.Search{PaymentReference: "PAYREF"}, []string{"2"}},
			{"code", store.Search{Code: store.Code{Key: 11, Is: true}}, []string{"1"}},
			{"code of another slot", store.Search{Code: store.Code{Key: 11, Slot: 1, Is: true}}, nil},
			{"another merchant's code", store.Search{Code: store.Code{Key: 12, Is: true}}, nil},
			{"phone", store.Search{Phone: "+911"}, []string{"1"}},
			{"e-mail in any case", store.Search{Email: "aSHA@example.COM"}, []string{"1"}},
			{"amount in its currency", store.Search{Amount: inr}, []string{"1"}},
			{"beginning of a reference, in use and free", store.Search{Reference: "R-1"}, []string{"3", "2"}},
			{"words", store.Search{Words: "R-1"}, []string{"4", "3", "2"}},
			{"several at once, each link once", store.Search{Reference: "R-1", Words: "r-1", Amount: inr, Phone: "+911", Link: "1"}, []string{"4", "3", "2", "1"}},
		} {
			if got := listed(t, s, store.LinkFilter{Merchant: "mer_a", Search: c.search, Limit: 9}); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
			if got := listed(t, s, store.LinkFilter{Merchant: "mer_a", Live: true, Search: c.search, Limit: 9}); got != nil {
				t.Errorf("%s, live: %v", c.name, got)
			}
		}
		expired := store.LinkFilter{Merchant: "mer_a", Status: paylink.LinkExpired, Search: store.Search{Reference: "R-1", Words: "r-1"}, Limit: 9}
		if got := listed(t, s, expired); !slices.Equal(got, []string{"2"}) {
			t.Errorf("with a filter: %v", got)
		}
	})
}

// Somebody pages through what was found while more links of the kind are made: what was there comes once,
// however it is found and although its kind stops being rare on the way.
func TestPagesStayWholeWhileLinksAreMade(t *testing.T) {
	inr := paylink.Money{Minor: 7, Currency: "INR"}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		write(t, s, func(tx *store.Tx) {
			tx.InsertCustomer(paylink.Customer{Merchant: "mer_a", ID: "cust_1", Phone: "+911", Email: "a@example.com", CreatedAt: noon})
		})
		made := 0
		// add makes links in the order of their ids.
		add := func(count int) {
			var some []paylink.Link
			for range count {
				made++
				some = append(some, link("mer_a", paylink.LinkID(fmt.Sprintf("plink_%06d", made)), func(l *paylink.Link) {
					of := func(kind int) bool { return ofKind(made, kind) }
					if of(1) {
						l.Reference = fmt.Sprintf("R-%d", made)
					}
					if of(2) {
						l.Description = "Tea r-"
					}
					if of(3) {
						l.Amount.Minor = 7
					}
					if of(4) {
						l.Customer = "cust_1"
					}
				}))
			}
			for part := range slices.Chunk(some, 20) {
				addLinks(t, s, part...)
			}
		}
		add(1460) // of each kind 486 or 487: rare, and no longer after a few pages
		for name, c := range map[string]struct {
			f       store.LinkFilter
			fits    func(n int) bool
			ordered bool
		}{
			"all":                {store.LinkFilter{}, func(int) bool { return true }, true},
			"a phone":            {store.LinkFilter{Phone: "+911"}, func(n int) bool { return ofKind(n, 4) }, true},
			"an amount":          {store.LinkFilter{AmountMin: 7, AmountMax: 7}, func(n int) bool { return ofKind(n, 3) }, true},
			"amounts":            {store.LinkFilter{AmountMax: 7}, func(n int) bool { return ofKind(n, 3) }, true},
			"a typed phone":      {store.LinkFilter{Search: store.Search{Phone: "+911"}}, func(n int) bool { return ofKind(n, 4) }, true},
			"a typed amount":     {store.LinkFilter{Search: store.Search{Amount: inr}}, func(n int) bool { return ofKind(n, 3) }, true},
			"typed":              {store.LinkFilter{Search: store.Search{Reference: "R-", Words: "r-"}}, func(n int) bool { return ofKind(n, 1) || ofKind(n, 2) }, false},
			"everything, typed":  {store.LinkFilter{Search: store.Search{Reference: "R-", Words: "r-", Amount: inr, Phone: "+911", Email: "a@example.com"}}, func(n int) bool { return n%6 != 0 }, false},
			"typed and filtered": {store.LinkFilter{Search: store.Search{Reference: "R-", Words: "r-"}, AmountMax: 7}, func(n int) bool { return n%6 == 5 }, false},
		} {
			there, seen := made, map[string]bool{}
			last, found := "~", 0
			for c.f.Merchant, c.f.Limit = "mer_a", 90; ; {
				page, err := s.Read(t.Context()).FindLinks(c.f)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				for _, l := range page.Links {
					id := string(l.ID)
					if seen[id] {
						t.Errorf("%s: %s comes twice", name, id)
					}
					if c.ordered && id >= last {
						t.Errorf("%s: %s comes after %s", name, id, last)
					}
					if last, seen[id] = id, true; id <= fmt.Sprintf("plink_%06d", there) {
						found++
					}
				}
				if c.f.From = page.Next; c.f.From == "" {
					break
				}
				add(12)
			}
			want := 0
			for n := range there {
				if c.fits(n + 1) {
					want++
				}
			}
			if found != want {
				t.Errorf("%s: %d of the %d links that fit", name, found, want)
			}
		}
	})
}

// ofKind tells whether the nth link is of a kind: of every six, the last one is of all four kinds.
func ofKind(n, kind int) bool { return n%6 == kind || n%6 == 5 }

// A page of a hundred links asks for their payments once, and not for those of links that have none.
func TestPaymentsOfLinksAreOneQuestion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		some := []paylink.Link{{ID: "1", Attempts: 3}, {ID: "2"}, {ID: "3", PaymentsCount: 1}, {ID: "4", Attempts: 1}}
		for i, of := range []paylink.LinkID{"1", "3", "1", "1", "2"} {
			addPayments(t, s, payment(paylink.PaymentID(fmt.Sprintf("pay_%d", i)), func(p *paylink.Payment) { p.Link = of }))
		}
		var got map[paylink.LinkID][]paylink.Payment
		heard := s.Listen(t, func(r store.Reader) (err error) { got, err = r.PaymentsOfLinks("mer_a", some, 2); return err })
		said := map[paylink.LinkID]string{}
		for link, payments := range got {
			for _, p := range payments {
				said[link] += string(p.ID) + " "
			}
		}
		if want := "map[1:pay_3 pay_2  3:pay_1 ]"; fmt.Sprint(said) != want || len(heard) != 1 {
			t.Errorf("%d questions found %v, want %s", len(heard), said, want)
		}
		if heard := s.Listen(t, func(r store.Reader) error { _, err := r.PaymentsOfLinks("mer_a", some[1:2], 2); return err }); len(heard) != 0 {
			t.Errorf("asked for no link: %v", heard)
		}
	})
}
