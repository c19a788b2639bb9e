package audit_test

import (
	"fmt"
	"testing"

	"paylink"
	"paylink/audit"
	"paylink/audit/audittest"
	"paylink/ledger"
	"paylink/store"
)

// Somebody marks a link paid, raises what was paid, or undoes a payment, in the rows alone.
func TestRowsThatSayOtherThanTheirEventsAreFound(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		restore := b.keep("links", "payments")
		link, payment := audittest.Paid("mer_a", 1, noon).Link.ID, audittest.Paid("mer_a", 1, noon).Payment.ID
		for _, c := range []struct {
			change string
			rule   audit.Rule
			named  string // the payment's last event, or nothing
		}{
			{"links SET status = 'pending' WHERE id = '%s'", audit.RuleStatus, ""},
			{"links SET status = 'expired' WHERE id = '%s'", audit.RuleStatus, ""},
			{"links SET amount_paid = amount_paid + 1 WHERE id = '%s'", audit.RuleSums, ""},
			{"links SET payments_count = 0 WHERE id = '%s'", audit.RuleSums, ""},
			{"links SET in_flight = 1 WHERE id = '%s'", audit.RuleSums, ""},
			{"links SET amount = amount * 2 WHERE id = '%s'", audit.RuleStatus, ""},
			{"payments SET status = 'failed' WHERE link_id = '%s'", audit.RuleSnapshot, "status"},
			{"payments SET status = 'action_required' WHERE link_id = '%s'", audit.RuleSnapshot, "status"},
			{"payments SET amount_captured = 1 WHERE link_id = '%s'", audit.RuleSnapshot, "amount_captured"},
			{"payments SET amount = 1 WHERE link_id = '%s'", audit.RuleSnapshot, "amount"},
			{"payments SET fee = 0 WHERE link_id = '%s'", audit.RuleSnapshot, "fee"},
			{"payments SET bank_reference = 'x' WHERE link_id = '%s'", audit.RuleSnapshot, "bank_reference"},
			{"payments SET disposition = 'refund', abnormal = 'late' WHERE link_id = '%s'", audit.RuleSnapshot, "abnormal"},
			{"payments SET captured_at = captured_at + 1 WHERE link_id = '%s'", audit.RuleSnapshot, "captured_at"},
			{"payments SET id = 'pay_x' WHERE link_id = '%s'", audit.RuleSnapshot, "no event"},
			{"payments SET link_id = 'plink_x' WHERE link_id = '%s'", audit.RuleSums, ""},
		} {
			b.exec("UPDATE " + fmt.Sprintf(c.change, link) + " AND merchant_id = 'mer_a'")
			f := b.verify().Broken
			switch {
			case f == nil || f.Rule != c.rule || f.Merchant != "mer_a" || f.Link != link:
				t.Errorf("%s: found %v", c.change, f)
			case c.named != "" && c.named != "no event" && (f.Payment != payment || f.Event == "" || f.Sequence == 0):
				t.Errorf("%s: named %+v", c.change, f)
			}
			restore()
		}
		b.exec("DELETE FROM payments WHERE merchant_id = 'mer_a'")
		if f := b.verify().Broken; f == nil || f.Rule != audit.RuleSums {
			t.Errorf("all payments are gone: %v", f)
		}
	})
}

// The states are told in an order that no payment can take. The chain is whole: it was told so, by a
// mistake of ours.
func TestMovesThatTheMachineForbidsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		told  []paylink.PaymentStatus
		legal bool
	}{
		"captured, then failed":            {[]paylink.PaymentStatus{"created", "captured", "failed"}, false},
		"abandoned, then pending":          {[]paylink.PaymentStatus{"created", "abandoned", "pending"}, false},
		"it begins in the middle":          {[]paylink.PaymentStatus{"pending", "captured"}, false},
		"failed, then captured":            {[]paylink.PaymentStatus{"created", "failed", "captured"}, true},
		"through what is not told":         {[]paylink.PaymentStatus{"created", "unknown", "pending", "captured"}, true},
		"captured outside its own payment": {[]paylink.PaymentStatus{"captured"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBooks(t, "sqlite")
			st := audittest.Paid("mer_a", 1, noon)
			st.Events = st.Events[:5] // up to its opening
			for _, status := range c.told {
				p := st.Payment
				p.Status = status
				st.Events = append(st.Events, st.Link.Tell(noon, "gateway", nil, &p, paylink.EventPaymentPending)...)
				st.Payment = p
			}
			if st.Payment.Status != paylink.PaymentCaptured {
				st.Link.AmountPaid, st.Link.PaymentsCount, st.Link.Status = 0, 0, paylink.LinkPending
			}
			if st.Payment.Status.Live() {
				st.Link.InFlight = 1
			}
			write(t, b.Store, func(tx *store.Tx) {
				tx.InsertLink(st.Link)
				tx.InsertPayment(st.Payment)
				for _, e := range st.Events {
					tx.AppendEvent(e)
				}
				if st.Payment.Status == paylink.PaymentCaptured {
					if err := ledger.Post(tx, noon, paylink.PaymentEntries(st.Payment)...); err != nil {
						t.Error(err)
					}
				}
			})
			sealAll(t, b.Store)
			if f := b.verify().Broken; (f == nil) != c.legal || f != nil && (f.Rule != audit.RuleMove || f.Sequence < 6) {
				t.Errorf("found %v", f)
			}
		})
	}
}

// A payment's row and its link's sums are undone together, so that only its events still tell of it; what
// comes later in the books is wrong too.
func TestAPaymentThatIsGoneWithItsSumsIsNamedFirst(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		first, second := audittest.Paid("mer_a", 1, noon), audittest.Paid("mer_a", 2, noon)
		b.exec("DELETE FROM payments WHERE merchant_id = 'mer_a' AND link_id = '"+string(first.Link.ID)+"'",
			"UPDATE links SET status = 'pending', amount_paid = 0, payments_count = 0 WHERE merchant_id = 'mer_a' AND id = '"+string(first.Link.ID)+"'")
		for _, name := range []string{"alone", "with another"} {
			f := b.verify().Broken
			if f == nil || f.Rule != audit.RuleSnapshot || f.Payment != first.Payment.ID || f.Link != first.Link.ID || f.Sequence == 0 {
				t.Errorf("%s: found %+v", name, f)
			}
			b.exec("UPDATE links SET amount_paid = 1 WHERE merchant_id = 'mer_a' AND id = '" + string(second.Link.ID) + "'")
		}
	})
}

// A payment that waits for the customer took its state without an event, and learned from the gateway.
// The merchant's own metadata may be called as our objects are.
func TestAStateThatIsNotToldIsNoContradiction(t *testing.T) {
	eachBooks(t, func(t *testing.T, b *books) {
		b.exec(`UPDATE events SET data = replace(data, '"metadata":{', '"metadata":{"payment":"cash",') WHERE merchant_id = 'mer_a'`)
		b.exec(`UPDATE events SET seq = NULL, hash = NULL WHERE merchant_id = 'mer_a'`, `DELETE FROM chains WHERE merchant_id = 'mer_a'`,
			`DELETE FROM checkpoints`, `DELETE FROM events WHERE merchant_id = 'mer_a' AND type IN ('payment.pending', 'payment.captured', 'payment_link.paid')`,
			`UPDATE payments SET status = 'action_required', amount_captured = 0, fee = 0, tax = 0, captured_at = NULL, updated_at = updated_at + 5
				WHERE merchant_id = 'mer_a'`,
			`UPDATE links SET status = 'pending', amount_paid = 0, payments_count = 0, in_flight = 1 WHERE merchant_id = 'mer_a'`,
			`DELETE FROM ledger_entries WHERE merchant_id = 'mer_a'`, `DELETE FROM ledger_postings WHERE merchant_id = 'mer_a'`,
			`DELETE FROM ledger_totals WHERE merchant_id = 'mer_a'`)
		sealAll(t, b.Store)
		if f := b.verify().Broken; f != nil {
			t.Errorf("found %v", f)
		}
		b.exec(`UPDATE payments SET amount = 1 WHERE merchant_id = 'mer_a'`)
		if f := b.verify().Broken; f == nil || f.Rule != audit.RuleSnapshot {
			t.Errorf("found %v", f)
		}
	})
}
