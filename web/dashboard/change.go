package dashboard

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"paylink"
	"paylink/issue"
)

// change is the page on which the terms of a link are changed.
type change struct {
	linkForm
	Form     changeForm
	Currency string
	Amount   string // why it cannot be typed; empty: it can
	Lines    bool   // the amount follows from lines
	Plan     bool   // which has its own dates
	Fixed    bool   // a payment is under way, so that the amount stays
	Placed   bool   // links can be kept to countries
	HasPIN   bool
	Origins  []string // where customers may be led back to

	Reminders []choice
}

// changeForm is what was typed.
type changeForm struct {
	Revision, Amount, Description, DueAt, ReturnURL, Notes string
	Items                                                  []itemForm
	Reminders                                              []string // as reminderChoices name them
	allowedCodes
	keep
}

// changeable tells that the terms of a link as it stands can be changed.
func (s scene) changeable(l paylink.Link) bool {
	open := []paylink.LinkStatus{paylink.LinkPending, paylink.LinkFailed, paylink.LinkPartiallyPaid}
	return slices.Contains(open, l.StatusAt(s.World)) && l.ArchivedAt.IsZero() && l.Hold != paylink.HoldTampered
}

// ChangeLink shows the form: GET /dashboard/{mode}/links/{id}/amend.
func (d *Dashboard) ChangeLink(w http.ResponseWriter, r *http.Request) {
	d.withLink(w, r, func(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link) error {
		if !s.changeable(l) {
			d.goToLink(w, r, s, l.ID, "not_amendable")
			return nil
		}
		return d.showChange(w, r, s, l, http.StatusOK, s.changeForm(l), flaws{})
	})
}

// changeForm is the form as the link has it.
func (s scene) changeForm(l paylink.Link) changeForm {
	f := changeForm{
		Revision: strconv.FormatInt(l.Revision, 10), Amount: l.Amount.Decimal(), Description: l.Description, DueAt: s.dayField(l),
		ReturnURL: l.ReturnURL, Notes: l.Notes, allowedCodes: codesOf(l.Terms.DiscountCodes), keep: keepOf(l.Terms.Restrict), Reminders: remindersOf(l),
	}
	for _, i := range l.Terms.Items {
		f.Items = append(f.Items, itemOf(i, l.Amount.Currency))
	}
	return f
}

func readChange(r *http.Request) changeForm {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	return changeForm{
		Revision: get("revision"), Amount: get("amount"), Description: get("description"), DueAt: get("due_at"), ReturnURL: get("return_url"),
		Notes: get("notes"), Items: readItems(r), Reminders: r.PostForm["reminder"], allowedCodes: readCodes(get), keep: readKeep(get),
	}
}

func (d *Dashboard) showChange(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link, status int, f changeForm, wrong flaws) error {
	v := change{
		linkForm: d.linkForm(s, l, "Change "+called(l.Description, l.Reference, l.ID)), Form: f, Currency: string(l.Amount.Currency),
		Lines: len(l.Terms.Items) > 0, Plan: l.Terms.Plan != nil, Fixed: l.InFlight > 0, Placed: d.Issuer.Placed(),
		HasPIN: l.Terms.Restrict.Needs() == paylink.ProofPIN, Origins: s.Merchant.Settings.ReturnOrigins,
	}
	v.flaws = wrong
	switch {
	case l.Terms.CustomerAmount != nil:
		v.Amount = "The customer chooses it."
	case v.Plan:
		v.Amount = "The instalments of the plan come to it. To ask for another amount, make a new link."
	case v.Fixed:
		v.Amount = "A payment is under way, so the amount stays."
	}
	v.Reminders = form{Reminders: f.Reminders}.reminderChoices()
	v.Form.Items = roomy(f.Items, spareRows, 0)
	return d.render(w, r, status, changePage(v))
}

// Amend changes the terms of a link: POST /dashboard/{mode}/links/{id}/amend.
func (d *Dashboard) Amend(w http.ResponseWriter, r *http.Request) {
	d.withLink(w, r, func(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link) error {
		f := readChange(r)
		a, own := f.amendment(r, s, l)
		_, err := d.Issuer.Amend(r.Context(), s.actor(), l.ID, a)
		return d.settled(w, r, s, l.ID, "amended", err, func(invalid *paylink.Invalid) error {
			return d.showChange(w, r, s, l, http.StatusUnprocessableEntity, f, merge(own, invalid))
		})
	})
}

// amendment makes of the form what issue judges. What the page did not ask for stays as it is; what cannot
// be read becomes a problem, and a value that issue refuses.
func (f changeForm) amendment(r *http.Request, s scene, l paylink.Link) (issue.Amendment, []problem) {
	var own []problem
	wrong := func(field, text string) { own = append(own, problem{field, text}) }
	var a issue.Amendment
	if revision, err := strconv.ParseInt(f.Revision, 10, 64); err == nil {
		a.IfRevision = &revision
	}
	asked := r.PostForm.Has
	if asked("amount") { // absent where it cannot be typed
		minor := int64(unreadable)
		if read, why := parseAmount(f.Amount, l.Amount.Currency); why != "" {
			wrong("amount", why)
		} else {
			minor = read
		}
		a.Amount = &minor
	}
	if asked("item_name") {
		a.Items = itemsOf(f.Items, l.Amount.Currency, wrong)
	}
	if asked("description") {
		a.Description = &f.Description
	}
	if asked("notes") {
		notes := lines(f.Notes)
		a.Notes = &notes
	}
	if asked("due_at") && f.DueAt != s.dayField(l) {
		var why string
		if a.DueAt, why = s.typedDay(f.DueAt); why != "" {
			wrong("due_at", why)
		}
		a.NoDueAt = f.DueAt == ""
	}
	if asked("reminders_asked") && !sameReminders(f.Reminders, remindersOf(l)) {
		a.Reminders = append([]paylink.Reminder{}, form{Reminders: f.Reminders}.reminders(l.Terms.Reminders)...)
	}
	if asked("return_url") {
		a.ReturnURL = &f.ReturnURL
	}
	if asked("codes") {
		a.Codes = append([]string{}, f.codes()...)
	}
	if asked("proof") {
		a.Restrict, a.PIN = f.restriction()
		a.Unrestrict = a.Restrict == nil
	}
	return a, own
}
