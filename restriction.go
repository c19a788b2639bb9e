package paylink

import (
	"slices"
	"strings"
	"time"
)

// Proof is how a visitor shows that a link is meant for them.
type Proof string

const (
	ProofPhoneDigits Proof = "phone_digits" // the last digits of the customer's phone
	ProofCode        Proof = "code"         // a one-time code that is sent to the customer
	ProofPIN         Proof = "pin"          // a number that the merchant told the customer some other way
)

// Proofs lists every proof, in the order in which forms show them.
var Proofs = []Proof{ProofPhoneDigits, ProofCode, ProofPIN}

// Restriction keeps a link to those for whom it is meant: its page shows nothing, and starts no
// payment, before the proof is given and from any other country.
type Restriction struct {
	Proof     Proof    `json:"proof,omitempty" enum:"phone_digits,code,pin" doc:"what a visitor must give before the page shows anything; absent: nothing"`
	PINSet    bool     `json:"pin_set,omitempty" doc:"there is a PIN; it is never shown again"`
	Countries []string `json:"countries,omitempty" maxItems:"50" doc:"ISO 3166-1 codes of the countries from which the link opens; absent: from everywhere"`

	// PINKey tells a right PIN from a wrong one, for whoever has the key ring: [token.PINKey]. The row
	// keeps it and the link's token signs it; it never leaves the house.
	PINKey string `json:"pin_key,omitempty" hidden:"true"`
}

// Shown is the restriction as others may see it; nil for none.
func (r *Restriction) Shown() *Restriction {
	if r == nil {
		return nil
	}
	return &Restriction{Proof: r.Proof, PINSet: r.PINKey != "", Countries: r.Countries}
}

// Admits tells whether the link opens in the country, an ISO 3166-1 code. Where nobody could say which
// one it is, the link opens only if it opens everywhere.
func (r *Restriction) Admits(country string) bool {
	return r == nil || len(r.Countries) == 0 || slices.Contains(r.Countries, country)
}

// Needs is the proof that the link asks for; empty for none.
func (r *Restriction) Needs() Proof {
	if r == nil {
		return ""
	}
	return r.Proof
}

// PhoneDigits is how many digits of the phone prove it. Two of them stand on the page, so that the
// customer knows which phone is meant: a guesser has 10,000 to choose from, as of a PIN.
const PhoneDigits = 6

// LastDigits gives the digits of a phone that prove it; empty when it has no more than those.
func LastDigits(phone string) string {
	digits := strings.TrimPrefix(phone, "+")
	if len(digits) <= PhoneDigits {
		return ""
	}
	return digits[len(digits)-PhoneDigits:]
}

// The bounds on proofs.
const (
	CodeDigits   = 6
	LeastPIN     = 4
	MostPIN      = 8
	DeviceTries  = 5  // wrong ones by which one browser locks itself out
	LinkTries    = 15 // wrong ones by which all browsers together lock the link: a cookie is quickly thrown away
	CodesAnHour  = 3  // sent for one link, whoever asks: somebody's phone rings
	CodeLife     = 10 * time.Minute
	firstLock    = 15 * time.Minute
	longestLocks = 8 // 15 minutes four times longer each time: beyond this no link lives
)

// Tries is what is remembered of the wrong proofs of one browser, or of a link as a whole. The zero
// value is one who has not tried.
type Tries struct {
	Wrong       int64     // since the last lock or proof
	Locks       int64     // so far
	LockedUntil time.Time // zero: never was

	CodeMessage MessageID // of a browser: the message with the code that it asked for
	CodeAt      time.Time // when it asked
	Codes       int64     // of a link: asked for since CodesSince
	CodesSince  time.Time
}

// Locked tells whether no proof is looked at now.
func (t Tries) Locked(now time.Time) bool { return now.Before(t.LockedUntil) }

// Miss counts a wrong try and tells whether it was one too many: then nothing is looked at for a
// quarter of an hour, and each time that this happens for four times as long.
func (t *Tries) Miss(most int64, now time.Time) (locked bool) {
	if t.Wrong++; t.Wrong < most {
		return false
	}
	t.LockedUntil = now.Add(firstLock << (2 * min(t.Locks, longestLocks)))
	t.Wrong, t.CodeMessage = 0, ""
	t.Locks++
	return true
}

// CodeLives tells whether the code that the browser asked for can still be given.
func (t Tries) CodeLives(now time.Time) bool {
	return t.CodeMessage != "" && now.Before(t.CodeAt.Add(CodeLife))
}

// AskCode counts a code of the link; false when there were enough within the hour.
func (t *Tries) AskCode(now time.Time) bool {
	if !now.Before(t.CodesSince.Add(time.Hour)) {
		t.Codes, t.CodesSince = 0, now
	}
	if t.Codes >= CodesAnHour {
		return false
	}
	t.Codes++
	return true
}
