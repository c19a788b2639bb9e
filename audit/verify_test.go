package audit_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"testing"
	"time"

	"paylink/audit"
	"paylink/keyring"
	"paylink/store"
)

// newRing makes a key ring of one key.
func newRing(t testing.TB) *keyring.Ring {
	t.Helper()
	text, err := keyring.Generate(rand.Reader, noon)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// verifier proves a database in the evening of the day on which everything happens.
func verifier(t testing.TB, s *store.Store) *audit.Verifier {
	return &audit.Verifier{Store: s, Ring: newRing(t), Now: func() time.Time { return noon.Add(time.Hour) }}
}

// sealAll seals until nothing is left.
func sealAll(t testing.TB, s *store.Store) {
	t.Helper()
	sealer := newSealer(s)
	for {
		n, err := sealer.Seal(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// readFile gives a file of checkpoints for one verification.
func readFile(t *testing.T, name string) audit.CheckpointFile {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return audit.CheckpointFile{Name: name, Text: bytes.NewReader(text)}
}
