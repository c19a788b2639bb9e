package dashboard

import (
	"net/http"
	"strconv"
	"strings"

	"paylink"
	"paylink/issue"
)

// sums is the part of the form about the amount, beyond one number.
type sums struct {
	How                  string // howFixed, howChosen or howLines
	Least, Most, Presets string // of an amount that the customer chooses
	Parts                bool
	PartFirst, PartLeast string
	MaxTotal, MaxEach    string // caps of a link of many uses
	Items                []itemForm
	extrasForm

	SuccessText, ClosedText, TermsURL string
	Questions                         []questionForm
}

// itemForm is one line as it was typed.
type itemForm struct {
	Name, Quantity, Price, Tax, Most string
	Inclusive                        bool
}

const (
	howFixed  = "fixed"
	howChosen = "chosen"
	howLines  = "lines"

	itemRows = 4 // lines that the form has room for; the API takes more
)

func readSums(r *http.Request, get func(string) string) sums {
	s := sums{
		How: get("how"), Least: get("least"), Most: get("most"), Presets: get("presets"),
		Parts: get("parts") != "", PartFirst: get("part_first"), PartLeast: get("part_least"),
		MaxTotal: get("max_total"), MaxEach: get("max_per_customer"),
		extrasForm: readExtras(r, get), SuccessText: get("success_text"), ClosedText: get("closed_text"), TermsURL: get("terms_url"),
	}
	s.Questions = readQuestions(r)
	if s.How == "" {
		s.How = howFixed
	}
	at := func(name string, i int) string {
		if all := r.PostForm[name]; i < len(all) {
			return strings.TrimSpace(all[i])
		}
		return ""
	}
	for i := range itemRows {
		s.Items = append(s.Items, itemForm{
			Name: at("item_name", i), Quantity: at("item_quantity", i), Price: at("item_price", i), Tax: at("item_tax", i),
			Most: at("item_most", i), Inclusive: at("item_inclusive", i) == "yes",
		})
	}
	return s
}

// blankSums is the part of a form that nobody has filled in yet.
func blankSums() sums {
	return sums{How: howFixed, Items: make([]itemForm, itemRows), Questions: make([]questionForm, questionRows), extrasForm: blankExtras()}
}

// unreadable stands in a draft for what was typed and cannot be read, so that issue refuses it as well.
const unreadable = -1

// amounts puts the amount into the draft, and tells what could not be read.
func (f form) amounts(d *issue.Draft, wrong func(field, text string)) {
	money := func(field, text string) int64 {
		if text == "" {
			return 0
		}
		minor, why := parseAmount(text, d.Currency)
		if why != "" {
			wrong(field, why)
			return unreadable
		}
		return minor
	}
	switch f.How {
	case howChosen:
		d.Terms.CustomerAmount = &paylink.CustomerAmount{Minimum: money("least", f.Least), Maximum: money("most", f.Most)}
		for _, preset := range strings.Fields(f.Presets) {
			d.Terms.CustomerAmount.Presets = append(d.Terms.CustomerAmount.Presets, money("presets", preset))
		}
	case howLines:
		d.Terms.Items = f.lines(money, wrong)
	default:
		if minor, why := parseAmount(f.Amount, d.Currency); why != "" {
			wrong("amount", why)
		} else {
			d.Amount, d.HasAmount = minor, true
		}
	}
	d.Terms.SuccessText, d.Terms.ClosedText, d.Terms.TermsURL = lines(f.SuccessText), lines(f.ClosedText), f.TermsURL
	d.Terms.Questions = f.questions()
	if f.Parts {
		d.Terms.Partial = &paylink.Partial{MinimumFirst: money("part_first", f.PartFirst), Minimum: money("part_least", f.PartLeast)}
	}
	f.extrasForm.into(d, money, wrong)
	if d.Usage.Mode != paylink.UsageMulti {
		return
	}
	if total := money("max_total", f.MaxTotal); f.MaxTotal != "" {
		d.Usage.MaxTotal = &total
	}
	if f.MaxEach != "" {
		each := whole(f.MaxEach, "max_per_customer", wrong)
		d.Usage.MaxPerCustomer = &each
	}
}

// lines are the rows in which anything was typed.
func (f form) lines(money func(field, text string) int64, wrong func(field, text string)) []paylink.LineItem {
	items := []paylink.LineItem{}
	for _, i := range f.Items {
		if i == (itemForm{}) || i == (itemForm{Inclusive: true}) {
			continue
		}
		item := paylink.LineItem{
			Name: i.Name, Quantity: 1, UnitAmount: money("items", i.Price), TaxRate: strings.TrimSuffix(strings.ReplaceAll(i.Tax, " ", ""), "%"), TaxInclusive: i.Inclusive,
		}
		if i.Quantity != "" {
			item.Quantity = whole(i.Quantity, "items", wrong)
		}
		if i.Most != "" {
			item.Adjustable = &paylink.Adjustable{Maximum: whole(i.Most, "items", wrong)}
		}
		items = append(items, item)
	}
	return items
}

func whole(text, field string, wrong func(field, text string)) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		wrong(field, "Write numbers of pieces and payments as whole numbers.")
		return unreadable
	}
	return n
}

// lines are a text as a field with several lines sends it, with the line ends that we keep.
func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// amountSaid tells that the folded part about the amount is in use.
func (s sums) amountSaid() bool {
	return s.SuccessText+s.ClosedText+s.TermsURL != "" || s.asks() || s.How != howFixed || s.Parts || s.MaxTotal != "" || s.MaxEach != "" || s.extrasForm.said()
}
