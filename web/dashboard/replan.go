package dashboard

import (
	"net/http"
	"strconv"
	"strings"

	"paylink"
)

// replan is the page on which what is still due is divided into instalments anew.
type replan struct {
	linkForm
	Form    replanForm
	Anew    bool   // it has a plan, which gives way to this one
	Missed  string // what of that plan is late; empty: nothing
	Ends    string // when the link expires; empty: never
	Sum     string // what the rows come to, when they do not come to what is due
	Divided bool   // the rows were just worked out
}

// replanForm is what was typed.
type replanForm struct {
	dividedForm
	Steps []stepForm
	Grace string
}

// plannable tells that a link as it stands can be paid by a plan.
func (s scene) plannable(l paylink.Link) bool {
	return s.changeable(l) && l.Usage.Mode == paylink.UsageSingle && l.InFlight == 0 && l.Terms.CustomerAmount == nil && !l.Terms.Adjustable() && l.AmountDue() > 0
}

// spareRows are empty ones below those that are filled.
const spareRows = 2

// PlanLink shows the form: GET /dashboard/{mode}/links/{id}/replan.
func (d *Dashboard) PlanLink(w http.ResponseWriter, r *http.Request) {
	d.withLink(w, r, func(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link) error {
		if !s.plannable(l) {
			d.goToLink(w, r, s, l.ID, "not_plannable")
			return nil
		}
		return d.showPlan(w, r, s, l, http.StatusOK, s.replanForm(l), flaws{}, false)
	})
}

// replanForm is what is left of the plan that there is. A date that has passed is left to be chosen anew.
func (s scene) replanForm(l paylink.Link) replanForm {
	f := replanForm{dividedForm: dividedForm{Parts: "3", Every: everyMonth}}
	if l.Terms.Plan == nil {
		return f
	}
	f.Grace = strconv.FormatInt(l.Terms.Plan.GraceDays, 10)
	for _, step := range l.Ladder(s.World) {
		if step.State == paylink.InstalmentPaid {
			continue
		}
		row := s.stepsOf([]paylink.Instalment{{Amount: step.Amount, DueAt: step.DueAt}}, l.Amount.Currency)[0]
		if !step.DueAt.After(s.World) {
			row.Date = ""
		}
		f.Steps = append(f.Steps, row)
	}
	return f
}

func (d *Dashboard) showPlan(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link, status int, f replanForm, wrong flaws, divided bool) error {
	v := replan{linkForm: d.linkForm(s, l, "Instalments of "+called(l.Description, l.Reference, l.ID)), Form: f, Anew: l.Terms.Plan != nil, Divided: divided}
	v.flaws = wrong
	if late := l.Arrears(s.World); late > 0 {
		v.Missed = s.money(late, l.Amount.Currency)
	}
	if !l.ExpiresAt.IsZero() {
		v.Ends = s.Lang.Moment(l.ExpiresAt, s.Merchant.TimeZone)
	}
	if wrong.any("instalments") {
		v.Sum = s.sumOf(f.Steps, l)
	}
	v.Form.Steps = roomy(f.Steps, spareRows, 0)
	return d.render(w, r, status, replanPage(v))
}

// sumOf says what rows come to; empty when they come to what is due, or cannot be read.
func (s scene) sumOf(rows []stepForm, l paylink.Link) string {
	readable := true
	steps := s.instalments(rows, moneyReader(l.Amount.Currency, func(string, string) { readable = false }), func(string, string) {})
	if sum := (paylink.Plan{Instalments: steps}).Total(); readable && sum > 0 && sum != l.AmountDue() {
		return s.money(sum, l.Amount.Currency)
	}
	return ""
}

// Replan takes the form: POST /dashboard/{mode}/links/{id}/replan. Its button that only works out equal
// instalments shows them to be looked at, and changes nothing.
func (d *Dashboard) Replan(w http.ResponseWriter, r *http.Request) {
	d.withLink(w, r, func(w http.ResponseWriter, r *http.Request, s scene, l paylink.Link) error {
		get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
		f := replanForm{dividedForm: readDivided(get), Steps: readSteps(r), Grace: get("grace_days")}
		var own []problem
		wrong := func(field, text string) { own = append(own, problem{field, text}) }
		money := moneyReader(l.Amount.Currency, wrong)
		if r.PostForm.Has("divide") {
			division := f.division(s, money, wrong)
			if len(own) > 0 {
				return d.showPlan(w, r, s, l, http.StatusUnprocessableEntity, f, flaws{own}, false)
			}
			f.Steps = s.stepsOf(division.Of(l.AmountDue()), l.Amount.Currency)
			return d.showPlan(w, r, s, l, http.StatusOK, f, flaws{}, true)
		}
		p := paylink.Plan{Instalments: s.instalments(f.Steps, money, wrong), GraceDays: graceDays(f.Grace, wrong)}
		if len(own) > 0 {
			return d.showPlan(w, r, s, l, http.StatusUnprocessableEntity, f, flaws{own}, false)
		}
		err := once(r.Context(), func() error {
			_, err := d.Issuer.Replan(r.Context(), s.actor(), l.ID, p, s.claim(r, "POST "+Root+"/links/{id}/replan", string(l.ID)))
			return err
		})
		return d.settled(w, r, s, l.ID, "planned", err, func(invalid *paylink.Invalid) error {
			return d.showPlan(w, r, s, l, http.StatusUnprocessableEntity, f, merge(nil, invalid), false)
		})
	})
}

func replanHeading(v replan) string {
	if v.Anew {
		return "Plan the instalments anew"
	}
	return "Pay by instalments"
}
