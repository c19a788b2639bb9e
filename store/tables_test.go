package store_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// noon is when things happen in these tests, to the microsecond: finer is not kept.
var noon = time.Date(2026, time.November, 22, 12, 0, 0, 123456000, time.UTC)

// odd is a text that a careless column, collation or driver would change.
const odd = "₹ ऋतु's \"5%_!\\\" <b>\n\t🧾 e\u0301 "

// write runs one transaction that has to commit.
func write(t *testing.T, s *store.Store, fn func(tx *store.Tx)) {
	t.Helper()
	if err := s.Write(t.Context(), func(tx *store.Tx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// same compares a whole value that was read with the one that was written.
func same[T any](t *testing.T, what string, want, got T, err error) {
	t.Helper()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v\ngot  %+v\nwant %+v", what, err, got, want)
	}
}

// missing holds an error to be the NotFound that names the object.
func missing(t *testing.T, kind, id string, err error) {
	t.Helper()
	var none *paylink.NotFound
	if !errors.As(err, &none) || *none != (paylink.NotFound{Kind: kind, ID: id}) {
		t.Errorf("want that there is no %s %q, got %v", kind, id, err)
	}
}

// conflict is the code of a Conflict and what is in the way; empty for any other error.
func conflict(err error) (code, other string) {
	var c *paylink.Conflict
	if errors.As(err, &c) {
		return c.Code, c.Other
	}
	return "", ""
}

// addMerchants adds a merchant for each id.
func addMerchants(t *testing.T, s *store.Store, ids ...paylink.MerchantID) {
	t.Helper()
	write(t, s, func(tx *store.Tx) {
		for _, id := range ids {
			tx.InsertMerchant(paylink.Merchant{ID: id, Name: string(id), Currency: "INR", CreatedAt: noon})
		}
	})
}

// A field that is lost, swapped with its neighbour or cut on the way to the database shows up months
// later on a customer's page.
func TestMerchantComesBackWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		all := []paylink.Merchant{
			{ID: "mer_B", CreatedAt: noon},
			{ID: "mer_a", CreatedAt: time.UnixMicro(math.MaxInt64).UTC(), DefaultExpiry: math.MaxInt64 / 1000 * 1000, ClockOffset: -time.Microsecond},
			{
				ID: "mer_b", Name: odd, LegalName: "legal", Country: "IN", Currency: "INR", Locale: "hi", TimeZone: "Asia/Kolkata",
				Header: "ACMEIN", Colour: "#0b5fff", Website: "https://acme.example", SupportPhone: "+911", SupportEmail: "a@acme.example",
				DefaultExpiry: 24 * time.Hour, ClockOffset: 3 * time.Hour, CreatedAt: noon.Add(time.Microsecond),
				Settings: paylink.Settings{Channels: []paylink.Channel{paylink.ChannelSMS}, OnOver: paylink.PolicyCredit},
			},
		}
		write(t, s, func(tx *store.Tx) {
			for _, i := range []int{2, 0, 1} {
				tx.InsertMerchant(all[i])
			}
		})
		read := s.Read(t.Context())
		for _, m := range all {
			got, err := read.Merchant(m.ID)
			same(t, string(m.ID), m, got, err)
		}
		// Capitals come before small letters: by bytes, not by a language's rules.
		got, err := read.Merchants()
		same(t, "all", all, got, err)
		_, err = read.Merchant("mer_c")
		missing(t, "merchant", "mer_c", err)
	})
}

// The sandbox clock adds up; moving it for nobody must not look as if it had been moved.
func TestClockOfOneMerchantMovesForward(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		bell := s.Bell(store.BellMerchants)
		defer bell.Close()
		write(t, s, func(tx *store.Tx) { tx.AdvanceClock("mer_a", time.Hour); tx.AdvanceClock("mer_a", time.Microsecond) })
		got, err := s.Read(t.Context()).Merchants()
		same(t, "offsets", []time.Duration{time.Hour + time.Microsecond, 0}, []time.Duration{got[0].ClockOffset, got[1].ClockOffset}, err)
		select {
		case <-bell.C:
		default:
			t.Error("nobody was told that the merchant changed")
		}
		err = s.Write(t.Context(), func(tx *store.Tx) error { tx.AdvanceClock("mer_c", time.Hour); return nil })
		missing(t, "merchant", "mer_c", err)
	})
}

// An account is found by its id alone, as a notice names it, and listed for its own merchant, mode and
// kind; a second one for the same use would leave it to chance which secret is tried.
func TestAccountComesBackWholeAndOnceForEachUse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		gateway := paylink.Account{ID: "acct_1", Merchant: "mer_a", Kind: paylink.AccountGateway, Provider: "sandbox", Secret: []byte{0}}
		sms := paylink.Account{
			ID: "acct_2", Merchant: "mer_a", Live: true, Kind: paylink.AccountChannel, Provider: "sandbox", Channel: paylink.ChannelSMS,
			BaseURL: "https://127.0.0.1:1/" + odd, Secret: []byte{0, 1, 0xff, '\''},
			Name: odd, Fields: map[string]string{"from": odd}, Rank: 2, Off: true,
		}
		email := sms
		email.Rank = 1
		email.ID, email.Channel = "acct_3", paylink.ChannelEmail
		other := email
		other.ID, other.Merchant = "acct_4", "mer_b"
		write(t, s, func(tx *store.Tx) {
			for _, a := range []paylink.Account{sms, gateway, email, other} {
				tx.InsertAccount(a, noon)
			}
		})
		read := s.Read(t.Context())
		for _, a := range []paylink.Account{sms, gateway, email, other} {
			got, err := read.Account(a.ID)
			same(t, string(a.ID), a, got, err)
		}
		got, err := read.Accounts("mer_a", true, paylink.AccountChannel)
		same(t, "channels, in order", []paylink.Account{email, sms}, got, err)
		got, err = read.Accounts("mer_a", true, paylink.AccountGateway)
		same(t, "live gateways", nil, got, err)
		_, err = read.Account("acct_9")
		missing(t, "account", "acct_9", err)

		second := sms
		second.ID = "acct_5"
		if err := s.Write(t.Context(), func(tx *store.Tx) error { tx.InsertAccount(second, noon); return nil }); err == nil {
			t.Error("a second account for one use went in")
		}
	})
}

// A secret or an address that is written to another merchant's account hands one shop's money to
// another.
func TestAccountChangesReachTheirOwnMerchantOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		a := paylink.Account{ID: "acct_1", Merchant: "mer_a", Kind: paylink.AccountGateway, Provider: "sandbox", Secret: []byte("old")}
		write(t, s, func(tx *store.Tx) { tx.InsertAccount(a, noon) })
		for name, change := range map[string]func(*store.Tx, paylink.MerchantID){
			"secret": func(tx *store.Tx, m paylink.MerchantID) { tx.SetAccountSecret(m, a.ID, []byte("new")) },
			"url":    func(tx *store.Tx, m paylink.MerchantID) { tx.SetAccountURL(m, a.ID, "http://127.0.0.1:2") },
			"rest": func(tx *store.Tx, m paylink.MerchantID) {
				changed := a
				changed.Merchant, changed.Secret, changed.BaseURL = m, []byte("new"), "http://127.0.0.1:2"
				changed.Name, changed.Fields, changed.Rank, changed.Off = "main", map[string]string{"from": "ACME"}, 7, true
				tx.UpdateAccount(changed)
			},
		} {
			if err := s.Write(t.Context(), func(tx *store.Tx) error { change(tx, "mer_b"); return nil }); err == nil {
				t.Errorf("the %s of another merchant's account was changed", name)
			}
			write(t, s, func(tx *store.Tx) { change(tx, "mer_a") })
		}
		got, err := s.Read(t.Context()).Account(a.ID)
		if err != nil || string(got.Secret) != "new" || got.BaseURL != "http://127.0.0.1:2" {
			t.Errorf("after all: %+v, %v", got, err)
		}
	})
}

// An empty secret comes back as nil from one driver and as an empty slice from the other: both say that
// there is none, and no secret at all is refused by both.
func TestEmptySecretIsKeptAndNoneIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		a := paylink.Account{ID: "acct_1", Merchant: "mer_a", Kind: paylink.AccountGateway, Provider: "sandbox"}
		if err := s.Write(t.Context(), func(tx *store.Tx) error { tx.InsertAccount(a, noon); return nil }); err == nil {
			t.Error("an account without a secret went in")
		}
		a.Secret = []byte{}
		write(t, s, func(tx *store.Tx) { tx.InsertAccount(a, noon) })
		got, err := s.Read(t.Context()).Account(a.ID)
		if err != nil || len(got.Secret) != 0 {
			t.Errorf("the secret is %v, %v", got.Secret, err)
		}
	})
}

// A contact belongs to one merchant and one mode; the test world must never see a real phone number.
func TestCustomerComesBackWholeToItsOwnWorld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		full := paylink.Customer{ID: "cust_1", Merchant: "mer_a", Live: true, Name: odd, Phone: "+919812345642", Email: "ऋतु@example.com", Locale: "hi", CreatedAt: noon}
		bare := paylink.Customer{ID: "cust_2", Merchant: "mer_a", CreatedAt: noon}
		write(t, s, func(tx *store.Tx) { tx.InsertCustomer(full); tx.InsertCustomer(bare) })
		read := s.Read(t.Context())
		for _, c := range []paylink.Customer{full, bare} {
			got, err := read.Customer("mer_a", c.Live, c.ID)
			same(t, string(c.ID), c, got, err)
			_, err = read.Customer("mer_a", !c.Live, c.ID)
			missing(t, "customer", string(c.ID), err)
			_, err = read.Customer("mer_b", c.Live, c.ID)
			missing(t, "customer", string(c.ID), err)
		}
		of, err := read.CustomerOf(paylink.Link{Merchant: "mer_a", Live: true, Customer: "cust_1"})
		same(t, "of a link", &full, of, err)
		of, err = read.CustomerOf(paylink.Link{Merchant: "mer_a"})
		same(t, "of a link without one", nil, of, err)
		of, err = read.CustomerOf(paylink.Link{Merchant: "mer_a", Customer: "cust_1"})
		missing(t, "customer", "cust_1", err)
		same(t, "of a link of the other mode", nil, of, nil)
	})
}

// A page of a list asks for its customers at once: one of another world among them would show a stranger's
// phone number.
func TestCustomersOfAPageAreOfItsOwnWorld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		asha := paylink.Customer{ID: "cust_1", Merchant: "mer_a", Name: odd, Phone: "+919812345642", CreatedAt: noon}
		ravi := paylink.Customer{ID: "cust_2", Merchant: "mer_a", Email: "ravi@example.com", Locale: "hi", CreatedAt: noon}
		live := paylink.Customer{ID: "cust_3", Merchant: "mer_a", Live: true, CreatedAt: noon}
		other := paylink.Customer{ID: "cust_4", Merchant: "mer_b", CreatedAt: noon}
		page := []paylink.CustomerID{"", "cust_1", "cust_2", "cust_1", "cust_3", "cust_4", "cust_5"}
		want := map[paylink.CustomerID]paylink.Customer{"cust_1": asha, "cust_2": ravi}
		all := []paylink.Customer{asha, ravi, live, other}
		for n := len(page); n < 101; n++ {
			c := asha // known before
			c.Person = asha.ID
			c.ID = paylink.CustomerID(fmt.Sprint("cust_n", n))
			page, all, want[c.ID] = append(page, c.ID), append(all, c), c
		}
		write(t, s, func(tx *store.Tx) {
			for _, c := range all {
				tx.InsertCustomer(c)
			}
		})
		read := s.Read(t.Context())
		got, err := read.CustomersOf("mer_a", false, page)
		same(t, "a full page", want, got, err)
		got, err = read.CustomersOf("mer_a", false, []paylink.CustomerID{"", ""})
		same(t, "a page without customers", map[paylink.CustomerID]paylink.Customer{}, got, err)
	})
}

// A key ring that was made for another database would seal what nobody can open again.
func TestKeySlotRemembersItsFirstFingerprint(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		remember := func(slot int, fingerprint string) (known string) {
			write(t, s, func(tx *store.Tx) {
				var err error
				if known, err = tx.RememberKey(slot, fingerprint); err != nil {
					t.Error(err)
				}
			})
			return known
		}
		got := fmt.Sprint(remember(0, "first"), remember(0, "second"), remember(15, "third"), remember(0, "first"))
		if want := "firstfirstthirdfirst"; got != want {
			t.Errorf("remembered %s, want %s", got, want)
		}
	})
}
