package checkout

import (
	"strings"
	"testing"

	"paylink"
)

// A stranger types this. Whatever it is, what is compared has digits only, and as many as there can be.
func FuzzAnswersHaveDigitsOnly(f *testing.F) {
	for _, typed := range []string{"345642", "34 56 42", "३४५६४२", "730-412", "", "x", "\x00", strings.Repeat("1", 100), "１２３４５６"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for proof, lengths := range map[paylink.Proof][2]int{
			paylink.ProofPhoneDigits: {6, 6}, paylink.ProofCode: {6, 6}, paylink.ProofPIN: {4, 8}, "": {4, 8},
		} {
			answer, ok := readAnswer(proof, typed)
			if ok && (strings.Trim(answer, "0123456789") != "" || len(answer) < lengths[0] || len(answer) > lengths[1]) {
				t.Errorf("%q reads as %q for %s", typed, answer, proof)
			}
		}
	})
}
