package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"paylink/client"
)

type settingsCommand struct {
	Show               settingsShowCommand  `cmd:"" help:"Show what you have decided for all links that do not say."`
	Set                settingsSetCommand   `cmd:"" help:"Decide for the links that are made from now on."`
	RotateReturnSecret rotateReturnsCommand `cmd:"" help:"Make the secret that signs what customers take back to your site."`
}

type settingsShowCommand struct {
	Server
	Output
}

func (c *settingsShowCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return showSettings(t, c.Output, func(o ...client.Option) (client.Merchant, error) { return api.GetMerchant(ctx, o...) })
}

// settingsSetCommand changes what its flags name. In each, none takes a decision back.
type settingsSetCommand struct {
	Server
	Output
	ExpiresIn        string   `help:"How long a link lives: 24h, 7d, never."`
	Channel          []string `short:"c" enum:"sms,whatsapp,email,in_app,none" help:"Where links go: sms, whatsapp, email, in_app; none: nowhere."`
	Receipt          []string `enum:"sms,whatsapp,email,in_app,none,default" help:"Where receipts go: sms, whatsapp, email, in_app; none: nowhere; default: by e-mail, where somebody carries it."`
	Deliver          string   `placeholder:"PHRASE" help:"Send links in steps: 'whatsapp, then sms after 60s unless delivered'; before --channel. none: not."`
	OnLate           string   `enum:",accept,hold,refund,credit,none" default:"" help:"Money that comes after expiry or cancelling: accept, hold, refund, credit."`
	OnDuplicate      string   `enum:",accept,hold,refund,credit,none" default:"" help:"Money that comes twice: accept, hold, refund, credit."`
	OnOverpayment    string   `enum:",accept,hold,refund,credit,none" default:"" help:"Money above what was asked: accept, hold, refund, credit."`
	OnUnderpayment   string   `enum:",accept,hold,refund,credit,none" default:"" help:"Less money than was asked: accept, hold, refund, credit."`
	Refresh          string   `enum:",automatic,approval,never,none" default:"" help:"Who gives an expired link new time when its customer asks: automatic, approval (you), never."`
	RefreshOn        string   `enum:",request,expiry" default:"" help:"With --refresh automatic: on request, or by itself at the expiry."`
	RefreshTimes     int64    `help:"With --refresh automatic: how often in a link's life."`
	RefreshExpiresIn string   `help:"With --refresh: how much time it gives: 24h, 7d."`
	QuietHours       string   `placeholder:"FROM-TO" help:"When no reminder goes out, by your clock: 21:00-09:00."`
	ContactHours     string   `placeholder:"FROM-TO" help:"When messages go out that the customer did not ask for just now, by the customer's clock: 08:00-20:00."`
	ContactCap       []string `placeholder:"SPAN=TIMES" help:"How often one customer hears of you unasked on one channel: day=1, week=3. All caps anew; none: as the law allows."`
	DLT              string   `name:"dlt" placeholder:"FILE" help:"What is registered with India's operators: entity_id, headers, domains and templates as JSON, all anew; - for standard input; none: nothing."`
	NotifyExpiry     string   `enum:",yes,no" default:"" help:"Whether links remind the customer before they expire: yes, no."`
	ReturnOrigin     []string `placeholder:"ORIGIN" help:"All origins to which customers may go back, such as https://shop.example; none: no origin."`
	Route            []string `placeholder:"CHANNEL=ORDER" help:"Which account is tried first: sms=cheapest, email=healthiest; rank: by their ranks. All channels anew; none: by rank."`
	PayRoute         []string `placeholder:"METHOD=ORDER" help:"Which account takes a payment: card=cheapest, upi=share, netbanking=healthiest, other=rank. All methods anew; none: by rank."`
	UPICategory      string   `name:"upi-category" placeholder:"TRADE" help:"By which UPI allows one payment, such as general, verified, education, travel or jewellery; none: general."`
	OnUnknownSend    string   `enum:",wait,resend,none" default:"" help:"A message that its provider may have: wait for a receipt, or resend, perhaps twice."`
	Budget           []string `placeholder:"SCOPE=AMOUNT" help:"What messages may cost, in major units: day=500, month=9000, link=2. All caps anew; none: no cap."`
	SMSCountry       []string `placeholder:"COUNTRY" help:"All countries to which text messages go beside your own, such as LK; none: to your own only."`
	SMSRangeLimit    string   `placeholder:"NUMBERS" help:"To how many numbers of one range text messages go within an hour; 0: no limit; none: as usual."`
	Price            []string `placeholder:"CHANNEL=AMOUNT" help:"What a hundred messages cost, in major units: sms=14.50. All prices anew; none: not known."`
}

func (c *settingsSetCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	to := client.MerchantChange{Settings: &client.SettingsChange{}}
	if err := errors.Join(c.life(&to), c.ways(to.Settings)); err != nil {
		return err
	}
	c.policies(to.Settings)
	if err := errors.Join(c.sending(to.Settings), c.contact(to.Settings), c.registered(t, to.Settings)); err != nil {
		return err
	}
	if len(c.Price)+len(c.Budget) > 0 {
		m, err := api.GetMerchant(ctx) // whose currency the prices are in
		if err != nil {
			return err
		}
		if err := c.money(to.Settings, m.Currency); err != nil {
			return err
		}
	}
	if to.DefaultExpiresIn.IsZero() && reflect.ValueOf(*to.Settings).IsZero() {
		return usage("say what is to be different; --help lists the settings")
	}
	return showSettings(t, c.Output, func(o ...client.Option) (client.Merchant, error) { return api.UpdateMerchant(ctx, to, o...) })
}

// life reads how long links live, and what happens when they end.
func (c *settingsSetCommand) life(to *client.MerchantChange) (err error) {
	if c.ExpiresIn != "" {
		if to.DefaultExpiresIn, err = lifetime(c.ExpiresIn); err != nil {
			return err
		}
	}
	how := client.Refresh{Policy: c.Refresh, On: c.RefreshOn, Times: c.RefreshTimes}
	if c.RefreshExpiresIn != "" {
		if how.ExpiresIn, err = seconds(c.RefreshExpiresIn); err != nil {
			return err
		}
	}
	if c.Refresh == "" && how != (client.Refresh{}) {
		return usage("--refresh-on, --refresh-times and --refresh-expires-in stand beside --refresh")
	}
	decide(&to.Settings.Refresh, c.Refresh, how)
	if c.NotifyExpiry != "" {
		to.Settings.NotifyExpiry = client.Value(c.NotifyExpiry == "yes")
	}
	return nil
}

// ways reads where links and customers go, and when nothing goes out.
func (c *settingsSetCommand) ways(to *client.SettingsChange) error {
	from, until, ok := strings.Cut(c.QuietHours, "-")
	if !ok && c.QuietHours != "" && c.QuietHours != "none" {
		return usage("--quiet-hours is two times such as 21:00-09:00")
	}
	decide(&to.QuietHours, c.QuietHours, client.DailyHours{From: from, To: until})
	decide(&to.DefaultChannels, strings.Join(c.Channel, ","), c.Channel)
	if c.Deliver != "" {
		p := &client.DeliveryPlan{}
		if c.Deliver != "none" {
			var err error
			if p, err = deliveryPlan(c.Deliver); err != nil {
				return err
			}
		}
		decide(&to.DefaultDelivery, c.Deliver, *p)
	}
	if slices.Equal(c.Receipt, []string{"default"}) {
		to.Receipts = client.Null[client.Receipts]()
	} else if len(c.Receipt) > 0 {
		to.Receipts = client.Value(*receipts(c.Receipt))
	}
	decide(&to.ReturnOrigins, strings.Join(c.ReturnOrigin, ","), c.ReturnOrigin)
	return nil
}

func (c *settingsSetCommand) policies(to *client.SettingsChange) {
	decide(&to.OnLatePayment, c.OnLate, c.OnLate)
	decide(&to.OnDuplicate, c.OnDuplicate, c.OnDuplicate)
	decide(&to.OnOverpayment, c.OnOverpayment, c.OnOverpayment)
	decide(&to.OnUnderpayment, c.OnUnderpayment, c.OnUnderpayment)
}

// receipts is where receipts go; nowhere for none.
func receipts(words []string) *client.Receipts {
	if slices.Equal(words, []string{"none"}) {
		return &client.Receipts{Channels: []string{}}
	}
	return &client.Receipts{Channels: words}
}

// decide says a value, or null where the text is none; nothing where it is empty.
func decide[T any](into *client.Nullable[T], text string, value T) {
	switch text {
	case "":
	case "none":
		*into = client.Null[T]()
	default:
		*into = client.Value(value)
	}
}

func prices(texts []string, currency string) (all client.Nullable[client.MessagePrices], err error) {
	if len(texts) == 1 && texts[0] == "none" {
		return client.Null[client.MessagePrices](), nil
	}
	var p client.MessagePrices
	of := map[string]**int64{"sms": &p.SMS, "whatsapp": &p.WhatsApp, "email": &p.Email}
	for _, text := range texts {
		channel, amount, _ := strings.Cut(text, "=")
		minor, err := client.Minor(amount, currency)
		if of[channel] == nil || err != nil {
			return all, usage("--price is sms, whatsapp or email with an amount, such as sms=14.50")
		}
		*of[channel] = &minor
	}
	return client.Value(p), nil
}

type rotateReturnsCommand struct {
	Server
	Output
	Into string `type:"path" placeholder:"FILE" help:"Write the secret to this file, which nobody else can read, instead of the screen."`
}

func (c *rotateReturnsCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var file *os.File
	if c.Into != "" { // before there is a secret that could be lost
		if file, err = os.OpenFile(c.Into, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return err
		}
	}
	var text json.RawMessage
	made, err := api.RotateReturnSecret(ctx, client.Verbatim(&text), client.OnTrouble(t.trouble))
	switch {
	case file != nil && err != nil:
		return errors.Join(err, file.Close(), os.Remove(c.Into))
	case file != nil:
		_, err = fmt.Fprintln(file, made.Secret)
		return errors.Join(err, file.Close())
	case err != nil:
		return err
	case c.JSON:
		return line(t.Out, text)
	}
	fmt.Fprintln(t.Out, clean(made.Secret))
	if made.PreviousUntil != nil {
		fmt.Fprintf(t.Err, "paylink: the one before it signs as well until %s\n", local(made.PreviousUntil))
	}
	return nil
}
