package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/locale"
)

// shownDiscounts is how many codes a page lists.
const shownDiscounts = 25

// discounts is the list of discount codes.
type discounts struct {
	frame
	Note  *remark
	Rows  []discountRow
	Older string // address of the next page; empty: there is none
}

// discountRow is one code as it stands.
type discountRow struct {
	ID     paylink.DiscountCodeID
	Code   string
	Label  label
	Takes  string // "10%, at most ₹500.00"
	Uses   string // "3 of 100 uses"
	Dates  string // empty: from now on, without an end
	Active bool
}

// discount is the form for one code: a new one, or one that there is.
type discount struct {
	frame
	flaws
	Note *remark
	Row  discountRow // the zero value for a new one
	Form discountForm
	Key  string
	Zone string

	Currencies []choice
}

// Discounts lists the codes, newest first: GET /dashboard/{mode}/settings/discounts.
func (d *Dashboard) Discounts(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		var v discounts
		var err error
		if v.frame, v.Note, err = d.settingsFrame(r, s, "Discount codes", "discounts"); err != nil {
			return err
		}
		before := paylink.DiscountCodeID(r.URL.Query().Get("before"))
		all, err := d.Store.Read(r.Context()).DiscountCodes(s.Merchant.ID, s.Live, before, shownDiscounts+1)
		if err != nil {
			return err
		}
		if len(all) > shownDiscounts {
			all = all[:shownDiscounts]
			v.Older = s.path("settings", "discounts") + "?before=" + string(all[shownDiscounts-1].ID)
		}
		for _, code := range all {
			v.Rows = append(v.Rows, s.discountRow(code))
		}
		return d.render(w, r, http.StatusOK, discountsPage(v))
	})
}

// NewDiscount shows the form for a new code: GET /dashboard/{mode}/settings/discounts/new.
func (d *Dashboard) NewDiscount(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showDiscount(w, r, s, http.StatusOK, discount{Form: discountForm{Kind: discountPercent, Currency: string(s.Merchant.Currency)}})
	})
}

// CreateDiscount makes a code: POST /dashboard/{mode}/settings/discounts.
func (d *Dashboard) CreateDiscount(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		f := readDiscount(r)
		draft, own := f.draft(s)
		var err error = &paylink.Invalid{} // issue takes any start: one that cannot be read must not come to it
		if !(flaws{own}).any("starts_at") {
			err = once(r.Context(), func() error {
				_, err := d.Issuer.CreateDiscountCode(r.Context(), s.actor(), draft, s.claim(r, "POST "+Root+"/settings/discounts", ""))
				return err
			})
		}
		var invalid *paylink.Invalid
		var conflict *paylink.Conflict
		switch {
		case err == nil:
			d.goToSettings(w, r, s, "code_made", "discounts")
			return nil
		case errors.As(err, &invalid):
			return d.showDiscount(w, r, s, http.StatusUnprocessableEntity, discount{Form: f, flaws: flawsOf(own, invalid, discountOrder, discountProblem)})
		case errors.As(err, &conflict) && conflict.Code == "code_in_use":
			taken := flaws{[]problem{{"code", "You have this code already. Choose another one."}}}
			return d.showDiscount(w, r, s, http.StatusConflict, discount{Form: f, flaws: taken})
		}
		return err
	})
}

// Discount shows one code and what may change in it: GET /dashboard/{mode}/settings/discounts/{id}.
func (d *Dashboard) Discount(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		code, err := d.Store.Read(r.Context()).DiscountCode(s.Merchant.ID, s.Live, paylink.DiscountCodeID(r.PathValue("id")))
		if err != nil {
			return err
		}
		return d.showDiscount(w, r, s, http.StatusOK, discount{Row: s.discountRow(code), Form: s.discountForm(code)})
	})
}

// ChangeDiscount changes how often and how long a code applies, or switches it off or on:
// POST /dashboard/{mode}/settings/discounts/{id}.
func (d *Dashboard) ChangeDiscount(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		id := paylink.DiscountCodeID(r.PathValue("id"))
		code, err := d.Store.Read(r.Context()).DiscountCode(s.Merchant.ID, s.Live, id)
		if err != nil {
			return err
		}
		change, note, own := issue.DiscountChange{}, "code_changed", []problem(nil)
		f := readDiscount(r)
		if active := r.PostForm.Get("active"); active != "" {
			on := active == "yes"
			if change.Active, note = &on, "code_off"; on {
				note = "code_on"
			}
		} else {
			change, own = f.change(s, s.discountForm(code))
		}
		_, err = d.Issuer.ChangeDiscountCode(r.Context(), s.actor(), id, change)
		var invalid *paylink.Invalid
		var conflict *paylink.Conflict
		switch {
		case errors.As(err, &invalid):
			v := discount{Row: s.discountRow(code), Form: f, flaws: flawsOf(own, invalid, discountOrder, discountProblem)}
			return d.showDiscount(w, r, s, http.StatusUnprocessableEntity, v)
		case errors.As(err, &conflict):
			note = "changed"
		case err != nil:
			return err
		}
		d.goToSettings(w, r, s, note, "discounts")
		return nil
	})
}

func (d *Dashboard) showDiscount(w http.ResponseWriter, r *http.Request, s scene, status int, v discount) error {
	title := "New discount code"
	if v.Row.Code != "" {
		title = "Discount code " + v.Row.Code
	}
	var err error
	if v.frame, v.Note, err = d.settingsFrame(r, s, title, "discounts"); err != nil {
		return err
	}
	v.Key, v.Zone = newFormKey(), s.World.In(locale.Zone(s.Merchant.TimeZone)).Format("MST")
	v.Currencies = form{Currency: v.Form.Currency}.currencies(s)
	return d.render(w, r, status, discountPage(v))
}

func (s scene) discountRow(c paylink.DiscountCode) discountRow {
	row := discountRow{ID: c.ID, Code: c.Code, Takes: c.Percent + "%", Uses: count(int(c.Uses), "use"), Active: c.Active}
	if c.Amount > 0 {
		row.Takes = s.money(c.Amount, c.Currency)
	}
	if c.Maximum > 0 {
		row.Takes += ", at most " + s.money(c.Maximum, c.Currency)
	}
	if c.Minimum > 0 {
		row.Takes += ", from " + s.money(c.Minimum, c.Currency) + " on"
	}
	if c.MaxUses > 0 {
		row.Uses = fmt.Sprintf("%d of %s", c.Uses, count(int(c.MaxUses), "use"))
	}
	var dates []string
	if !c.StartsAt.IsZero() {
		dates = append(dates, "from "+s.Lang.Moment(c.StartsAt, s.Merchant.TimeZone))
	}
	if !c.EndsAt.IsZero() {
		dates = append(dates, "until "+s.Lang.Moment(c.EndsAt, s.Merchant.TimeZone))
	}
	row.Dates = strings.Join(dates, " ")
	switch {
	case !c.Active:
		row.Label = label{"Off", "pause", "calm"}
	case !c.EndsAt.IsZero() && !s.World.Before(c.EndsAt):
		row.Label = label{"Ended", "hourglass", "calm"}
	case c.MaxUses > 0 && c.Uses >= c.MaxUses:
		row.Label = label{"Used up", "stop", "note"}
	case s.World.Before(c.StartsAt):
		row.Label = label{"Not yet", "clock", "info"}
	default:
		row.Label = label{"On", "tick", "good"}
	}
	return row
}

// typedMoment reads a field for date and time on the merchant's clock; nil: it is empty.
func (s scene) typedMoment(text string) (at *time.Time, ok bool) {
	if text == "" {
		return nil, true
	}
	moment, err := time.ParseInLocation(fieldTime, text, locale.Zone(s.Merchant.TimeZone))
	return &moment, err == nil
}

func (s scene) momentField(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(locale.Zone(s.Merchant.TimeZone)).Format(fieldTime)
}

// typedUses reads how often a code may be used; nil: without end.
func typedUses(text string, wrong func(field, text string)) *int64 {
	if text == "" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		wrong("max_uses", "Write how often as a whole number, or leave it empty.")
		n = unreadable
	}
	return &n
}
