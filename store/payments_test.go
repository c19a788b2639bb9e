package store_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// payment makes an attempt that was just started; change makes it another.
func payment(id paylink.PaymentID, change func(*paylink.Payment)) paylink.Payment {
	p := paylink.Payment{
		ID: id, Merchant: "mer_a", Link: "plink_1", Status: paylink.PaymentCreated, Amount: paylink.Money{Minor: 245000, Currency: "INR"},
		Method: paylink.MethodUPI, Gateway: "sandbox", Account: "acct_1", Reference: "REF" + string(id), CreatedAt: noon, UpdatedAt: noon,
	}
	if change != nil {
		change(&p)
	}
	return p
}

// What a gateway's word is held against must be what reading it piece by piece gives, for links with a customer and
// without, and nobody else's.
func TestAPaymentIsReadWithItsLinkAndCustomer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		c := paylink.Customer{ID: "cust_1", Merchant: "mer_a", Name: "Asha", Phone: "+919812345642", CreatedAt: noon}
		write(t, s, func(tx *store.Tx) { tx.InsertCustomer(c) })
		addLinks(t, s, link("mer_a", "plink_1", func(l *paylink.Link) { l.Customer = c.ID }), link("mer_a", "plink_2", nil))
		full := fullPayment()
		full.Live = false
		addPayments(t, s, full, payment("pay_bare", func(p *paylink.Payment) { p.Link = "plink_2" }))
		read := s.Read(t.Context())
		for _, reference := range []string{full.Reference, "REFpay_bare"} {
			want, err := read.PaymentByReference("mer_a", reference)
			if err != nil {
				t.Fatal(err)
			}
			wantLink, err := read.Link("mer_a", want.Live, want.Link)
			if err != nil {
				t.Fatal(err)
			}
			wantCustomer, err := read.CustomerOf(wantLink)
			if err != nil {
				t.Fatal(err)
			}
			p, l, c, err := read.PaymentWithLink("mer_a", reference)
			same(t, reference, want, p, err)
			same(t, reference+": the link", wantLink, l, err)
			if !reflect.DeepEqual(wantCustomer, c) {
				t.Errorf("%s: the customer %+v, want %+v", reference, c, wantCustomer)
			}
			_, _, _, err = read.PaymentWithLink("mer_b", reference)
			missing(t, "payment", reference, err)
		}
	})
}

func addPayments(t *testing.T, s *store.Store, all ...paylink.Payment) {
	t.Helper()
	write(t, s, func(tx *store.Tx) {
		for _, p := range all {
			tx.InsertPayment(p)
		}
	})
}

// fullPayment says something in every field.
func fullPayment() paylink.Payment {
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Microsecond) }
	return paylink.Payment{
		ID: "pay_full", Merchant: "mer_a", Live: true, Link: "plink_1", Status: paylink.PaymentCaptured,
		Amount: paylink.Money{Minor: math.MaxInt64, Currency: "JPY"}, AmountCaptured: 1, AmountRefunded: 2, AmountReversed: 3, Fee: -4, Tax: 5,
		Method: paylink.MethodCard, MethodDetails: paylink.MethodDetails{Network: "visa", Last4: "4242", Bank: odd, App: "app"},
		Gateway: "sandbox", Account: "acct_1", Reference: "R", GatewayReference: odd, BankReference: "UTR1",
		Decline:  paylink.Decline{Group: "expired_card", Message: odd, Code: "54"},
		Action:   paylink.Action{Kind: paylink.ActionApprove, URL: "https://bank.example", Intent: "upi://pay?a=1&b=2", ExpiresAt: at(1)},
		Abnormal: paylink.AbnormalLate, Disposition: paylink.PolicyHold, Items: fullTerms().Items, AmountExcess: 6, TermsAccepted: at(6),
		Answers:   []paylink.Answer{{Key: "size", Label: odd, Sealed: []byte{0, 1, 255}}, {Key: "erased", Label: "b"}},
		CreatedAt: at(2), UpdatedAt: at(3), ExpiresAt: at(4), CapturedAt: at(5),
	}
}

// A field that is lost or swapped here is money that cannot be matched with the bank.
func TestPaymentComesBackWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		all := []paylink.Payment{fullPayment(), payment("pay_bare", nil)}
		addPayments(t, s, all...)
		read := s.Read(t.Context())
		for _, p := range all {
			got, err := read.Payment("mer_a", p.Live, p.ID)
			same(t, string(p.ID), p, got, err)
			got, err = read.PaymentByReference("mer_a", p.Reference)
			same(t, string(p.ID)+" by our reference", p, got, err)
			_, err = read.Payment("mer_b", p.Live, p.ID)
			missing(t, "payment", string(p.ID), err)
			_, err = read.Payment("mer_a", !p.Live, p.ID)
			missing(t, "payment", string(p.ID), err)
			_, err = read.PaymentByReference("mer_b", p.Reference)
			missing(t, "payment", p.Reference, err)
		}
		got, err := read.PaymentByGatewayReference("mer_a", "acct_1", odd)
		same(t, "by the gateway's reference", all[0], got, err)
		for _, w := range []struct {
			merchant  paylink.MerchantID
			account   paylink.AccountID
			reference string
		}{{"mer_b", "acct_1", odd}, {"mer_a", "acct_2", odd}, {"mer_a", "acct_1", ""}} {
			_, err := read.PaymentByGatewayReference(w.merchant, w.account, w.reference)
			missing(t, "payment", w.reference, err)
		}
	})
}

// A gateway tells of one capture twice, in two notices; the second record of it would be money that
// never came. Attempts that have no gateway's reference yet do not get in each other's way.
func TestKnownGatewayReferenceIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		known := payment("pay_1", func(p *paylink.Payment) { p.GatewayReference = "g1" })
		addPayments(t, s, known, payment("pay_2", nil), payment("pay_3", nil),
			payment("pay_4", func(p *paylink.Payment) { p.GatewayReference, p.Account = "g1", "acct_2" }),
			payment("pay_1", func(p *paylink.Payment) { p.GatewayReference, p.Merchant = "g1", "mer_b" }))
		for name, twin := range map[string]paylink.Payment{
			"the gateway's reference": payment("pay_5", func(p *paylink.Payment) { p.GatewayReference = "g1" }),
			"our reference":           payment("pay_5", func(p *paylink.Payment) { p.Reference = known.Reference }),
			"the id":                  payment("pay_1", func(p *paylink.Payment) { p.Reference = "other" }),
		} {
			err := s.Write(t.Context(), func(tx *store.Tx) error {
				tx.AdvanceClock("mer_a", time.Hour)
				tx.InsertPayment(twin)
				return nil
			})
			if code, _ := conflict(err); code != "payment_known" {
				t.Errorf("%s again: %v", name, err)
			}
		}
		m, err := s.Read(t.Context()).Merchant("mer_a")
		same(t, "what travelled along", 0, m.ClockOffset, err)
	})
}

// The state machine was asked about the status that was read. If it is another by now, the answer is
// about a payment that no longer is.
func TestPaymentIsWrittenOnlyFromTheStatusThatWasRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		before := payment("pay_full", func(p *paylink.Payment) { p.Live = true })
		addPayments(t, s, before)
		to := fullPayment()
		bell := s.Bell(store.BellPayments)
		defer bell.Close()
		stale := func(p paylink.Payment, read paylink.PaymentStatus) {
			t.Helper()
			err := s.Write(t.Context(), func(tx *store.Tx) error { tx.UpdatePayment(p, read); return nil })
			if code, other := conflict(err); code != "changed" || other != string(p.ID) {
				t.Errorf("from %s: %v", read, err)
			}
		}
		stale(to, paylink.PaymentPending)
		others := to
		others.Merchant = "mer_b"
		stale(others, paylink.PaymentCreated)
		select {
		case <-bell.C:
			t.Error("a change that was refused was told")
		default:
		}
		write(t, s, func(tx *store.Tx) { tx.UpdatePayment(to, paylink.PaymentCreated) })
		stale(to, paylink.PaymentCreated)
		want := to
		want.Amount, want.AmountRefunded, want.AmountReversed, want.Items = before.Amount, 0, 0, nil
		want.Reference, want.CreatedAt, want.ExpiresAt, want.TermsAccepted, want.Answers = before.Reference, before.CreatedAt, before.ExpiresAt, before.TermsAccepted, before.Answers
		got, err := s.Read(t.Context()).Payment("mer_a", true, "pay_full")
		same(t, "changed", want, got, err)
		select {
		case <-bell.C:
		default:
			t.Error("the change was not told")
		}
		back := before
		write(t, s, func(tx *store.Tx) { tx.UpdatePayment(back, paylink.PaymentCaptured) })
		got, err = s.Read(t.Context()).Payment("mer_a", true, "pay_full")
		same(t, "back to nothing", back, got, err)
	})
}

// A list that skips a payment or shows one twice cannot be added up.
func TestPagesOfPaymentsHaveNoGapAndNoRepeat(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		var all, failed []paylink.PaymentID
		for i := range 11 {
			p := payment(paylink.PaymentID(fmt.Sprintf("pay_%c%02d", 'Z'+byte(i%2)*7, i)), nil) // capitals and small letters
			if i%3 == 0 {
				p.Status = paylink.PaymentFailed
				failed = append(failed, p.ID)
			}
			all = append(all, p.ID)
			elsewhere, live := p, p
			elsewhere.Link, elsewhere.ID, elsewhere.Reference = "plink_2", p.ID+"x", p.Reference+"x"
			live.Live, live.Link, live.ID, live.Reference = true, "plink_3", p.ID+"y", p.Reference+"y"
			others := p
			others.Merchant = "mer_b"
			addPayments(t, s, p, elsewhere, live, others)
			all = append(all, elsewhere.ID)
			if i%3 == 0 {
				failed = append(failed, elsewhere.ID)
			}
		}
		read := s.Read(t.Context())
		for status, want := range map[paylink.PaymentStatus][]paylink.PaymentID{"": all, paylink.PaymentFailed: failed, paylink.PaymentVoided: nil} {
			slices.Sort(want)
			slices.Reverse(want)
			var got []paylink.PaymentID
			for before := paylink.PaymentID(""); ; before = got[len(got)-1] {
				page, err := read.Payments("mer_a", false, status, before, 4)
				if err != nil || len(page) == 0 {
					same(t, "payments "+string(status), want, got, err)
					break
				}
				got = append(got, ids(page)...)
			}
		}
		of, err := read.PaymentsOf("mer_a", "plink_2", 3)
		newest := slices.DeleteFunc(slices.Clone(all), func(id paylink.PaymentID) bool { return id[len(id)-1] != 'x' })
		same(t, "of one link", newest[:3], ids(of), err)
	})
}

func ids(all []paylink.Payment) (ids []paylink.PaymentID) {
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	return ids
}

// A form that is sent twice, by a double click or a replay, starts one payment.
func TestNonceIsSpentOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		spend := func(nonce string, expires time.Time) error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				tx.AdvanceClock("mer_a", time.Hour)
				tx.SpendNonce([]byte(nonce), expires)
				return nil
			})
		}
		if err := spend("\x00a", noon); err != nil {
			t.Fatal(err)
		}
		var spent *paylink.Expired
		if err := spend("\x00a", noon.Add(time.Hour)); !errors.As(err, &spent) || spent.Code != "token_spent" {
			t.Errorf("the second time: %v", err)
		}
		if err := spend("\x00b", noon.Add(time.Microsecond)); err != nil {
			t.Errorf("another: %v", err)
		}
		m, err := s.Read(t.Context()).Merchant("mer_a")
		same(t, "what travelled along", 2*time.Hour, m.ClockOffset, err)
	})
}

// A nonce that is forgotten before its token has expired lets the form be sent again.
func TestNoncesAreForgottenOldestFirstWhenTheirTokensAreOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		write(t, s, func(tx *store.Tx) {
			for i := range 5 {
				tx.SpendNonce([]byte{byte(i)}, noon.Add(time.Duration(i)*time.Second))
			}
		})
		forget := func(now time.Time, limit int) (n int64) {
			write(t, s, func(tx *store.Tx) {
				var err error
				if n, err = tx.ForgetNonces(now, limit); err != nil {
					t.Error(err)
				}
			})
			return n
		}
		later := noon.Add(3 * time.Second)
		got := []int64{forget(noon, 9), forget(later, 2), forget(later, 9), forget(later, 9)}
		if want := []int64{0, 2, 1, 0}; !slices.Equal(got, want) {
			t.Errorf("forgot %v, want %v", got, want)
		}
		for i, kept := range []bool{false, false, false, true, true} {
			err := s.Write(t.Context(), func(tx *store.Tx) error { tx.SpendNonce([]byte{byte(i)}, noon); return nil })
			if (err != nil) != kept {
				t.Errorf("nonce %d is kept: %t, %v", i, kept, err)
			}
		}
	})
}
