package store_test

import (
	"strings"
	"testing"

	"paylink/store"
	"paylink/store/storetest"
)

// A proof reads everything once. A page that is found by reading what was read before makes it twice,
// then a thousand times, as long.
func TestProofsBeginAtTheirCursor(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	for name, c := range map[string]struct {
		want string
		fn   func(store.Reader) error
	}{
		"EntriesAfter": {"seq>?", func(r store.Reader) error { _, err := r.EntriesAfter("mer_a", false, 7, 9); return err }},
		"WalkEntries": {"seq>? AND seq<?", func(r store.Reader) error {
			return r.WalkEntries("mer_a", false, 7, 70, 9, func(*store.Entry) bool { return true })
		}},
		"HashAt":       {"seq=?", func(r store.Reader) error { _, _, _, err := r.HashAt("mer_a", false, 7); return err }},
		"Chains":       {"(merchant_id,livemode)>(?,?)", func(r store.Reader) error { _, err := r.Chains("mer_a", false, 9); return err }},
		"ChainsBehind": {"(merchant_id,livemode)>(?,?)", func(r store.Reader) error { _, err := r.ChainsBehind("mer_a", false, 9); return err }},
		"LinkCut":      {"id>?", func(r store.Reader) error { _, err := r.LinkCut("mer_a", "plink_1", 9); return err }},
		"LinkFacts":    {"id>? AND id<?", func(r store.Reader) error { _, err := r.LinkFacts("mer_a", "plink_1", "plink_9"); return err }},
		"PaymentsBetween": {"(link_id,id)>(?,?)", func(r store.Reader) error {
			_, err := r.PaymentsBetween("mer_a", "plink_1", "pay_1", "plink_9", 9)
			return err
		}},
		"PaymentEvents": {"(link_id,at,id)>(?,?,?)", func(r store.Reader) error {
			_, err := r.PaymentEvents("mer_a", "plink_1", 1, "evt_1", "plink_9", 9)
			return err
		}},
		"Checkpoints": {"rowid>?", func(r store.Reader) error { _, err := r.Checkpoints(1, 9); return err }},
	} {
		steps := s.Plan(t, s.Listen(t, c.fn)[0])
		if len(steps) != 1 || !strings.Contains(steps[0], c.want) {
			t.Errorf("%s: %q has no %s", name, steps, c.want)
		}
	}
	for _, step := range s.Plan(t, s.Listen(t, func(r store.Reader) error { _, _, err := r.HeadAfter("mer_a", false); return err })[0]) {
		if strings.HasPrefix(step, "SCAN events") || strings.HasPrefix(step, "SCAN chains") {
			t.Errorf("HeadAfter: %q", step)
		}
	}
}
