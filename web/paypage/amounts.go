package paypage

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"paylink"
	"paylink/checkout"
	"paylink/locale"
)

// picks is what the form asks besides the method: how much, where the link leaves a choice.
type picks struct {
	Parts      bool       // in full, or a part
	Steps      []stepView // of a plan: the next instalment, or more
	Open       bool       // an amount of the customer's own
	Lines      []lineView
	Full, Part string // labels
	Hint       string // the bounds
	Typed      string // what was typed before, when it was wrong
	Currency   string
	Presets    []presetView
	Shown      string // what the page says is asked, in minor units
	Questions  []questionView
	Terms      string // address of what the customer must accept; empty: nothing
	Wrong      bool   // what was typed is wrong; the notice says how
	Extra      extraPicks
}

type presetView struct{ Value, Label string }

// lineView is a line whose quantity can be chosen, or one that stands.
type lineView struct {
	Name, Each, Label string
	Field             string // "q0"
	Quantity          string
	Least, Most       string // empty: it stands
}

// noteFor names what is wrong with a choice.
func noteFor(invalid *paylink.Invalid) note {
	f := invalid.Fields[0]
	switch {
	case f.Code == "total_changed":
		return noteTotalChanged
	case f.Pointer == "/terms":
		return noteTerms
	case strings.HasPrefix(f.Pointer, answerPointer):
		return noteAnswers
	case extraNotes[f.Pointer] != "":
		return extraNotes[f.Pointer]
	case strings.HasPrefix(f.Pointer, "/quantities"):
		return noteQuantities
	case f.Pointer != "/amount":
		return noteChoose
	case f.Code == "required", f.Code == "empty":
		return noteAmountNone
	case f.Code == "too_small":
		return noteAmountSmall
	case f.Code == "other_method":
		return noteOther
	case f.Code == "too_large":
		return noteAmountLarge
	}
	return noteAmountOdd
}

// choiceOf reads what the form says about the amount. An amount that was typed comes before one that
// was suggested; whoever chose to pay in full pays in full, whatever stands in the field.
func choiceOf(form url.Values) checkout.Choice {
	c := checkout.Choice{Amount: strings.TrimSpace(form.Get("amount"))}
	switch {
	case form.Get("part") == "full":
		c.Amount = ""
	case c.Amount == "" && form.Get("part") == "part":
		c.Amount = " " // chosen and not typed: not the same as all of it
	case c.Amount == "":
		c.Amount = form.Get("preset")
	}
	for i := 0; form.Has(quantityField(i)); i++ { // of a box that is ticked, the field after the one unseen
		said := form[quantityField(i)]
		c.Quantities = append(c.Quantities, strings.TrimSpace(said[len(said)-1]))
	}
	readExtras(form, &c)
	c.Accepted = form.Get("accept") == "yes"
	c.Answers = answersOf(form)
	c.Shown, _ = strconv.ParseInt(form.Get("shown"), 10, 64)
	return c
}

func quantityField(i int) string { return "q" + strconv.Itoa(i) }

// kept is what was chosen, for the address of the page that says what is wrong with it.
func kept(n note, c checkout.Choice, again bool) string {
	q := url.Values{}
	if n != "" {
		q.Set("note", string(n))
	}
	if amount := strings.TrimSpace(c.Amount); amount != "" && len(amount) <= 32 {
		q.Set("amount", amount)
	}
	if len(c.Quantities) > 0 && len(c.Quantities) <= 50 {
		q.Set("q", strings.Join(c.Quantities, "."))
	}
	keepExtras(q, c)
	if again {
		q.Set("again", "1")
	}
	return q.Encode()
}

// chosen gives the link's lines with the quantities in the page's address, as far as they are offered.
func chosen(r *http.Request, l paylink.Link) []paylink.LineItem {
	items := append([]paylink.LineItem(nil), l.Terms.Items...)
	texts := strings.Split(r.URL.Query().Get("q"), ".")
	if len(texts) != len(items) {
		return items
	}
	for i, text := range texts {
		n, err := strconv.ParseInt(text, 10, 32)
		if item, ok := items[i].Choose(n); err == nil && ok {
			items[i] = item
		}
	}
	return items
}

// sum is what the top of a page that can be paid says: what is due, or that the customer chooses.
func (v *view) sum(r *http.Request, page checkout.Page) {
	l := page.Link
	if l.Terms.Extra() {
		if _, q, ok := total(r, &page); ok {
			v.Amount = v.Lang.Money(q.Amount)
			return
		}
	}
	switch {
	case l.Terms.CustomerAmount != nil:
		v.Amount = v.Lang.T("amount.open")
	case l.Terms.Adjustable():
		if t, err := paylink.TotalOf(chosen(r, l)); err == nil {
			v.Amount = v.money(t.Total, l)
		}
	case l.Terms.Plan != nil:
		v.Amount = v.money(l.LeastPart(), l)
	default:
		v.Amount = v.money(l.AmountDue(), l)
	}
}

func (v *view) money(minor int64, l paylink.Link) string {
	return v.Lang.Money(paylink.Money{Minor: minor, Currency: l.Amount.Currency})
}

// pick adds what the form asks besides the method.
func (v *view) pick(r *http.Request, page checkout.Page) {
	l, p := page.Link, &v.Picks
	p.Currency, p.Typed = string(l.Amount.Currency), locale.Plain(r.URL.Query().Get("amount"), 32)
	n := note(r.URL.Query().Get("note"))
	p.Wrong = n.aboutAmount() && n != noteTerms && n != noteTip && n != noteShipping && n != noteCode && n != noteAnswers
	if webAddress(l.Terms.TermsURL) {
		p.Terms = l.Terms.TermsURL
	}
	p.Questions = v.questions(l.Terms.Questions)
	if c := l.Terms.CustomerAmount; c != nil {
		most := c.Maximum
		if room, capped := l.Room(); capped {
			most = min(most, room)
		}
		p.Open, p.Hint = true, v.bounds(l, c.Minimum, most)
		for _, preset := range c.Presets {
			if preset <= most {
				m := paylink.Money{Minor: preset, Currency: l.Amount.Currency}
				p.Presets = append(p.Presets, presetView{m.Decimal(), v.Lang.Money(m)})
			}
		}
		v.PayLabel = v.Lang.T("pay.open")
	}
	if l.Terms.Partial != nil && l.LeastPart() < l.AmountDue() {
		p.Parts, p.Shown = true, strconv.FormatInt(l.AmountDue(), 10)
		p.Full, p.Part = v.Lang.T("pay.full", "amount", v.money(l.AmountDue(), l)), v.Lang.T("pay.part")
		p.Hint = v.Lang.T("pay.part.least", "amount", v.money(l.LeastPart(), l))
		v.PayLabel = v.Lang.T("pay.open")
	}
	v.pickInstalments(page)
	if l.Terms.Adjustable() {
		v.pickLines(chosen(r, l), l)
	}
	v.pickExtras(r, page)
}

// bounds says between which amounts a customer may choose.
func (v *view) bounds(l paylink.Link, least, most int64) string {
	if most == paylink.MaxMinor {
		return v.Lang.T("amount.from", "amount", v.money(least, l))
	}
	return v.Lang.T("amount.between", "least", v.money(least, l), "most", v.money(most, l))
}

func (v *view) pickLines(items []paylink.LineItem, l paylink.Link) {
	t, err := paylink.TotalOf(items)
	if err != nil {
		return // lines that were judged when the link was made always add up
	}
	v.Picks.Shown = strconv.FormatInt(t.Total, 10)
	for i, item := range items {
		line := lineView{
			Name: locale.Plain(item.Name, longestSubject), Each: v.money(item.UnitAmount, l), Field: quantityField(i), Quantity: strconv.FormatInt(item.Quantity, 10),
		}
		line.Label = v.Lang.T("line.each", "name", line.Name, "amount", line.Each)
		if item.TaxRate != "" && !item.TaxInclusive {
			line.Label = v.Lang.T("line.each.tax", "name", line.Name, "amount", line.Each, "rate", v.Lang.Digits(item.TaxRate))
		}
		if item.Adjustable != nil {
			line.Least, line.Most = strconv.FormatInt(item.Adjustable.Minimum, 10), strconv.FormatInt(item.Adjustable.Maximum, 10)
		}
		v.Picks.Lines = append(v.Picks.Lines, line)
	}
}

// lines are a payment's or a link's lines as facts, each with its tax in it, and the tax of all.
func (v *view) lines(items []paylink.LineItem, currency paylink.Currency) []fact {
	sum, err := paylink.TotalOf(items)
	if err != nil || len(items) == 0 {
		return nil
	}
	var facts []fact
	for _, i := range items {
		if t, err := i.Totals(); err == nil && i.Quantity > 0 {
			label := v.Lang.Digits(strconv.FormatInt(i.Quantity, 10)) + " × " + locale.Plain(i.Name, longestSubject)
			facts = append(facts, fact{label, v.Lang.Money(paylink.Money{Minor: t.Total, Currency: currency})})
		}
	}
	if sum.Tax > 0 {
		facts = append(facts, fact{v.Lang.T("fact.tax"), v.Lang.Money(paylink.Money{Minor: sum.Tax, Currency: currency})})
	}
	return facts
}

// left says how much a link of many uses still takes; empty without a cap.
func left(lang locale.Language, l paylink.Link) string {
	if l.Usage.Mode != paylink.UsageMulti {
		return ""
	}
	var texts []string
	if n, capped := l.PaymentsLeft(); capped {
		texts = append(texts, lang.T("left.payments", "n", lang.Digits(strconv.FormatInt(n, 10)), "of", lang.Digits(strconv.FormatInt(l.Usage.MaxPayments, 10))))
	}
	if minor, capped := l.Room(); capped {
		money := func(minor int64) string {
			return lang.Money(paylink.Money{Minor: minor, Currency: l.Amount.Currency})
		}
		texts = append(texts, lang.T("left.total", "amount", money(minor), "of", money(l.Usage.MaxTotal)))
	}
	return strings.Join(texts, " · ")
}
