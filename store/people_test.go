package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// contact writes a contact and gives it as it was stored.
func contact(t *testing.T, s *store.Store, m paylink.MerchantID, at time.Time, phone, email string) paylink.Customer {
	t.Helper()
	c := paylink.Customer{ID: paylink.NewCustomerID(at), Merchant: m, Name: "Asha", Phone: phone, Email: email, CreatedAt: at}
	write(t, s, func(tx *store.Tx) { tx.InsertCustomer(c) })
	c, err := s.Read(t.Context()).Customer(m, false, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A person who is written to twice would be two people, or two people one.
func TestOnePersonStandsBehindEqualContacts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const m = paylink.MerchantID("mer_a")
		addMerchants(t, s, m)
		first := contact(t, s, m, noon, "+919812345642", "Asha@example.com")
		for i, c := range []struct {
			phone, email string
			same         bool
		}{
			{"+919812345642", "asha@EXAMPLE.com", true},
			{"+919812345642", "", false},
			{"", "asha@example.com", false},
			{"+919812345643", "asha@example.com", false},
			{"", "", false},
		} {
			got := contact(t, s, m, noon.Add(time.Duration(i+1)*time.Second), c.phone, c.email)
			if same := got.Person == first.ID; same != c.same || !same && got.Person != "" {
				t.Errorf("%q %q belongs to %q", c.phone, c.email, got.Person)
			}
			p, err := s.Read(t.Context()).Person(m, false, got.ID)
			if err != nil || p.ID != got.PersonID() {
				t.Errorf("%s is %s, want %s: %v", got.ID, p.ID, got.PersonID(), err)
			}
		}
		if nobody := contact(t, s, m, noon.Add(time.Minute), "", ""); nobody.Person != "" {
			t.Errorf("somebody without an address is %s", nobody.Person)
		}
		if other := contact(t, s, m, noon.Add(time.Hour), "", "asha@example.com"); other.Person == "" || other.Person == first.ID {
			t.Errorf("a mailbox alone belongs to %q", other.Person)
		}
	})
}

// A look at everybody whom a merchant knows, at every link, would make links slower with each one.
func TestKnowingAPersonIsOneLookAtAnIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const m = paylink.MerchantID("mer_a")
		addMerchants(t, s, m)
		for i := range 40 {
			write(t, s, func(tx *store.Tx) {
				for j := range 25 {
					at := noon.Add(time.Duration(25*i+j) * time.Second)
					tx.InsertCustomer(paylink.Customer{ID: paylink.NewCustomerID(at), Merchant: m, Phone: fmt.Sprint("+9198", i%7, j), Email: fmt.Sprint("a", i%9, "@example.com"), CreatedAt: at})
				}
			})
		}
		for _, c := range []paylink.Customer{{Phone: "+919801"}, {Phone: "+919801", Email: "a1@example.com"}, {Email: "a1@example.com"}} {
			c.ID, c.Merchant, c.CreatedAt = paylink.NewCustomerID(noon), m, noon
			heard := s.ListenIn(t, func(tx *store.Tx) error { tx.InsertCustomer(c); return nil })
			if len(heard) != 1 {
				t.Fatalf("it takes %d statements", len(heard))
			}
			if s.Kind() == "sqlite" {
				for _, step := range s.Plan(t, heard[0]) {
					if strings.HasPrefix(step, "SEARCH k") && !strings.Contains(step, "livemode=? AND phone=? AND <expr>=?") && !strings.Contains(step, "livemode=? AND <expr>=? AND phone=?") ||
						strings.HasPrefix(step, "SCAN k") || strings.HasPrefix(step, "SCAN p") || strings.Contains(step, "TEMP B-TREE") {
						t.Errorf("%q %q: %s", c.Phone, c.Email, step)
					}
				}
				continue
			}
			if plan := s.PlanOnPostgres(t, heard[0]); strings.Contains(plan, "Seq Scan on customers") || strings.Contains(plan, "Sort") {
				t.Errorf("%q %q: %s", c.Phone, c.Email, plan)
			}
		}
	})
}
