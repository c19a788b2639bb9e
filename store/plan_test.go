package store_test

import (
	"regexp"
	"strings"
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// A table that is read from end to end is quick in a test and slow after a million links. The plans
// are those of the very texts that the methods send.
func TestHotQueriesUseTheirIndexes(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	addMerchants(t, s, "mer_a")
	addLinks(t, s, link("mer_a", "plink_1", func(l *paylink.Link) { l.CodeKey, l.Reference = 7, "R" }))
	addPayments(t, s, payment("pay_1", func(p *paylink.Payment) { p.GatewayReference = "g" }))
	write(t, s, func(tx *store.Tx) { tx.AppendEvent(event("evt_1", noon, nil)) })
	write(t, s, func(tx *store.Tx) {
		tx.InsertMessage(paylink.Message{ID: "msg_1", Merchant: "mer_a", Link: "plink_1", CreatedAt: noon})
	})
	addJobs(t, s, job("job_1", nil))
	claimed := claimJobs(t, s, noon)[0]
	reads := map[string]func(store.Reader) error{
		"LinkByCode": func(r store.Reader) error { _, _, err := r.LinkByCode(7, 0); return err },
		"Link":       func(r store.Reader) error { _, err := r.Link("mer_a", false, "plink_1"); return err },
		"MessageToSend": func(r store.Reader) error {
			_, _, _, err := r.MessageToSend("mer_a", false, "plink_1", "msg_1")
			return err
		},
		"LinkByReference": func(r store.Reader) error { _, err := r.LinkByReference("mer_a", false, "R"); return err },
		"Links": func(r store.Reader) error {
			_, err := r.FindLinks(store.LinkFilter{Merchant: "mer_a", From: "z", Limit: 9})
			return err
		},
		"Links of a status": func(r store.Reader) error {
			_, err := r.FindLinks(store.LinkFilter{Merchant: "mer_a", Status: paylink.LinkPending, Limit: 9})
			return err
		},
		"CodeSlotsInUse":     func(r store.Reader) error { _, err := r.CodeSlotsInUse(); return err },
		"PaymentsOf":         func(r store.Reader) error { _, err := r.PaymentsOf("mer_a", "plink_1", 9); return err },
		"Payments":           func(r store.Reader) error { _, err := r.Payments("mer_a", false, "", "", 9); return err },
		"Payment":            func(r store.Reader) error { _, err := r.Payment("mer_a", false, "pay_1"); return err },
		"PaymentByReference": func(r store.Reader) error { _, err := r.PaymentByReference("mer_a", "REFpay_1"); return err },
		"PaymentWithLink": func(r store.Reader) error {
			_, _, _, err := r.PaymentWithLink("mer_a", "REFpay_1")
			return err
		},
		"PaymentByGatewayReference": func(r store.Reader) error {
			_, err := r.PaymentByGatewayReference("mer_a", "acct_1", "g")
			return err
		},
		"StaffDevices": func(r store.Reader) error {
			_, err := r.StaffDevices("mer_a", false, paylink.Device{Owner: "usr_1", ID: "dev_1"}, 9)
			return err
		},
		"Notices": func(r store.Reader) error { _, err := r.Notices("mer_a", false, "", "", 9); return err },
		"Notices of a kind": func(r store.Reader) error {
			_, err := r.Notices("mer_a", false, paylink.AccountGateway, "", 9)
			return err
		},
		"CustomersOf": func(r store.Reader) error {
			_, err := r.CustomersOf("mer_a", false, []paylink.CustomerID{"cust_1", "cust_2"})
			return err
		},
		"Deliveries": func(r store.Reader) error {
			_, err := r.Deliveries(store.DeliveryFilter{Merchant: "mer_a", Limit: 9})
			return err
		},
		"EventsAfter":  func(r store.Reader) error { _, err := r.EventsAfter("mer_a", false, 1, 9); return err },
		"EventsBefore": func(r store.Reader) error { _, err := r.EventsBefore("mer_a", false, 0, 9); return err },
		"Timeline":     func(r store.Reader) error { _, err := r.Timeline("mer_a", "plink_1", 9); return err },
		"Unsealed":     func(r store.Reader) error { _, err := r.Unsealed(9); return err },
		"ChainHead":    func(r store.Reader) error { _, err := r.ChainHead("mer_a", false); return err },
		"NextJobs":     func(r store.Reader) error { _, err := r.NextJobs(paylink.JobKinds); return err },
		"SilentJobs":   func(r store.Reader) error { _, err := r.SilentJobs(noon); return err },
		"TurnlessJobs": func(r store.Reader) error { _, err := r.TurnlessJobs(noon); return err },
		"JobFigures":   func(r store.Reader) error { _, err := r.JobFigures(paylink.JobKinds, noon, 100); return err },
		"JobStands":    func(r store.Reader) error { _, err := r.JobStands("mer_a", false, paylink.JobKinds, noon); return err },
		"JobsOf":       func(r store.Reader) error { _, err := r.JobsOf("w"); return err },
		"RetriedJobs":  func(r store.Reader) error { _, err := r.RetriedJobs("mer_a", false, noon, 9); return err },
		"ParkedJobs":   func(r store.Reader) error { _, err := r.ParkedJobs("mer_a", false, 9); return err },
		"PastJobs":     func(r store.Reader) error { _, err := r.PastJobs("mer_a", false, 9); return err },
	}
	changes := map[string]func(*store.Tx) error{
		"MoveWorldJobs": func(tx *store.Tx) error { _, err := tx.MoveWorldJobs("mer_a", 9); return err },
		"ForgetNotices": func(tx *store.Tx) error { _, err := tx.ForgetNotices(noon, 9); return err },
		"FinishJob":     func(tx *store.Tx) error { tx.FinishJob(claimed, noon); return nil },
		"BeatJobs": func(tx *store.Tx) error {
			tx.BeatJobs([]store.Lease{{Job: claimed.ID, Fence: claimed.Fence}}, noon)
			return nil
		},
		"ReclaimJobs":  func(tx *store.Tx) error { _, err := tx.ReclaimJobs(noon, 9); return err },
		"GiveTurns":    func(tx *store.Tx) error { _, err := tx.GiveTurns(noon, 9); return err },
		"ForgetJobs":   func(tx *store.Tx) error { _, err := tx.ForgetJobs(noon, 9); return err },
		"ForgetNonces": func(tx *store.Tx) error { _, err := tx.ForgetNonces(noon, 9); return err },
		"TakeSealer":   func(tx *store.Tx) error { _, err := tx.TakeSealer(); return err },
	}
	for name, fn := range reads {
		wantIndexed(t, s, name, s.Listen(t, fn))
	}
	for name, fn := range changes {
		wantIndexed(t, s, name, s.ListenIn(t, fn))
	}
}

// unindexed is a step that reads a whole table. An index that holds just the rows that are wanted, in
// their order, may be walked from its beginning.
var unindexed = regexp.MustCompile(`^SCAN (accounts|codes|customers|deliveries|events|jobs|jobs_done|links|merchants|messages|nonces|notices|payments)( USING INDEX sqlite_autoindex_\w+)?$|TEMP B-TREE`)

// The hundredth page of a list must cost what the first one does: the search begins at the cursor, and
// does not read again what was shown.
func TestPagesBeginAtTheirCursor(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	for name, c := range map[string]struct {
		want string
		fn   func(store.Reader) error
	}{
		"Links": {"id<?", func(r store.Reader) error {
			_, err := r.FindLinks(store.LinkFilter{Merchant: "mer_a", From: "z", Limit: 9})
			return err
		}},
		"Payments": {"id<?", func(r store.Reader) error { _, err := r.Payments("mer_a", false, "", "z", 9); return err }},
		"Notices":  {"id<?", func(r store.Reader) error { _, err := r.Notices("mer_a", false, "", "z", 9); return err }},
		"Notices of a kind": {"kind=? AND id<?", func(r store.Reader) error {
			_, err := r.Notices("mer_a", false, paylink.AccountGateway, "z", 9)
			return err
		}},
		"Deliveries": {"id<?", func(r store.Reader) error {
			_, err := r.Deliveries(store.DeliveryFilter{Merchant: "mer_a", Status: paylink.DeliveryFailed, Before: "z", Limit: 9})
			return err
		}},
		"StaffDevices": {"owner>? AND owner<?", func(r store.Reader) error {
			_, err := r.StaffDevices("mer_a", false, paylink.Device{Owner: "usr_1", ID: "dev_1"}, 9)
			return err
		}},
		"EventsBefore": {"seq<?", func(r store.Reader) error { _, err := r.EventsBefore("mer_a", false, 7, 9); return err }},
		"EventsAfter":  {"seq>?", func(r store.Reader) error { _, err := r.EventsAfter("mer_a", false, 7, 9); return err }},
	} {
		steps := s.Plan(t, s.Listen(t, c.fn)[0])
		if len(steps) != 1 || !strings.Contains(steps[0], c.want) {
			t.Errorf("%s: %q has no %s", name, steps, c.want)
		}
	}
}

func wantIndexed(t *testing.T, s *store.Store, name string, heard []store.Asked) {
	t.Helper()
	if len(heard) == 0 {
		t.Errorf("%s asked nothing", name)
	}
	for _, a := range heard {
		steps := s.Plan(t, a)
		for _, step := range steps {
			if unindexed.MatchString(step) {
				t.Errorf("%s: %q in %q", name, step, steps)
			}
		}
	}
}
