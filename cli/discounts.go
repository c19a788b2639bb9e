package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"paylink/client"
)

type discountsCommand struct {
	List   discountListCommand   `cmd:"" help:"List discount codes, newest first."`
	Create discountCreateCommand `cmd:"" help:"Make a discount code."`
	Off    discountOffCommand    `cmd:"" help:"Let nobody use a discount code for now."`
	On     discountOnCommand     `cmd:"" help:"Let a discount code be used again."`
}

type discountListCommand struct {
	Server
	Output
}

func (c *discountListCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return list(t, c.Output, []string{"CODE", "TAKES OFF", "USED", "FROM", "UNTIL", "ON", "ID"}, func(d client.DiscountCode) []string {
		return []string{d.Code, takesOff(d), usedOf(d), local(d.StartsAt), local(d.EndsAt), yesNo(d.Active), d.ID}
	}, func(o ...client.Option) iter.Seq2[client.DiscountCode, error] {
		return api.ListDiscountCodes(ctx, client.Page{Limit: 100}, o...)
	})
}

// takesOff says for people what a code takes off.
func takesOff(d client.DiscountCode) string {
	text := d.Percent + "%"
	if d.Percent == "" {
		text = money(d.Amount, d.Currency)
	}
	if d.MaximumDiscount > 0 {
		text += ", at most " + money(d.MaximumDiscount, d.Currency)
	}
	if d.MinimumAmount > 0 {
		text += ", from " + money(d.MinimumAmount, d.Currency)
	}
	return text
}

func usedOf(d client.DiscountCode) string {
	if d.MaxUses == 0 {
		return fmt.Sprint(d.Uses)
	}
	return fmt.Sprintf("%d of %d", d.Uses, d.MaxUses)
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

type discountCreateCommand struct {
	Server
	Output
	Code     string    `arg:"" help:"What the customer types, such as DIWALI10."`
	Percent  string    `help:"How many percent it takes off: 10 or 12.5. Either this or --amount."`
	Amount   string    `help:"How much it takes off, in major units: 100 or 99.50."`
	Currency string    `help:"Of the amounts: ISO 4217, such as INR. Default: yours."`
	Maximum  string    `help:"The most that a percentage takes off, in major units."`
	Minimum  string    `help:"The least that must be asked, in major units."`
	Uses     int64     `help:"How many payments may use it. Default: any number."`
	Starts   time.Time `placeholder:"TIME" help:"From when on: 2026-12-01T00:00:00+05:30. Default: at once."`
	Ends     time.Time `placeholder:"TIME" help:"Until when. Default: for ever."`
}

func (c *discountCreateCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	code, err := c.code(ctx, api)
	if err != nil {
		return err
	}
	return showDiscount(t, c.Output, func(o ...client.Option) (client.DiscountCode, error) { return api.CreateDiscountCode(ctx, code, o...) })
}

func (c *discountCreateCommand) code(ctx context.Context, api *client.Client) (client.NewDiscountCode, error) {
	d := client.NewDiscountCode{Code: c.Code, Percent: strings.TrimSuffix(c.Percent, "%"), Currency: strings.ToUpper(c.Currency), MaxUses: c.Uses}
	for _, at := range []struct {
		given time.Time
		into  **time.Time
	}{{c.Starts, &d.StartsAt}, {c.Ends, &d.EndsAt}} {
		if !at.given.IsZero() {
			*at.into = &at.given
		}
	}
	if c.Amount+c.Maximum+c.Minimum == "" {
		return d, nil
	}
	if d.Currency == "" { // whose decimals are to be known before the amounts are read
		m, err := api.GetMerchant(ctx)
		if err != nil {
			return d, err
		}
		d.Currency = m.Currency
	}
	for _, one := range []struct {
		flag, text string
		into       *int64
	}{{"--amount", c.Amount, &d.Amount}, {"--maximum", c.Maximum, &d.MaximumDiscount}, {"--minimum", c.Minimum, &d.MinimumAmount}} {
		if one.text == "" {
			continue
		}
		var err error
		if *one.into, err = client.Minor(one.text, d.Currency); err != nil {
			return d, usage("%s: %w", one.flag, err)
		}
	}
	return d, nil
}

// discountSwitch is what the commands take that switch a code.
type discountSwitch struct {
	Server
	Output
	Code string `arg:"" help:"The code, or disc_…"`
}

type discountOffCommand struct{ discountSwitch }

func (c *discountOffCommand) Run(ctx context.Context, t *Terminal) error {
	return c.turn(ctx, t, false)
}

type discountOnCommand struct{ discountSwitch }

func (c *discountOnCommand) Run(ctx context.Context, t *Terminal) error { return c.turn(ctx, t, true) }

func (c discountSwitch) turn(ctx context.Context, t *Terminal, active bool) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	id := c.Code
	if !strings.HasPrefix(id, "disc_") {
		if id, err = discountNamed(ctx, t, api, c.Code); err != nil {
			return err
		}
	}
	return showDiscount(t, c.Output, func(o ...client.Option) (client.DiscountCode, error) {
		return api.UpdateDiscountCode(ctx, id, client.DiscountCodeChange{Active: &active}, o...)
	})
}

// discountNamed finds the id of a code as somebody typed it.
func discountNamed(ctx context.Context, t *Terminal, api *client.Client, code string) (id string, err error) {
	for d, err := range api.ListDiscountCodes(ctx, client.Page{Limit: 100}, client.OnTrouble(t.trouble)) {
		if err != nil {
			return "", err
		}
		if strings.EqualFold(d.Code, code) {
			return d.ID, nil
		}
	}
	return "", fmt.Errorf("there is no discount code %q", code)
}

// showDiscount makes a call that answers a discount code, and shows it.
func showDiscount(t *Terminal, how Output, call func(...client.Option) (client.DiscountCode, error)) error {
	var text json.RawMessage
	d, err := call(client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if how.JSON {
		return line(t.Out, text)
	}
	fmt.Fprintf(t.Out, "%s  %s\n", clean(d.Code), clean(d.ID))
	w := newTable(t.Out)
	w.fact("Takes off", takesOff(d))
	w.fact("Used", usedOf(d))
	w.fact("From", local(d.StartsAt))
	w.fact("Until", local(d.EndsAt))
	w.fact("On", yesNo(d.Active))
	return w.flush()
}
