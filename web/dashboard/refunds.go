package dashboard

import (
	"net/http"

	"paylink"
	"paylink/store"
)

// refundRow is one refund, in a list or on its payment's page.
type refundRow struct {
	ID                    paylink.RefundID
	Payment               paylink.PaymentID
	Amount, Why, Detail   string
	Label                 label
	When                  when
	CanApprove, CanCancel bool
	Key                   string
}

// shownRefunds is how many refunds a payment's page shows; there may be more.
const shownRefunds = 100

var refundLabels = map[paylink.RefundStatus]label{
	paylink.RefundAwaiting:  {"Waits for a second person", "clock", "note"},
	paylink.RefundCreated:   {"About to be sent", "clock", "info"},
	paylink.RefundPending:   {"Waiting for the bank", "clock", "info"},
	paylink.RefundUnknown:   {"Asking the gateway", "half", "note"},
	paylink.RefundSucceeded: {"Given back", "tick", "good"},
	paylink.RefundFailed:    {"Failed", "cross", "bad"},
	paylink.RefundCancelled: {"Called off", "stop", "calm"},
}

var refundReasonWords = map[paylink.RefundReason]string{
	paylink.ReasonRequested: "The customer asked for it", paylink.ReasonDuplicate: "Paid twice",
	paylink.ReasonFraudulent: "Fraud", paylink.ReasonAbnormal: "Came late, or otherwise than asked",
}

func (s scene) refundRow(f paylink.Refund) refundRow {
	row := refundRow{
		ID: f.ID, Payment: f.Payment, Amount: s.Lang.Money(f.Amount), Why: word(refundReasonWords, f.Reason), Label: labelOf(refundLabels, f.Status),
		When: s.when(f.UpdatedAt, s.Now), CanCancel: f.Cancellable(), Key: newFormKey(),
	}
	row.CanApprove = f.Status == paylink.RefundAwaiting && f.RequestedBy != string(s.Staff)
	switch f.Origin {
	case paylink.RefundAutomatic:
		row.Why += ", by your policy"
	case paylink.RefundElsewhere:
		row.Why = "Begun at the gateway"
	case paylink.RefundAsked:
		row.Why += " · requested " + actorWord(f.RequestedBy)
	}
	if f.ApprovedBy != "" {
		row.Why += " · approved " + actorWord(f.ApprovedBy)
	}
	if f.Status == paylink.RefundFailed {
		row.Detail = joined(" · ", "The customer does not have the money", f.Message, f.Code)
	} else {
		row.Detail = joined(" · ", f.BankReference, f.GatewayReference)
	}
	if f.Fee+f.Tax > 0 {
		row.Detail = joined(" · ", row.Detail, "costs "+s.money(f.Fee+f.Tax, f.Amount.Currency))
	}
	return row
}

// RefundList lists refunds, newest first: GET /dashboard/{mode}/refunds.
func (d *Dashboard) RefundList(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		all, err := d.Store.Read(r.Context()).Refunds(s.Merchant.ID, s.Live, store.RefundFilter{}, paylink.RefundID(r.URL.Query().Get("before")), shownRefunds+1)
		if err != nil {
			return err
		}
		v := refundList{frame: d.frame(s, "Refunds", "refunds")}
		if v.After, err = d.newest(r, s); err != nil {
			return err
		}
		if len(all) > shownRefunds {
			all = all[:shownRefunds]
			v.Older = s.path("refunds") + "?before=" + string(all[len(all)-1].ID)
		}
		for _, f := range all {
			v.Rows = append(v.Rows, s.refundRow(f))
		}
		return d.render(w, r, http.StatusOK, refundsPage(v))
	})
}

// refundList is the page of all refunds.
type refundList struct {
	frame
	Rows  []refundRow
	Older string
}
