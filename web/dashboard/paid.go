package dashboard

import (
	"paylink"
	"paylink/locale"
)

// paid is one attempt to pay.
type paid struct {
	Payment paylink.Payment
	Label   label
	Back    string // how much of it went back; empty: none
	Leads   string // what the way to the payment's own page says
	Amount  string
	Means   string
	Detail  string
	Answers []fact // to the link's questions
	When    when
}

func (s scene) paid(p paylink.Payment) paid {
	v := paid{Payment: p, Label: labelOf(paymentLabels, p.Status), Amount: s.Lang.Money(p.Amount), Means: upperFirst(means(p.Method, p.MethodDetails)), When: s.when(p.UpdatedAt, s.Now)}
	switch {
	case p.Held() > 0:
		v.Leads = "Decide what becomes of it…"
	case p.Refundable() > 0 && p.Gateway != "":
		v.Leads = "Refund…"
	default:
		v.Leads = "More…"
	}
	if back := p.AmountRefunded + p.AmountRefunding; back > 0 {
		v.Back = s.money(back, p.Amount.Currency) + " given back or on its way"
	}
	switch {
	case p.Status == paylink.PaymentFailed:
		v.Detail = upperFirst(declined(p.Decline))
	case p.Abnormal == paylink.AbnormalLate:
		v.Detail = "Came after the link had closed: " + word(dispositionWords, p.Disposition)
	case p.Abnormal == paylink.AbnormalDuplicate:
		v.Detail = "Came a second time: " + word(dispositionWords, p.Disposition)
	case p.Abnormal == paylink.AbnormalOverpaid:
		v.Detail = s.money(max(p.AmountExcess, p.AmountCaptured-p.Amount.Minor), p.Amount.Currency) + " too much: " + word(dispositionWords, p.Disposition)
	case p.Abnormal == paylink.AbnormalUnderpaid:
		v.Detail = "Only " + s.money(p.AmountCaptured, p.Amount.Currency) + " came: " + word(dispositionWords, p.Disposition)
	case p.Gateway == "" && p.BankReference != "":
		v.Detail = "Reference " + locale.Plain(p.BankReference, 100)
	case p.Status == paylink.PaymentCaptured && p.Fee+p.Tax > 0:
		v.Detail = "Fee " + s.money(p.Fee, p.Amount.Currency) + ", tax " + s.money(p.Tax, p.Amount.Currency)
	}
	v.Detail = joined(" · ", linesOf(p), s.extrasOf(p), v.Detail, v.Back)
	return v
}

// underWay tells what an attempt is waiting for; empty when its outcome is known.
func underWay(p paylink.Payment) string {
	switch p.Status {
	case paylink.PaymentCreated:
		return "connecting to the gateway."
	case paylink.PaymentActionRequired:
		if p.Action.Kind == paylink.ActionApprove {
			return "waiting for the approval in the customer’s UPI app."
		}
		return "the customer is on the bank’s page."
	case paylink.PaymentPending:
		return "waiting for the bank."
	case paylink.PaymentAuthorised:
		if p.Manual {
			return "the money is reserved, and waits for you to capture it."
		}
		return "waiting for the bank."
	case paylink.PaymentUnknown:
		return "the bank has not said whether it was paid; we keep asking."
	}
	return ""
}
