package razorpay

import (
	"bytes"
	"encoding/json"

	"paylink/gateway"
)

// What we write into the notes of an order, its payments and its refunds. A payment's notices name neither
// our receipt nor our account otherwise, and the merchant's other shops may use the same keys.
const (
	noteReference = "paylink_reference"
	noteAccount   = "paylink_account"
)

func ours(a gateway.Account, reference string) map[string]string {
	return map[string]string{noteReference: reference, noteAccount: a.Name()}
}

// notes are what a merchant keeps with an object: a JSON object, or an empty list where there are none.
type notes struct{ reference, account string }

// UnmarshalJSON takes of all notes only ours.
func (n *notes) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte("{")) {
		return nil
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	n.reference, _ = all[noteReference].(string)
	n.account, _ = all[noteAccount].(string)
	return nil
}

// foreign tells that an object is none of ours.
func (n notes) foreign() bool { return n == notes{} }
