package store_test

import (
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// PostgreSQL takes one plan for all merchants after some runs of a statement that it keeps. One that has half
// of a million links had all of them read and sorted for each page of twenty: a second instead of ten
// milliseconds. So what is found for a merchant must not be a kept statement.
func TestLooksArePlannedForTheirMerchant(t *testing.T) {
	s := storetest.Open(t, "postgres")
	addMerchants(t, s, "mer_a")
	addLinks(t, s, link("mer_a", "plink_1", func(l *paylink.Link) { l.Customer = "cust_1" }))
	r := s.Read(t.Context())
	for range 10 {
		for _, f := range []store.LinkFilter{{}, {Phone: "+911"}, {AmountMin: 1, AmountMax: 2}, {Search: store.Search{Reference: "R"}}} {
			f.Merchant, f.Limit = "mer_a", 20
			if _, err := r.FindLinks(f); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.CustomersOf("mer_a", false, []paylink.CustomerID{"cust_1", "cust_2"}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Link("mer_a", false, "plink_1"); err != nil { // which is kept, and shows that we look at the right connection
			t.Fatal(err)
		}
	}
	var kept []string
	err := r.Rows(`SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%merchant_id = $1%' AND statement NOT LIKE '%pg_prepared%'`, nil, func(scan func(...any) error) error {
		var text string
		err := scan(&text)
		kept = append(kept, text)
		return err
	})
	if err != nil || len(kept) != 1 {
		t.Errorf("PostgreSQL keeps %q, %v; want the reading of one link alone", kept, err)
	}
}
