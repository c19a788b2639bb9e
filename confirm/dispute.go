package confirm

import (
	"paylink"
	"paylink/gateway"
	"paylink/provider"
	"paylink/store"
)

// checkDispute holds a word about a dispute against the payment that it is about. A reason means that the word is
// genuine but about no payment of ours as we know it: it is set aside.
func checkDispute(read store.Reader, account paylink.Account, w gateway.DisputeWord) (paylink.Payment, string, error) {
	p, err := disputedPayment(read, account, w)
	name := provider.Account{ID: account.ID, Merchant: account.Merchant}.Name()
	switch {
	case paylink.IsNotFound(err):
		return p, reasonReference, nil
	case err != nil:
		return p, "", err
	case p.Account != account.ID, w.Account != "" && w.Account != name:
		return p, reasonAccount, nil
	case w.Amount.Currency != p.Amount.Currency:
		return p, reasonCurrency, nil
	case w.Amount.Minor <= 0:
		return p, reasonAmount, nil
	case p.Status != paylink.PaymentCaptured:
		return p, reasonOrder, nil
	case w.Amount.Minor > p.AmountCaptured:
		return p, reasonAmount, nil
	}
	return p, "", nil
}

// disputedPayment finds the payment by the name that the gateway used: ours, or its own.
func disputedPayment(read store.Reader, account paylink.Account, w gateway.DisputeWord) (paylink.Payment, error) {
	switch {
	case w.GatewayReference == "":
		return paylink.Payment{}, &paylink.NotFound{Kind: "dispute"}
	case w.Of != "":
		return read.PaymentByReference(account.Merchant, w.Of)
	case w.Payment != "":
		return read.PaymentByGatewayReference(account.Merchant, account.ID, w.Payment)
	}
	return paylink.Payment{}, &paylink.NotFound{Kind: "payment"}
}
