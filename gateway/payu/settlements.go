package payu

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider/httpwire"
)

const (
	rowsPerPage = 50  // what fits into the longest answer that is read
	pagesMost   = 100 // of one day
)

// settled is one payment, refund or charge within a payout. PayU tells of payouts by their rows only.
type settled struct {
	Request httpwire.Word `json:"requestid"`
	Action  string        `json:"requestaction"` // capture, refund and others
	UTR     httpwire.Word `json:"mer_utr"`
	Fee     httpwire.Word `json:"mer_service_fee"`
	Tax     httpwire.Word `json:"mer_service_tax"`
	Net     httpwire.Word `json:"mer_net_amount"`
}

// Settlements lists payouts, a day of PayU's clock on each page. A cursor is the day.
func (g *Gateway) Settlements(ctx context.Context, a gateway.Account, from, until time.Time, cursor string) ([]gateway.Settlement, string, error) {
	first, last := from.In(india).Format(time.DateOnly), until.In(india).Format(time.DateOnly)
	day, err := time.ParseInLocation(time.DateOnly, max(first, cursor), india)
	if err != nil {
		return nil, "", fmt.Errorf("list settlements: %w", &gateway.Rejected{Code: "payu_cursor", Words: "The cursor is no day."})
	}
	var all []gateway.Settlement
	if day.Format(time.DateOnly) <= last {
		if all, err = g.settledOn(ctx, a, day); err != nil {
			return nil, "", fmt.Errorf("list settlements of %s: %w", day.Format(time.DateOnly), err)
		}
	}
	if next := day.AddDate(0, 0, 1).Format(time.DateOnly); next <= last {
		return all, next, nil
	}
	return all, "", nil
}

// settledOn sums up the rows of one day by the bank's reference.
func (g *Gateway) settledOn(ctx context.Context, a gateway.Account, day time.Time) ([]gateway.Settlement, error) {
	byUTR, seen := map[string]*gateway.Settlement{}, map[string]bool{}
	for page := 1; ; page++ {
		if page > pagesMost {
			return nil, httpwire.Unclear("the day has more rows than are read")
		}
		rows, err := g.settledRows(ctx, a, day, page)
		if err != nil {
			return nil, err
		}
		fresh := 0
		for _, r := range rows {
			if mark := string(r.UTR) + " " + r.Action + " " + string(r.Request); !seen[mark] {
				seen[mark] = true
				fresh++
				if err := r.add(byUTR, day); err != nil {
					return nil, httpwire.Unclear("%w", err)
				}
			}
		}
		if fresh == 0 || len(rows) < rowsPerPage { // where PayU gives the same page again, reading ends
			break
		}
	}
	var all []gateway.Settlement
	for _, s := range byUTR {
		all = append(all, *s)
	}
	slices.SortFunc(all, func(x, y gateway.Settlement) int { return strings.Compare(x.GatewayReference, y.GatewayReference) })
	return all, nil
}

func (g *Gateway) settledRows(ctx context.Context, a gateway.Account, day time.Time, page int) ([]settled, error) {
	var answer struct {
		Status  httpwire.Word   `json:"status"`
		Message string          `json:"msg"`
		Rows    json.RawMessage `json:"Txn_details"`
	}
	err := g.command(ctx, a, "get_settlement_details", &answer, day.Format(time.DateOnly), strconv.Itoa(page), strconv.Itoa(rowsPerPage))
	if err != nil {
		return nil, err
	}
	said := strings.ToLower(answer.Message)
	switch {
	case strings.HasPrefix(said, "0 transaction") || strings.HasPrefix(said, "no "):
		return nil, nil
	case answer.Status == "0" && said != "":
		return nil, refused("", answer.Message)
	}
	var list []settled
	if json.Unmarshal(answer.Rows, &list) == nil && list != nil {
		return list, nil
	}
	var numbered map[string]settled // PayU's language counts lists from one
	if json.Unmarshal(answer.Rows, &numbered) != nil || numbered == nil {
		return nil, httpwire.Unclear("the answer is no list of what was settled")
	}
	for _, r := range numbered {
		list = append(list, r)
	}
	return list, nil
}

// add counts a row towards its payout.
func (r settled) add(byUTR map[string]*gateway.Settlement, day time.Time) error {
	utr := string(r.UTR)
	if utr == "" {
		return nil // not paid out yet
	}
	net, err := rupeesIn(string(r.Net))
	fee, errFee := rupeesIn(string(r.Fee))
	tax, errTax := rupeesIn(string(r.Tax))
	if err != nil || errFee != nil || errTax != nil || !paywire.IsID(utr) || r.Action == "" {
		return fmt.Errorf("a row of payout %q cannot be", utr)
	}
	if r.Action != "capture" && net > 0 {
		net = -net // what PayU takes
	}
	s := byUTR[utr]
	if s == nil {
		s = &gateway.Settlement{
			GatewayReference: utr, BankReference: utr, Amount: paylink.Money{Currency: rupees}, Status: gateway.SettlementPaid, At: day.UTC(),
		}
		byUTR[utr] = s
	}
	s.Amount.Minor, s.Fee, s.Tax = s.Amount.Minor+net, s.Fee+fee, s.Tax+tax
	if s.Amount.Minor > paylink.MaxMinor || s.Amount.Minor < -paylink.MaxMinor {
		return fmt.Errorf("payout %q is larger than any", utr)
	}
	return nil
}

// rupeesIn reads a decimal of rupees that may be below zero; empty is nothing.
func rupeesIn(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	digits, below := strings.CutPrefix(text, "-")
	amount, err := paywire.ParseDecimal(digits, rupees)
	if below {
		amount.Minor = -amount.Minor
	}
	return amount.Minor, err
}
