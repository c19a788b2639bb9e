package simulation_test

import (
	"testing"
	"time"

	"paylink/audit"
	"paylink/keyring"
	"paylink/store"
)

// proveBooks holds what a history left in its database to the chain and to itself, as paylink verify
// does. At least one entry stands for each of the links that were paid.
func proveBooks(t *testing.T, s *store.Store, keys string, paid int) {
	t.Helper()
	ring, err := keyring.Open(keys, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r, err := (&audit.Verifier{Store: s, Ring: ring, Now: time.Now}).Verify(t.Context())
	if err != nil || r.Broken != nil || r.Events == 0 || r.Checkpoints == 0 || r.Entries < int64(paid) || r.Unhashed+r.Unsealed+r.Unverifiable+r.Unposted > 0 {
		t.Errorf("the books do not hold: %v, %+v, %v", r.Broken, r, err)
	}
}
