package paypage

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"paylink"
	"paylink/checkout"
	"paylink/locale"
)

// extraPicks is what the form asks besides the amount: a tip, the way to deliver.
type extraPicks struct {
	Any    bool // the link has extras: the page adds up before it takes money
	Tips   []extraView
	TipOwn string // a tip that was typed
	Own    bool   // it is chosen
	Hint   string // the largest tip
	Wrong  bool   // what was typed as a tip is wrong
	Ways   []extraView

	TakesCode bool
	Code      string // that applies
	CodeWrong bool
}

// extraView is one choice.
type extraView struct {
	Value, Label string
	Checked      bool
}

const (
	noteTip      note = "tip"
	noteShipping note = "shipping"
	noteCode     note = "code"

	ownTip = "own" // the choice of a tip that is typed
)

// extraNotes are the notes about what was chosen beside the amount, by the field.
var extraNotes = map[string]note{"/tip": noteTip, "/shipping": noteShipping, "/discount_code": noteCode}

// readExtras reads what the form says about tip and delivery. A tip that was typed counts when it was
// chosen, or when no other was.
func readExtras(form url.Values, c *checkout.Choice) {
	c.Tip = form.Get("tip")
	if own := strings.TrimSpace(form.Get("tip_own")); c.Tip == ownTip || c.Tip == "" {
		c.Tip = own
	}
	c.Shipping = form.Get("shipping")
	c.Code = strings.TrimSpace(form.Get("code"))
}

// keepExtras is the address's part about tip and delivery.
func keepExtras(q url.Values, c checkout.Choice) {
	for name, text := range map[string]string{"tip": c.Tip, "shipping": c.Shipping, "code": c.Code} {
		if text != "" && len(text) <= 32 {
			q.Set(name, text)
		}
	}
}

// picked is the choice in the page's address, with what the page chooses itself at first.
func picked(r *http.Request, l paylink.Link) checkout.Choice {
	q := r.URL.Query()
	c := checkout.Choice{Amount: q.Get("amount"), Tip: q.Get("tip"), Shipping: q.Get("shipping")}
	for _, item := range chosen(r, l) {
		c.Quantities = append(c.Quantities, strconv.FormatInt(item.Quantity, 10))
	}
	if way, err := strconv.Atoi(c.Shipping); len(l.Terms.Shipping) > 0 && (err != nil || way < 1 || way > len(l.Terms.Shipping)) {
		c.Shipping = "1"
	}
	return c
}

// total is what the choice in the page's address comes to. ok is false as long as the customer has not
// said an amount that can be paid; a code or a tip that cannot be is left out.
func total(r *http.Request, page *checkout.Page) (c checkout.Choice, q paylink.Quote, ok bool) {
	c = picked(r, page.Link)
	q, err := c.Quote(page.Link, page.Discount, page.WorldNow)
	if err != nil && page.Discount != nil {
		if q, err = c.Quote(page.Link, nil, page.WorldNow); err == nil {
			page.Discount, page.CodeRefused = nil, true
		}
	}
	if err != nil {
		plain := c
		plain.Tip = ""
		q, err = plain.Quote(page.Link, nil, page.WorldNow)
	}
	return c, q, err == nil
}

// pickExtras adds what the form asks about extras, and what all comes to.
func (v *view) pickExtras(r *http.Request, page checkout.Page) {
	l, p := page.Link, &v.Picks.Extra
	if !l.Terms.Extra() {
		return
	}
	p.Any = true
	c, q, ok := total(r, &page)
	asked := q.Amount.Minor - q.Extras.Added() + q.Extras.Off()
	if ok {
		v.Picks.Shown = strconv.FormatInt(q.Amount.Minor, 10)
		v.PayLabel = v.Lang.T("pay.button", "amount", v.Amount)
		v.Facts = append(v.Facts, v.extras(asked, q.Extras, l.Amount.Currency)...)
	}
	if l.Terms.Tip != nil {
		v.pickTip(c, l, asked, ok)
		p.Wrong = note(r.URL.Query().Get("note")) == noteTip
	}
	for i, way := range l.Terms.Shipping {
		value := strconv.Itoa(i + 1)
		label := v.Lang.T("shipping.way", "name", locale.Plain(way.Name, longestSubject), "amount", v.money(way.Amount, l))
		if way.Amount == 0 {
			label = v.Lang.T("shipping.free", "name", locale.Plain(way.Name, longestSubject))
		}
		p.Ways = append(p.Ways, extraView{value, label, value == c.Shipping})
	}
	p.TakesCode, p.CodeWrong = len(l.Terms.DiscountCodes) > 0, page.CodeRefused
	if d := q.Extras.Discount; ok && d != nil {
		p.Code = d.Code
	}
	if l.Terms.Surcharge != nil {
		v.sayCharges(l, q.Amount.Minor, ok)
	}
}

// sayCharges says beside each method what it costs more. The button names no sum then: it depends on the
// method.
func (v *view) sayCharges(l paylink.Link, sum int64, known bool) {
	v.PayLabel = v.Lang.T("pay.open")
	for i, m := range v.Methods {
		more, rate := l.Terms.SurchargeOn(sum, paylink.Method(m.Value)), v.Lang.Digits(l.Terms.Surcharge.Rate)
		switch {
		case !slices.Contains(l.Terms.Surcharge.Methods, paylink.Method(m.Value)):
		case known:
			v.Methods[i].Hint += " · " + v.Lang.T("surcharge.amount", "rate", rate, "amount", v.money(more, l), "sum", v.money(sum+more, l))
		default:
			v.Methods[i].Hint += " · " + v.Lang.T("surcharge.rate", "rate", rate)
		}
	}
}

// pickTip lists the tips that the page suggests, as far as they are not above the largest one.
func (v *view) pickTip(c checkout.Choice, l paylink.Link, asked int64, known bool) {
	p, most := &v.Picks.Extra, l.Terms.TipMost(asked)
	suggest := func(value, label string) { p.Tips = append(p.Tips, extraView{value, label, value == c.Tip}) }
	suggest("", v.Lang.T("tip.none"))
	for _, percent := range l.Terms.Tip.PresetsPercent {
		n := strconv.FormatInt(percent, 10)
		tip := paylink.PartOf(asked, percent)
		switch {
		case !known:
			suggest(n+"%", v.Lang.T("tip.percent", "percent", v.Lang.Digits(n)))
		case tip <= most:
			suggest(n+"%", v.Lang.T("tip.percent.amount", "percent", v.Lang.Digits(n), "amount", v.money(tip, l)))
		}
	}
	for _, preset := range l.Terms.Tip.Presets {
		if m := (paylink.Money{Minor: preset, Currency: l.Amount.Currency}); !known || preset <= most {
			suggest(m.Decimal(), v.Lang.Money(m))
		}
	}
	p.Own = c.Tip != ""
	for _, t := range p.Tips {
		p.Own = p.Own && !t.Checked
	}
	if p.Own {
		p.TipOwn = locale.Plain(c.Tip, 32)
	}
	if known {
		p.Hint = v.Lang.T("tip.most", "amount", v.money(most, l))
	}
}

// extras are what a payment has in it beside what was asked, as facts; nothing when it has nothing.
func (v *view) extras(asked int64, e paylink.Extras, currency paylink.Currency) []fact {
	if e.IsZero() {
		return nil
	}
	money := func(minor int64) string { return v.Lang.Money(paylink.Money{Minor: minor, Currency: currency}) }
	facts := []fact{{v.Lang.T("fact.asked"), money(asked)}}
	if d := e.Discount; d != nil {
		facts = append(facts, fact{v.Lang.T("fact.discount", "code", d.Code), "−" + money(d.Amount)})
	}
	if s := e.Shipping; s != nil {
		facts = append(facts, fact{locale.Plain(s.Name, longestSubject), money(s.Amount)})
	}
	if e.Tip > 0 {
		facts = append(facts, fact{v.Lang.T("fact.tip"), money(e.Tip)})
	}
	if e.Surcharge > 0 {
		facts = append(facts, fact{v.Lang.T("fact.surcharge"), money(e.Surcharge)})
	}
	return facts
}
