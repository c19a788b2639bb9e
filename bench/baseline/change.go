// Package baseline is what paylink is measured against: the same work with nothing around it but the
// database driver, net/http or pgbench. Each baseline is one short file, so that anyone can see that
// it does what it is said to do and nothing more.
//
// It is for the bench command, which gives it the statements and bytes that paylink itself used.
package baseline

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// Change is one transaction as paylink ran it, in the order of its statements.
type Change []Statement

// Statement is a text with $1, $2, … and what to put there.
type Statement struct {
	Text   string
	Values []Value
}

// Value is one argument. It repeats what was recorded, except for what must be unique: a serial
// number of sixteen digits between the parts of a text, and the random key of a short code.
type Value struct {
	Fixed any      // string, int64 or nil
	Parts []string // two or more: the serial stands between them, and Fixed is not used
	Key   bool     // a random 63-bit number, the same in the whole change
}

// FirstSerial has sixteen digits, like all that follow.
const FirstSerial = 1_000_000_000_000_000

// args fills in the values of a statement for one more change.
func (s Statement) args(args []any, serial string, key int64) []any {
	for _, v := range s.Values {
		switch {
		case v.Key:
			args = append(args, key)
		case len(v.Parts) > 0:
			args = append(args, strings.Join(v.Parts, serial))
		default:
			args = append(args, v.Fixed)
		}
	}
	return args
}

func fresh(serial int64) (string, int64) { return strconv.FormatInt(serial, 10), rand.Int64() }
