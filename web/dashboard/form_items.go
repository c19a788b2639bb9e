package dashboard

import (
	"net/http"
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

// readItems are the rows of a form, empty ones too: what is said about a row stands where it was typed.
func readItems(r *http.Request) []itemForm {
	rows := make([]itemForm, min(len(r.PostForm["item_name"]), mostRows))
	for i := range rows {
		at := func(name string) string {
			if all := r.PostForm["item_"+name]; i < len(all) {
				return strings.TrimSpace(all[i])
			}
			return ""
		}
		rows[i] = itemForm{at("name"), at("quantity"), at("price"), at("tax"), at("least"), at("most"), at("inclusive") == "yes"}
	}
	return rows
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

// itemsOf are the rows in which anything was typed.
func itemsOf(rows []itemForm, money func(field, text string) int64, wrong func(field, text string)) []paylink.LineItem {
	items := []paylink.LineItem{}
	for _, i := range rows {
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
			if i.Least != "" {
				item.Adjustable.Minimum = whole(i.Least, "items", wrong)
			}
		}
		items = append(items, item)
	}
	return items
}

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
