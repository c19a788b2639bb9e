package payu

import (
	"context"
	"encoding/json"
	"fmt"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider/httpwire"
)

// verified is the answer to verify_payment.
type verified struct {
	Status  httpwire.Word              `json:"status"`
	Message string                     `json:"msg"`
	Details map[string]json.RawMessage `json:"transaction_details"`
}

// detail is what the answer says of one order.
type detail struct {
	ID            httpwire.Word `json:"mihpayid"`
	Txnid         httpwire.Word `json:"txnid"`
	Account       string        `json:"udf1"`
	Reserves      string        `json:"udf2"`
	Status        string        `json:"status"`
	Unmapped      string        `json:"unmappedstatus"`
	Amount        httpwire.Word `json:"amt"` // with charges on top, where there are any
	Asked         httpwire.Word `json:"transaction_amount"`
	Mode          string        `json:"mode"`
	Bankcode      string        `json:"bankcode"`
	BankReference httpwire.Word `json:"bank_ref_num"`
	Card          string        `json:"card_no"`
	Code          string        `json:"error_code"`
	Error         string        `json:"error_Message"`
	Added         string        `json:"addedon"`
}

// find asks about one order; *paylink.NotFound is PayU's own word that it has never heard of it.
func (g *Gateway) find(ctx context.Context, a gateway.Account, reference string) (detail, error) {
	if !paywire.IsReference(reference) {
		return detail{}, &paylink.NotFound{Kind: "order", ID: reference}
	}
	var answer verified
	if err := g.command(ctx, a, "verify_payment", &answer, reference); err != nil {
		return detail{}, err
	}
	raw, told := answer.Details[reference]
	if !told && answer.Status == "0" && answer.Message != "" {
		return detail{}, refused("", answer.Message)
	}
	var d detail
	if !told || json.Unmarshal(raw, &d) != nil {
		return detail{}, httpwire.Unclear("the answer does not tell of the order")
	}
	if d.Status == "Not Found" {
		return detail{}, &paylink.NotFound{Kind: "order", ID: reference}
	}
	if d.Account != a.Name() || !paywire.IsID(string(d.ID)) || d.Txnid != "" && string(d.Txnid) != reference {
		return detail{}, httpwire.Unclear("the answer is about another order")
	}
	return d, nil
}

// Lookup asks what became of an order. PayU hears of it when the customer's browser posts the form, and not
// before.
func (g *Gateway) Lookup(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	d, err := g.find(ctx, a, k.Reference)
	if paylink.IsNotFound(err) {
		return gateway.Word{}, err
	}
	var w gateway.Word
	if err == nil {
		w, err = g.stands(ctx, a, k, d)
	}
	if err != nil {
		return gateway.Word{}, fmt.Errorf("look up payment %s: %w", k.Reference, err)
	}
	if w.Status == paylink.PaymentActionRequired {
		w.Method, w.Details, w.Action = k.Method, paylink.MethodDetails{}, paylink.Action{Kind: paylink.ActionSubmit}
	}
	return w, nil
}

func (d detail) transaction(reference string) transaction {
	amount := d.Asked
	if amount == "" {
		amount = d.Amount
	}
	return transaction{
		txnid: reference, account: d.Account, reserves: d.Reserves == reserves, status: d.Status, unmapped: d.Unmapped, amount: string(amount), mode: d.Mode, bankcode: d.Bankcode,
		bankReference: string(d.BankReference), card: d.Card, code: d.Code, message: d.Error, added: d.Added,
	}
}
