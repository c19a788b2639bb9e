package dashboard

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"paylink"
)

// itemForm is one line as it was typed.
type itemForm struct {
	Name, Quantity, Price, Tax, Least, Most string
	Inclusive                               bool
}

const (
	blankRows = 4  // lines that a new form has room for
	mostRows  = 54 // as many as a link may have, and some that are left empty
)

// readItems are the rows of a form in which anything was typed.
func readItems(r *http.Request) []itemForm {
	var rows []itemForm
	for i := range min(len(r.PostForm["item_name"]), mostRows) {
		at := func(name string) string {
			if all := r.PostForm["item_"+name]; i < len(all) {
				return strings.TrimSpace(all[i])
			}
			return ""
		}
		row := itemForm{at("name"), at("quantity"), at("price"), at("tax"), at("least"), at("most"), at("inclusive") == "yes"}
		if row != (itemForm{Inclusive: row.Inclusive}) {
			rows = append(rows, row)
		}
	}
	return rows
}

// roomy are rows with some empty ones below them, at least so many in all.
func roomy[T any](rows []T, spare, least int) []T {
	return append(slices.Clip(rows), make([]T, max(spare, least-len(rows)))...)
}

// itemOf is a line as a form shows it.
func itemOf(i paylink.LineItem, currency paylink.Currency) itemForm {
	f := itemForm{
		Name: i.Name, Quantity: strconv.FormatInt(i.Quantity, 10), Price: paylink.Money{Minor: i.UnitAmount, Currency: currency}.Decimal(),
		Tax: i.TaxRate, Inclusive: i.TaxInclusive,
	}
	if a := i.Adjustable; a != nil {
		f.Least, f.Most = strconv.FormatInt(a.Minimum, 10), strconv.FormatInt(a.Maximum, 10)
	}
	return f
}

// itemsOf are the lines of the rows. What cannot be read is told with the number of its line.
func itemsOf(rows []itemForm, currency paylink.Currency, wrong func(field, text string)) []paylink.LineItem {
	items := []paylink.LineItem{}
	for n, i := range rows {
		wrong := func(field, text string) { wrong(field, lineProblem(n, text)) }
		item := paylink.LineItem{
			Name: i.Name, Quantity: 1, UnitAmount: moneyReader(currency, wrong)("items", i.Price),
			TaxRate: strings.TrimSuffix(strings.ReplaceAll(i.Tax, " ", ""), "%"), TaxInclusive: i.Inclusive,
		}
		if i.Quantity != "" {
			item.Quantity = whole(i.Quantity, "items", wrong)
		}
		if i.Most != "" {
			item.Adjustable = &paylink.Adjustable{Maximum: whole(i.Most, "items", wrong)}
			if i.Least != "" {
				item.Adjustable.Minimum = whole(i.Least, "items", wrong)
			}
		}
		items = append(items, item)
	}
	return items
}

// lineProblem says of which line a problem is, counted from 0.
func lineProblem(n int, text string) string { return "Line " + strconv.Itoa(n+1) + ": " + text }

// moneyReader reads what was typed into fields for money, in minor units; an empty one is none.
func moneyReader(currency paylink.Currency, wrong func(field, text string)) func(field, text string) int64 {
	return func(field, text string) int64 {
		if text == "" {
			return 0
		}
		minor, why := parseAmount(text, currency)
		if why != "" {
			wrong(field, why)
			return unreadable
		}
		return minor
	}
}
