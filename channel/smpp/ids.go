package smpp

import (
	"math/big"
	"strings"
)

// Some operators answer with a message id in hex and name it in decimal in the receipt, or the other way
// round. Which one does what is in no standard; an account can say it, and otherwise it is found out by
// looking for an id in every form, at the number that the message went to.

// The values of the field message_ids that fix the form.
const (
	idsSame       = "same"
	idsHexAnswer  = "hex_answer"
	idsHexReceipt = "hex_receipt"
)

// canonical is an id of an answer, or of a receipt, in the form in which messages keep it: where the form
// is fixed, in decimal.
func canonical(form, id string, inReceipt bool) string {
	if form == idsHexAnswer && !inReceipt || form == idsHexReceipt && inReceipt {
		if n, ok := number(id, 16); ok {
			return n
		}
	}
	return id
}

// answeredKeys are the forms under which an answer's id, in its canonical one, is remembered.
func answeredKeys(id string) []string {
	keys := []string{"=" + strings.ToLower(id)}
	if n, ok := number(id, 10); ok {
		keys = append(keys, "dec "+n)
	}
	if n, ok := number(id, 16); ok {
		keys = append(keys, "hex "+n)
	}
	return keys
}

// receiptKeys are the forms under which a receipt's id may have been remembered, the likeliest first: one,
// where the account says how ids differ.
func receiptKeys(form, id string) []string {
	keys := []string{"=" + strings.ToLower(canonical(form, id, true))}
	if form == idsSame || form == idsHexAnswer || form == idsHexReceipt {
		return keys
	}
	if n, ok := number(id, 10); ok {
		keys = append(keys, "dec "+n, "hex "+n)
	}
	if n, ok := number(id, 16); ok {
		keys = append(keys, "hex "+n, "dec "+n)
	}
	return keys
}

// number is an id's value in decimal, when it is a number to the base.
func number(id string, base int) (string, bool) {
	if id == "" || len(id) > 65 || strings.ContainsAny(id, "_+-") {
		return "", false
	}
	n, ok := new(big.Int).SetString(id, base)
	if !ok {
		return "", false
	}
	return n.String(), true
}
