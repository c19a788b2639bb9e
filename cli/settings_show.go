package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"paylink/client"
)

// showSettings makes a call that answers the merchant, and shows what is decided.
func showSettings(t *Terminal, how Output, call func(...client.Option) (client.Merchant, error)) error {
	var text json.RawMessage
	m, err := call(client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if how.JSON {
		return line(t.Out, text)
	}
	return printSettings(t, m)
}

func printSettings(t *Terminal, m client.Merchant) error {
	s := m.Settings
	fmt.Fprintf(t.Out, "%s  %s\n", clean(m.ID), clean(m.Name))
	w := newTable(t.Out)
	life := "never"
	if m.DefaultExpiresIn != nil {
		life = "after " + span(*m.DefaultExpiresIn)
	}
	w.fact("Links expire", life)
	w.fact("They go by", strings.Join(s.DefaultChannels, ", "))
	if p := s.DefaultDelivery; p != nil {
		w.fact("In steps", phrase(p.Steps))
	}
	if r := s.Receipts; r != nil && len(r.Channels) == 0 {
		w.fact("Receipts", "none")
	} else if r != nil {
		w.fact("Receipts", strings.Join(r.Channels, ", "))
	}
	w.fact("Money too late", s.OnLatePayment)
	w.fact("Money twice", s.OnDuplicate)
	w.fact("Too much money", s.OnOverpayment)
	w.fact("Too little", s.OnUnderpayment)
	if r := s.Refresh; r != nil {
		w.fact("More time", refreshing(*r))
	}
	if q := s.QuietHours; q != nil {
		w.fact("Quiet", "from "+q.From+" to "+q.To)
	}
	contactFacts(w, s)
	if s.NotifyExpiry {
		w.fact("Before expiry", "customers are reminded")
	}
	for _, origin := range s.ReturnOrigins {
		w.fact("Customers return to", origin)
	}
	sendingFacts(w, m)
	if p := s.MessagePrices; p != nil {
		for _, one := range []struct {
			name  string
			minor *int64
		}{{"SMS", p.SMS}, {"WhatsApp", p.WhatsApp}, {"email", p.Email}} {
			if one.minor != nil {
				w.fact("100 by "+one.name, money(*one.minor, m.Currency))
			}
		}
	}
	return w.flush()
}

func refreshing(r client.Refresh) string {
	text := r.Policy
	if r.On != "" {
		text += ", on " + r.On
	}
	if r.Times > 0 {
		text += fmt.Sprintf(", %d times", r.Times)
	}
	if r.ExpiresIn > 0 {
		text += ", by " + span(r.ExpiresIn)
	}
	return text
}

// span writes whole seconds as seconds does read them: 7d, 90m0s.
func span(seconds int64) string {
	const day = 24 * 60 * 60
	if seconds%day == 0 {
		return fmt.Sprintf("%dd", seconds/day)
	}
	return (time.Duration(seconds) * time.Second).String()
}
