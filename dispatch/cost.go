package dispatch

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/store"
	"paylink/token"
)

// rangeDigits are the last digits of a phone number in which the numbers of one range differ.
const rangeDigits = 4

// rangeMost is to how many numbers of one range text messages go within an hour in live mode, where the
// merchant has not decided. A range has ten thousand numbers, and a merchant's own customers are spread over
// a hundred thousand ranges.
const rangeMost = 50

// allowed blocks text messages to countries that the merchant has not named. Its own is always allowed.
func (d *Dispatch) allowed(_ context.Context, p *parcel, _ time.Time) (verdict, error) {
	if p.message.Channel != paylink.ChannelSMS || p.country == p.merchant.Country && p.country != "" ||
		slices.Contains(p.merchant.Settings.SMSCountries, p.country) {
		return verdict{}, nil
	}
	return block("country_not_allowed"), nil
}

// priced blocks what has a cap and no price, because nobody could tell when the cap is reached.
func (d *Dispatch) priced(_ context.Context, p *parcel, _ time.Time) (verdict, error) {
	if p.merchant.Settings.Budget == nil {
		return verdict{}, nil
	}
	if _, known := p.price(p.account); !known {
		return verdict{status: paylink.MessageBlocked, code: "budget", reason: "no_price"}, nil
	}
	return verdict{}, nil
}

// bound is one cap of what messages may cost, in hundredths of a minor unit.
type bound struct {
	scope string
	most  int64
}

// caps are the bounds that hold for a message, in the order of their scopes: whoever writes several counters
// writes them in one order.
func (p *parcel) caps(at time.Time) []bound {
	b := p.merchant.Settings.Budget
	if b == nil {
		return nil
	}
	var all []bound
	add := func(scope string, most *int64) {
		if most != nil {
			all = append(all, bound{scope, *most * 100})
		}
	}
	scopes := p.merchant.SpendScopes(p.message.Live, p.message.Link, at)
	add(scopes[0], b.Day)
	add(scopes[1], b.Link)
	add(scopes[2], b.Month)
	return all
}

// reserve counts what an attempt is expected to cost against each cap.
func (p *parcel) reserve(tx *store.Tx, a paylink.Attempt) {
	if a.Reserved == 0 {
		return
	}
	for _, c := range p.caps(a.BeganAt) {
		tx.Spend(a.Merchant, a.Live, c.scope, a.Reserved, c.most)
	}
}

// ranged is a number to be counted within its range; nil: it is not counted.
type ranged struct {
	of, number string
	most       int64
}

// inRange gives the number of a text message as it is counted: under the key ring, because all the numbers of
// a range are tried in no time.
func (d *Dispatch) inRange(p *parcel) (*ranged, error) {
	most, bounded := p.rangeLimit()
	if !bounded {
		return nil, nil
	}
	m := p.message
	key, err := token.AddressKey(d.ring, m.Merchant, m.Live, m.Channel, m.To)
	if err != nil {
		return nil, err
	}
	return &ranged{of: m.To[:max(0, len(m.To)-rangeDigits)], number: hex.EncodeToString(key), most: most}, nil
}

// rangeLimit is how many numbers of one range a text message may go to within an hour.
func (p *parcel) rangeLimit() (most int64, bounded bool) {
	switch said := p.merchant.Settings.SMSRange; {
	case p.message.Channel != paylink.ChannelSMS:
		return 0, false
	case said != nil:
		return *said, *said > 0
	}
	return rangeMost, p.message.Live
}

// told reads a provider's price, "0.0075 USD", as hundredths of a minor unit of the currency, rounded up.
// It is false for another currency, and for what is no price.
func told(price string, currency paylink.Currency) (hundredths int64, ok bool) {
	amount, in, found := strings.Cut(price, " ")
	digits, valid := currency.Exponent()
	if !found || in != string(currency) || !valid {
		return 0, false
	}
	digits += 2
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(amount, "-"), ".")
	up := int64(0)
	if len(fraction) > digits {
		if strings.Trim(fraction[digits:], "0") != "" {
			up = 1
		}
		fraction = fraction[:digits]
	}
	n, err := strconv.ParseUint(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 50)
	if err != nil {
		return 0, false
	}
	return int64(n) + up, true
}
