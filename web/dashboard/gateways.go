package dashboard

import (
	"cmp"
	"fmt"
	"time"

	"paylink"
)

// GatewayHealth is how an account with a gateway did in the last fifteen minutes.
type GatewayHealth struct {
	Methods []PaymentsEnded
	Through []PaymentsEnded // by bank or app, the most used first
	Resting bool            // it could not be reached again and again, and is left alone for a while
	Until   time.Time       // of a resting one: when it is tried again
}

// PaymentsEnded is what became of payments by one method.
type PaymentsEnded struct {
	Method  paylink.Method
	Through string // the bank or app; empty: all
	Tried   int64
	Taken   int64
	Down    int64 // of those that failed, how many by the gateway's or a bank's trouble
	Slow    bool
}

// mostThrough is how many banks and apps a page lists.
const mostThrough = 8

// gatewayHealth says how an account that takes payments does.
func (d *Dashboard) gatewayHealth(row accountRow) accountRow {
	if d.Gateways == nil || row.Off {
		return row
	}
	h := d.Gateways(row.ID)
	for _, m := range h.Methods {
		row.Ends = append(row.Ends, m.said(cmp.Or(methodTitles[m.Method], string(m.Method))))
		if m.Slow {
			row.Label = label{"Slow right now", "hourglass", "note"}
		}
	}
	for _, t := range h.Through[:min(len(h.Through), mostThrough)] {
		row.Through = append(row.Through, t.said(t.Through))
	}
	if h.Resting {
		row.Label = label{"Fails, and rests", "hourglass", "bad"}
	}
	return row
}

// said is how payments ended, as a sentence: "UPI: 92 % of 120 payments in the last 15 minutes".
func (e PaymentsEnded) said(what string) string {
	if e.Tried == 0 {
		return what + ": answers slowly right now"
	}
	text := fmt.Sprintf("%s: %d %% of %s in the last 15 minutes", what, e.Taken*100/e.Tried, count(int(e.Tried), "payment"))
	if e.Down > 0 {
		text += fmt.Sprintf("; %d could not be taken at all", e.Down)
	}
	if e.Slow {
		text += "; slow right now"
	}
	return text
}
