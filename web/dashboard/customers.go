package dashboard

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"paylink"
	"paylink/customer"
	"paylink/locale"
	"paylink/store"
)

// shownCustomers is how many a page lists.
const shownCustomers = 25

// customers is the list of people.
type customers struct {
	frame
	Note   *remark
	Search string
	Rows   []customerRow
	Older  string // address of the next page; empty: there is none
	First  bool   // there are none at all
}

// customerRow is one person as he stands.
type customerRow struct {
	Href    string
	Name    string
	Masked  string // phone and e-mail address
	Open    string // what links still ask for; empty: nothing
	Paid    string
	Contact when
	Refused []string // channels by their words, on which he said no
}

// Customers lists the people, newest first: GET /dashboard/{mode}/customers.
func (d *Dashboard) Customers(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		v := customers{
			frame: d.frame(s, "Customers", "customers"), Search: strings.TrimSpace(locale.Plain(r.URL.Query().Get("q"), maxSearch)),
			Note: customerRemarks[r.URL.Query().Get("note")],
		}
		var err error
		if v.After, err = d.newest(r, s); err != nil {
			return err
		}
		f := store.PersonFilter{Merchant: s.Merchant.ID, Live: s.Live, From: readFilter(r.URL.Query()).Before, Limit: shownCustomers}
		found, err := d.Store.Read(r.Context()).People(customer.Asked(s.Merchant, f, v.Search))
		if err != nil {
			return err
		}
		if v.Rows, err = d.customerRows(r.Context(), s, found.People...); err != nil {
			return err
		}
		if found.Next != "" {
			q := url.Values{"before": {found.Next}}
			if v.Search != "" {
				q.Set("q", v.Search)
			}
			v.Older = s.path("customers") + "?" + q.Encode()
		}
		v.First = len(v.Rows) == 0 && v.Older == "" && v.Search == "" && f.From == ""
		return d.render(w, r, http.StatusOK, customersPage(v))
	})
}

// customerRows are people as they stand, counted together.
func (d *Dashboard) customerRows(ctx context.Context, s scene, people ...paylink.Customer) ([]customerRow, error) {
	now, err := d.People.Standings(ctx, people, s.World)
	rows := make([]customerRow, len(people))
	for i, p := range people {
		rows[i] = s.customerRow(p, now[p.ID])
	}
	return rows, err
}

func (s scene) customerRow(p paylink.Customer, now customer.Standing) customerRow {
	row := customerRow{
		Href: s.path("customers", string(p.ID)), Name: personName(p), Masked: maskedBoth(p),
		Open: s.sums(now.Open), Paid: s.sums(now.Paid), Contact: s.when(now.LastContact, s.Now),
	}
	for _, c := range now.OptedOut {
		row.Refused = append(row.Refused, word(channelWords, c))
	}
	return row
}

// sums writes money by currency; empty: nothing.
func (s scene) sums(all []paylink.Money) string {
	texts := make([]string, len(all))
	for i, m := range all {
		texts[i] = s.money(m.Minor, m.Currency)
	}
	return strings.Join(texts, " · ")
}

// personName is what a person is called: the name, or what is known instead.
func personName(p paylink.Customer) string {
	switch {
	case !p.ErasedAt.IsZero():
		return "Erased customer"
	case p.Name != "":
		return locale.Plain(p.Name, 100)
	}
	return "No name"
}

func maskedBoth(p paylink.Customer) string {
	return joined(" · ", maskOf(p.Phone), maskOf(p.Email))
}

// customerRemarks are what can be said after a form about a person.
var customerRemarks = map[string]*remark{
	"saved":           {"The customer is changed. Links that name the customer follow; the others keep the contact they were made with.", "good"},
	"merged":          {"The two are one customer now. Links and consents of both stand here.", "good"},
	"erased":          {"The customer is erased. What older links and messages kept follows within minutes.", "good"},
	"noted":           {"It is written down, and holds from now on.", "good"},
	"changed":         {"Somebody else changed the customer in the meantime, so nothing was done. Here is how it stands now.", "note"},
	"customer_in_use": {"A link of this customer can still be paid, so nothing was erased. Let its links be cancelled, or cancel them first.", "note"},
	"gone":            {"The customer was erased, so nothing was done.", "note"},
	"not_typed":       {"What you typed is not what was asked for, so nothing was erased.", "bad"},
	"no_source":       {"Say how you know, in at most 200 characters. Nothing was written down.", "bad"},
	"invalid":         {"That could not be done with these values. Nothing was changed.", "bad"},
	"no_such":         {"There is no such customer. Nothing was merged.", "bad"},
}
