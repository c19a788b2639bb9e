package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider/httpwire"
)

// payoutPage is how many payouts are read at once; one with its line in the balance is two kilobytes.
const payoutPage, mostPayoutPages = 25, 100

// Settlements lists payouts by when Stripe made them. Stripe gives the newest first and turns back from any of
// them, so the oldest has to be found once; from there the cursor is the latest that was told.
func (g *Gateway) Settlements(ctx context.Context, a gateway.Account, from, until time.Time, cursor string) ([]gateway.Settlement, string, error) {
	payouts, more, err := g.payouts(ctx, a, from, until, cursor)
	var list []gateway.Settlement
	for _, p := range payouts {
		var s gateway.Settlement
		if err == nil {
			if s, err = p.settlement(); err != nil {
				err = httpwire.Unclear("a payout is not understood: %w", err)
			}
		}
		list = append(list, s)
	}
	if err != nil {
		return nil, "", fmt.Errorf("list payouts: %w", err)
	}
	next := ""
	if more {
		next = payouts[len(payouts)-1].ID
	}
	return list, next, nil
}

// payouts gives a page, the oldest first, and whether newer ones follow.
func (g *Gateway) payouts(ctx context.Context, a gateway.Account, from, until time.Time, cursor string) ([]payout, bool, error) {
	query := url.Values{
		"created[gte]": {unix(from)}, "created[lt]": {unix(until)}, "limit": {strconv.Itoa(payoutPage)}, "expand[]": {"data.balance_transaction"},
	}
	if cursor != "" {
		if !isObject(cursor, "po_") {
			return nil, false, &gateway.Rejected{Code: "stripe_cursor"}
		}
		query.Set("ending_before", cursor)
	}
	var oldest []payout
	for pages := range mostPayoutPages {
		var page list[payout]
		if err := g.get(ctx, a, "/v1/payouts", query, &page); err != nil {
			return nil, false, err
		}
		if page.Object != "list" {
			return nil, false, httpwire.Unclear("the answer is no list")
		}
		if len(page.Data) > 0 {
			oldest = page.Data
		}
		if cursor != "" || !page.More || len(page.Data) == 0 {
			slices.Reverse(oldest)
			// Before a cursor Stripe says itself whether there are more; else those of earlier pages are newer.
			return oldest, len(oldest) > 0 && (cursor != "" && page.More || cursor == "" && pages > 0), nil
		}
		query.Set("starting_after", page.Data[len(page.Data)-1].ID)
	}
	return nil, false, httpwire.Unclear("there are more payouts than can be read")
}

func (p payout) settlement() (gateway.Settlement, error) {
	if !isObject(p.ID, "po_") || p.Amount == nil || p.Created <= 0 {
		return gateway.Settlement{}, errors.New("the payout has no name, no amount or no time")
	}
	amount, err := anyMoney(*p.Amount, p.Currency)
	if err != nil {
		return gateway.Settlement{}, err
	}
	s := gateway.Settlement{GatewayReference: p.ID, Amount: amount, At: second(p.Created)}
	switch p.Status {
	case "pending", "in_transit":
		s.Status = gateway.SettlementPending
	case "paid":
		s.Status = gateway.SettlementPaid
	case "failed", "canceled":
		s.Status = gateway.SettlementFailed
	default:
		return gateway.Settlement{}, errors.New("the payout's status is not one that we know")
	}
	if p.Trace != nil && p.Trace.Status == "supported" && paywire.IsID(p.Trace.Value) {
		s.BankReference = p.Trace.Value
	}
	if line := p.Balance.Whole; line != nil {
		s.Fee, s.Tax = line.fee(amount)
	}
	return s, nil
}
