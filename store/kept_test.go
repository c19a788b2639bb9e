package store_test

import (
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// A sandbox clock that was moved must move the next page that is opened, not one a second later; and a
// transaction judges by the row itself.
func TestCopiesOfMerchantsAreGoneWithTheChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		offset := func(want time.Duration) {
			t.Helper()
			if m, err := s.Read(t.Context()).Merchant("mer_a"); err != nil || m.ClockOffset != want {
				t.Errorf("the clock is %v ahead (%v), want %v", m.ClockOffset, err, want)
			}
		}
		offset(0)
		for hour := time.Duration(1); hour <= 20; hour++ {
			write(t, s, func(tx *store.Tx) {
				tx.AdvanceClock("mer_a", time.Hour)
				if m, err := tx.Merchant("mer_a"); err != nil || m.ClockOffset != hour*time.Hour {
					t.Errorf("in the transaction the clock is %v ahead (%v)", m.ClockOffset, err)
				}
			})
			offset(hour * time.Hour)
			offset(hour * time.Hour)
		}
		if accounts, err := s.Read(t.Context()).Accounts("mer_a", false, paylink.AccountGateway); err != nil || len(accounts) != 0 {
			t.Errorf("accounts %v, %v", accounts, err)
		}
		write(t, s, func(tx *store.Tx) {
			tx.InsertAccount(paylink.Account{ID: "acct_1", Merchant: "mer_a", Kind: paylink.AccountGateway, Provider: "p", Secret: []byte("s")}, noon)
		})
		if accounts, err := s.Read(t.Context()).Accounts("mer_a", false, paylink.AccountGateway); err != nil || len(accounts) != 1 {
			t.Errorf("accounts %v, %v", accounts, err)
		}
	})
}

// On PostgreSQL another node changes the merchant: its copy here is at most a second old.
func TestCopiesOfMerchantsAreAtMostASecondOld(t *testing.T) {
	url := storetest.URL(t, "postgres")
	here, there := storetest.OpenURL(t, url), storetest.OpenURL(t, url)
	if err := here.Migrate(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	addMerchants(t, here, "mer_a")
	if _, err := here.Read(t.Context()).Merchant("mer_a"); err != nil {
		t.Fatal(err)
	}
	write(t, there, func(tx *store.Tx) { tx.AdvanceClock("mer_a", time.Hour) })
	deadline := time.Now().Add(10 * time.Second)
	for {
		m, err := here.Read(t.Context()).Merchant("mer_a")
		if err != nil {
			t.Fatal(err)
		}
		if m.ClockOffset == time.Hour {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the other node's change is never seen")
		}
		time.Sleep(50 * time.Millisecond)
	}
}
