package respond

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"paylink"
)

const (
	cursorVersion = 1
	cursorTie     = 8 // bytes of the filters' hash
	// positionLetters are those of ids and numbers. Anybody can make a cursor that looks genuine.
	positionLetters = "abcdefghijklmnopqrstuvwxyz0123456789_"
)

// Cursor writes where a list goes on. It is opaque to the caller and good for the same list with the
// same filters only; list and filters are one text.
func Cursor(filters, position string) string {
	tie := sha256.Sum256([]byte(filters))
	b := append([]byte{cursorVersion}, tie[:cursorTie]...)
	return base64.RawURLEncoding.EncodeToString(append(b, position...))
}

// Position reads a cursor that Cursor wrote. The error is *paylink.Invalid "bad_cursor" at /cursor for
// everything else, a cursor of other filters included. It is a place in a list and no permission: what
// it points to is still looked for among the caller's own.
func Position(filters, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	tie := sha256.Sum256([]byte(filters))
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) <= 1+cursorTie || len(b) > 200 || b[0] != cursorVersion ||
		subtle.ConstantTimeCompare(b[1:1+cursorTie], tie[:cursorTie]) == 0 ||
		strings.Trim(string(b[1+cursorTie:]), positionLetters) != "" {
		wrong := &paylink.Invalid{}
		wrong.Add("/cursor", "bad_cursor", "This cursor does not belong to this list with these filters. Begin without one.")
		return "", wrong
	}
	return string(b[1+cursorTie:]), nil
}
