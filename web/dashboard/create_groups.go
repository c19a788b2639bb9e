package dashboard

import (
	"slices"
	"strings"

	"paylink"
	"paylink/locale"
)

// The fields of the folded groups: one in which something is wrong stands open.
var (
	amountGroup = []string{"how", "least", "most", "presets", "items", "tip", "tip_percents", "tip_most", "shipping", "surcharge_rate", "codes"}
	payGroup    = []string{"paid", "part_first", "part_least", "plan_parts", "plan_first", "plan_deposit", "instalments", "grace_days", "due_at", "mode", "max_payments", "max_total", "max_per_customer", "methods"}
	sendGroup   = []string{"reminders", "locale"}
	openGroup   = []string{"proof", "pin", "countries"}
	pageGroup   = []string{"success_text", "closed_text", "terms_url", "questions", "attachments", "return_url"}
	notesGroup  = []string{"notes"}
)

// saying joins what is chosen in a group; what goes without saying is otherwise.
type saying []string

func (all *saying) add(said bool, word string) {
	if said {
		*all = append(*all, word)
	}
}

func (all saying) or(otherwise string) string {
	if len(all) == 0 {
		return otherwise
	}
	return upperFirst(strings.Join(all, ", "))
}

func (f form) amountSaid() string {
	var all saying
	all.add(f.How == howChosen, "the customer chooses the amount")
	all.add(f.How == howLines, "line items")
	all.add(f.Tip, "tip")
	all.add(slices.ContainsFunc(f.Shipping, func(w shippingForm) bool { return w != (shippingForm{}) }), "delivery")
	all.add(f.Surcharge != "", "surcharge")
	all.add(f.allowedCodes.codes() != nil, "discount codes")
	return all.or("The amount above, nothing added")
}

func (f form) paySaid() string {
	var all saying
	all.add(f.Paid == paidParts, "in parts")
	all.add(f.Paid == paidPlan, "by instalments")
	all.add(f.Mode == string(paylink.UsageMulti), "many payments")
	all.add(f.DueAt != "", "due by "+f.DueAt)
	for _, m := range f.Methods {
		all.add(true, word(methodWords, paylink.Method(m)))
	}
	return all.or("Once, in full, in every way that there is")
}

func (f form) sendSaid() string {
	var all saying
	all.add(len(f.Reminders) > 0, count(len(f.Reminders), "reminder"))
	for _, l := range locale.Languages() {
		all.add(l.Tag == f.Locale, l.Name)
	}
	return all.or("No reminders, the customer’s own language")
}

func (k keep) openSaid() string {
	var all saying
	all.add(k.Proof != "", proofWords[paylink.Proof(k.Proof)])
	all.add(k.Countries != "", "in "+k.Countries)
	return all.or("Whoever has the link")
}

func (f form) pageSaid() string {
	var all saying
	all.add(f.SuccessText+f.ClosedText != "", "words of yours")
	all.add(f.TermsURL != "", "terms to accept")
	questions := len(f.questions())
	all.add(questions > 0, count(questions, "question"))
	all.add(len(f.Files) > 0, count(len(f.Files), "file"))
	all.add(f.ReturnURL != "", "back to your site")
	return all.or("Nothing beside the request")
}

func (f form) notesSaid() string {
	if f.Notes == "" {
		return "None"
	}
	return locale.Plain(f.Notes, 60)
}
