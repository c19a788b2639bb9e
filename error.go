package paylink

import (
	"errors"
	"fmt"
	"strings"
)

// Invalid says that values in a request cannot be: every field that is wrong, at once.
type Invalid struct{ Fields []Field }

// Field names one wrong value. Pointer is a JSON pointer into the request body ("/amount"), Code is
// stable for programs, Detail is a sentence for people. Neither ever repeats the value.
type Field struct{ Pointer, Code, Detail string }

func (e *Invalid) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Pointer + " " + f.Code
	}
	return "invalid: " + strings.Join(parts, ", ")
}

// Add notes one more wrong field.
func (e *Invalid) Add(pointer, code, detail string) {
	e.Fields = append(e.Fields, Field{pointer, code, detail})
}

// OrNil returns the error if any field is wrong.
func (e *Invalid) OrNil() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// NotFound says that the merchant has no such object. Kind is the noun ("payment_link").
type NotFound struct{ Kind, ID string }

func (e *NotFound) Error() string { return fmt.Sprintf("no %s %s", e.Kind, e.ID) }

// Conflict says that the object's present state does not allow the request. Code is stable
// ("reference_in_use"); Other, if any, is the id of the object in the way.
type Conflict struct{ Code, Detail, Other string }

func (e *Conflict) Error() string { return fmt.Sprintf("conflict: %s %s", e.Code, e.Other) }

// Refused says that the caller may not do this, whatever the state. Code is stable.
type Refused struct{ Code, Detail string }

func (e *Refused) Error() string { return "refused: " + e.Code }

// Expired says that what the caller holds was good once: a one-time token, a session, a link.
type Expired struct{ Code, Detail string }

func (e *Expired) Error() string { return "expired: " + e.Code }

// IsNotFound tells whether err says that an object does not exist.
func IsNotFound(err error) bool {
	var nf *NotFound
	return errors.As(err, &nf)
}
