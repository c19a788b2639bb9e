package store_test

import (
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// The figures on the first page are what a merchant takes the day for: another mode's links, another
// merchant's money, or a sum that stops at the hundredth row would mislead.
func TestFiguresCountTheirOwnWorldExactly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		before := noon.Add(-time.Microsecond)
		made := func(merchant paylink.MerchantID, at time.Time, status paylink.LinkStatus, change func(*paylink.Link)) paylink.Link {
			return link(merchant, paylink.NewLinkID(at), func(l *paylink.Link) {
				l.CreatedAt, l.UpdatedAt, l.Status = at, at, status
				if change != nil {
					change(l)
				}
			})
		}
		links := []paylink.Link{
			made("mer_a", before, paylink.LinkPending, nil),
			made("mer_a", before.Add(-time.Hour), paylink.LinkFailed, nil),
			made("mer_a", noon, paylink.LinkPartiallyPaid, nil),
			made("mer_a", noon.Add(time.Hour), paylink.LinkPaid, nil),
			made("mer_a", noon, paylink.LinkCancelled, func(l *paylink.Link) { l.ExpiresAt = noon }),
			made("mer_a", before, paylink.LinkExpired, func(l *paylink.Link) { l.ExpiresAt = before }),
			made("mer_a", before, paylink.LinkExpired, func(l *paylink.Link) { l.ExpiresAt = noon }),
			made("mer_a", noon, paylink.LinkPending, func(l *paylink.Link) { l.Live = true }),
			made("mer_b", noon, paylink.LinkPending, nil),
			made("mer_b", noon, paylink.LinkExpired, func(l *paylink.Link) { l.ExpiresAt = noon }),
		}
		for range 150 {
			links = append(links, made("mer_a", noon, paylink.LinkPending, nil))
		}
		addLinks(t, s, links...)

		read := s.Read(t.Context())
		open, err := read.OpenLinks("mer_a", false)
		same(t, "open", 153, open, err)
		count, err := read.LinksMade("mer_a", false, noon)
		same(t, "made", 153, count, err)
		count, err = read.LinksExpired("mer_a", false, noon)
		same(t, "expired", 1, count, err)
		count, err = read.OpenLinks("mer_a", true)
		same(t, "open, live", 1, count, err)
		count, err = read.LinksExpired("mer_a", true, noon)
		same(t, "expired, live", 0, count, err)
	})
}

// Money that is held or goes back is not collected, and rupees are not added to dinars.
func TestCollectedIsWhatCountsByCurrency(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		captured := func(id paylink.PaymentID, minor int64, change func(*paylink.Payment)) paylink.Payment {
			return payment(id, func(p *paylink.Payment) {
				p.Status, p.Amount, p.AmountCaptured, p.CapturedAt = paylink.PaymentCaptured, paylink.Money{Minor: 1, Currency: "INR"}, minor, noon
				if change != nil {
					change(p)
				}
			})
		}
		addPayments(t, s,
			captured("pay_01", paylink.MaxMinor, nil),
			captured("pay_02", 10, func(p *paylink.Payment) { p.Disposition = paylink.PolicyAccept }),
			captured("pay_03", 100, func(p *paylink.Payment) { p.Disposition = paylink.PolicyHold }),
			captured("pay_04", 100, func(p *paylink.Payment) { p.Disposition = paylink.PolicyRefund }),
			captured("pay_05", 100, func(p *paylink.Payment) { p.Disposition = paylink.PolicyCredit }),
			captured("pay_06", 100, func(p *paylink.Payment) { p.CapturedAt = noon.Add(-time.Microsecond) }),
			captured("pay_07", 100, func(p *paylink.Payment) { p.Status = paylink.PaymentVoided }),
			captured("pay_08", 7, func(p *paylink.Payment) { p.Amount.Currency = "KWD" }),
			captured("pay_09", 3, func(p *paylink.Payment) { p.Amount.Currency = "AED" }),
			captured("pay_10", 5, func(p *paylink.Payment) { p.Live = true }),
			captured("pay_11", 100, func(p *paylink.Payment) { p.Merchant = "mer_b" }),
			payment("pay_12", nil),
		)
		read := s.Read(t.Context())
		got, err := read.Collected("mer_a", false, noon)
		same(t, "test mode", []store.Takings{
			{Sum: paylink.Money{Minor: 3, Currency: "AED"}, Payments: 1},
			{Sum: paylink.Money{Minor: paylink.MaxMinor + 10, Currency: "INR"}, Payments: 2},
			{Sum: paylink.Money{Minor: 7, Currency: "KWD"}, Payments: 1},
		}, got, err)
		got, err = read.Collected("mer_a", true, noon)
		same(t, "live mode", []store.Takings{{Sum: paylink.Money{Minor: 5, Currency: "INR"}, Payments: 1}}, got, err)
		got, err = read.Collected("mer_b", true, noon)
		same(t, "nothing", nil, got, err)
	})
}

// A home page that reads every link of ten years is slow for those who have been here longest.
func TestFiguresAreCountedFromTheirIndexes(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	for name, c := range map[string]struct {
		want string
		fn   func(store.Reader) error
	}{
		"OpenLinks": {"USING COVERING INDEX links_open (merchant_id=? AND livemode=? AND status=?)", func(r store.Reader) error { _, err := r.OpenLinks("mer_a", false); return err }},
		"LinksMade": {"USING INDEX links_by_mode (merchant_id=? AND livemode=? AND id>?)", func(r store.Reader) error { _, err := r.LinksMade("mer_a", false, noon); return err }},
		"LinksExpired": {"USING COVERING INDEX links_expired (merchant_id=? AND livemode=? AND expires_at>?)", func(r store.Reader) error {
			_, err := r.LinksExpired("mer_a", false, noon)
			return err
		}},
		"Collected": {"USING INDEX payments_by_capture (merchant_id=? AND livemode=? AND captured_at>?)", func(r store.Reader) error {
			_, err := r.Collected("mer_a", false, noon)
			return err
		}},
	} {
		steps := s.Plan(t, s.Listen(t, c.fn)[0])
		if !strings.Contains(steps[0], c.want) {
			t.Errorf("%s: %q has no %s", name, steps, c.want)
		}
	}
}
