package simulation_test

import (
	"testing"
	"time"

	"paylink/audit"
	"paylink/keyring"
	"paylink/store"
)

// proveBooks holds what a history left in its database to the chain and to itself, as paylink verify
// does.
func proveBooks(t *testing.T, s *store.Store, keys string) {
	t.Helper()
	ring, err := keyring.Open(keys, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r, err := (&audit.Verifier{Store: s, Ring: ring, Now: time.Now}).Verify(t.Context())
	if err != nil || r.Broken != nil || r.Events == 0 || r.Checkpoints == 0 || r.Entries == 0 || r.Unhashed+r.Unsealed+r.Unverifiable+r.Unposted > 0 {
		t.Errorf("the books do not hold: %v, %+v, %v", r.Broken, r, err)
	}
}
