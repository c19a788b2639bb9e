package cashfree

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider/httpwire"
)

// rowsMost is how many rows of the reconciliation are asked for at once: an answer is read to 64 KiB.
const rowsMost = 30

// reconRequest asks what happened between two times. A cursor goes on where an answer ended.
type reconRequest struct {
	Filters struct {
		From  string `json:"start_date"`
		Until string `json:"end_date"`
	} `json:"filters"`
	Page struct {
		Limit  int    `json:"limit"`
		Cursor string `json:"cursor,omitempty"`
	} `json:"pagination"`
}

// row is one event of the reconciliation. Those of payments, refunds and disputes are passed over.
type row struct {
	Kind             string           `json:"event_type"`
	Settlement       httpwire.Word    `json:"cf_settlement_id"`
	UTR              httpwire.Word    `json:"settlement_utr"`
	Settled          number           `json:"amount_settled"`
	Currency         paylink.Currency `json:"event_currency"`
	Status           string           `json:"event_status"`
	ServiceCharge    number           `json:"service_charge"`
	ServiceTax       number           `json:"service_tax"`
	SettlementCharge number           `json:"settlement_charge"`
	SettlementTax    number           `json:"settlement_tax"`
	Initiated        string           `json:"settlement_initiated_on"`
	At               string           `json:"event_time"`
}

// Settlements lists what Cashfree paid out, from its reconciliation: its list of settlements shows single
// payments. Payouts of nothing, which Cashfree lists as well, are left out.
func (g *Gateway) Settlements(ctx context.Context, a gateway.Account, from, until time.Time, cursor string) ([]gateway.Settlement, string, error) {
	var request reconRequest
	request.Filters.From, request.Filters.Until = from.UTC().Format(time.RFC3339), until.UTC().Format(time.RFC3339)
	request.Page.Limit, request.Page.Cursor = rowsMost, cursor
	var answer struct {
		Cursor string `json:"cursor"`
		Rows   *[]row `json:"data"`
	}
	err := g.do(ctx, ask{account: a, method: http.MethodPost, path: "/recon", body: request}, &answer)
	if err == nil && answer.Rows == nil {
		err = httpwire.Unclear("the answer is no list")
	}
	if err != nil {
		return nil, "", fmt.Errorf("list settlements: %w", err)
	}
	var settled []gateway.Settlement
	for _, r := range *answer.Rows {
		if r.Kind != "SETTLEMENT" {
			continue
		}
		s, err := r.settlement()
		if err != nil {
			return nil, "", fmt.Errorf("list settlements: %w", httpwire.Unclear("%v", err))
		}
		if s.Amount.Minor != 0 {
			settled = append(settled, s)
		}
	}
	slices.SortStableFunc(settled, func(x, y gateway.Settlement) int { return x.At.Compare(y.At) })
	if len(*answer.Rows) < rowsMost || answer.Cursor == cursor {
		answer.Cursor = ""
	}
	return settled, answer.Cursor, nil
}

func (r row) settlement() (gateway.Settlement, error) {
	s := gateway.Settlement{GatewayReference: string(r.Settlement), BankReference: string(r.UTR), At: when(r.Initiated)}
	if s.At.IsZero() {
		s.At = when(r.At)
	}
	switch r.Status {
	case "PAID", "SUCCESS":
		s.Status = gateway.SettlementPaid
	case "FAILED", "REVERSED":
		s.Status = gateway.SettlementFailed
	default:
		s.Status = gateway.SettlementPending
	}
	var err error
	if s.Amount, err = signed(r.Settled, r.Currency); err != nil {
		return gateway.Settlement{}, err
	}
	for _, part := range []struct {
		said number
		into *int64
	}{{r.ServiceCharge, &s.Fee}, {r.SettlementCharge, &s.Fee}, {r.ServiceTax, &s.Tax}, {r.SettlementTax, &s.Tax}} {
		if part.said == "" {
			continue
		}
		m, err := signed(part.said, r.Currency)
		if err != nil {
			return gateway.Settlement{}, err
		}
		*part.into += m.Minor
	}
	if !paywire.IsID(s.GatewayReference) || !paywire.Plain(s.BankReference, 64) || s.At.IsZero() {
		return gateway.Settlement{}, errors.New("a settlement has no id or no time")
	}
	return s, nil
}

// signed reads a decimal that may be below zero: what Cashfree takes.
func signed(n number, c paylink.Currency) (paylink.Money, error) {
	digits, below := strings.CutPrefix(string(n), "-")
	m, err := paywire.ParseDecimal(digits, c)
	if below {
		m.Minor = -m.Minor
	}
	return m, err
}
