package dashboard

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"paylink"
)

// saidOfLinks are fields of new links with their values, as the API has them: what a template says.
type saidOfLinks map[string]json.RawMessage

// set says a field anew, or leaves it to the link when said is false.
func (m saidOfLinks) set(field string, value any, said bool) {
	if !said {
		delete(m, field)
		return
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic("template: " + err.Error()) // plain values always marshal
	}
	m[field] = text
}

// get reads a field into a value, which stays as it is when the field is not said, or said in another way.
func (m saidOfLinks) get(field string, into any) bool {
	return m[field] != nil && json.Unmarshal(m[field], into) == nil
}

// saidBy is what a link says that a template can say too: not its days, its customer, its reference and its
// secrets.
func saidBy(l paylink.Link) saidOfLinks {
	t := l.Terms
	t.Template, t.DueAt, t.Plan, t.Restrict = "", nil, nil, nil
	t.Reminders = slices.DeleteFunc(slices.Clone(t.Reminders), func(r paylink.Reminder) bool { return r.AfterDue != "" })
	text, err := json.Marshal(t)
	if err != nil {
		panic("template: " + err.Error())
	}
	said := saidOfLinks{}
	if err := json.Unmarshal(text, &said); err != nil {
		panic("template: " + err.Error())
	}
	if r := l.Terms.Restrict; r != nil && r.Proof != paylink.ProofPIN {
		said.set("restrict", paylink.Restriction{Proof: r.Proof, Countries: r.Countries}, true)
	}
	said.set("amount", l.Amount.Minor, t.CustomerAmount == nil && t.Items == nil)
	said.set("currency", l.Amount.Currency, true)
	said.set("description", l.Description, l.Description != "")
	said.set("usage", usageSaid{Mode: l.Usage.Mode, MaxPayments: l.Usage.MaxPayments, MaxTotal: l.Usage.MaxTotal, MaxPerCustomer: l.Usage.MaxPerCustomer}, l.Usage.Mode == paylink.UsageMulti)
	said.set("channels", l.Channels, len(l.Channels) > 0)
	said.set("methods", l.Methods, len(l.Methods) > 0)
	said.set("return_url", l.ReturnURL, l.ReturnURL != "")
	return said
}

// usageSaid is how often a link can be paid, as the API has it.
type usageSaid struct {
	Mode           paylink.UsageMode `json:"mode,omitempty"`
	MaxPayments    int64             `json:"max_payments,omitempty"`
	MaxTotal       int64             `json:"max_total,omitempty"`
	MaxPerCustomer int64             `json:"max_per_customer,omitempty"`
}

// templateForm is what was typed about a template.
type templateForm struct {
	Name, Amount, Currency, Description string
	LifeSaid                            bool
	Life                                span
	Mode, MaxPayments                   string
	ChannelsSaid                        bool
	Channels, Methods                   []string
	Reminders                           []string
	keep
	SuccessText, ClosedText, TermsURL string
	Drop                              []string // fields that the form has no place for, to be taken away
}

// templateFields are the fields of a link that the form has a place for, as long as they are said in a way that
// it can show.
var templateFields = []string{"amount", "currency", "description", "expires_in", "usage", "channels", "methods", "reminders", "restrict",
	"success_text", "closed_text", "terms_url"}

func (s scene) templateForm(name string, said saidOfLinks) templateForm {
	f := templateForm{Name: name, Currency: string(s.Merchant.Currency), Life: span{"3", "days"}, Mode: string(paylink.UsageSingle)}
	said.get("currency", &f.Currency)
	var amount int64
	if said.get("amount", &amount) {
		f.Amount = paylink.Money{Minor: amount, Currency: paylink.Currency(f.Currency)}.Decimal()
	}
	said.get("description", &f.Description)
	var life *int64
	if f.LifeSaid = said.get("expires_in", &life); f.LifeSaid && life == nil {
		f.Life = span{Unit: spanNever}
	} else if f.LifeSaid {
		f.Life = spanOf(*life)
	}
	var usage usageSaid
	if said.get("usage", &usage) && usage.Mode != "" {
		if f.Mode = string(usage.Mode); usage.MaxPayments > 0 {
			f.MaxPayments = strconv.FormatInt(usage.MaxPayments, 10)
		}
	}
	f.ChannelsSaid = said.get("channels", &f.Channels)
	said.get("methods", &f.Methods)
	for _, r := range said.simpleReminders() {
		f.Reminders = append(f.Reminders, reminderText(r))
	}
	var restrict paylink.Restriction
	if said.get("restrict", &restrict) {
		f.keep = keep{Proof: string(restrict.Proof), Countries: strings.Join(restrict.Countries, " ")}
	}
	said.get("success_text", &f.SuccessText)
	said.get("closed_text", &f.ClosedText)
	said.get("terms_url", &f.TermsURL)
	return f
}

func readTemplateForm(r *http.Request) templateForm {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	return templateForm{
		Name: get("name"), Amount: get("amount"), Currency: get("currency"), Description: get("description"),
		LifeSaid: get("life_said") != "", Life: span{get("life_count"), get("life_unit")}, Mode: get("mode"), MaxPayments: get("max_payments"),
		ChannelsSaid: get("channels_said") != "", Channels: r.PostForm["channel"], Methods: r.PostForm["method"], Reminders: r.PostForm["reminder"],
		keep: readKeep(get), SuccessText: get("success_text"), ClosedText: get("closed_text"), TermsURL: get("terms_url"), Drop: r.PostForm["drop"],
	}
}

// settings is what the template says after the form: what the form has a place for as it was typed, and of the
// base what it has none for. What cannot be read becomes a problem, and a value that issue refuses.
func (f templateForm) settings(s scene, base saidOfLinks) (saidOfLinks, []problem) {
	var problems []problem
	wrong := func(field, text string) { problems = append(problems, problem{field, text}) }
	said := maps.Clone(base)
	for _, c := range f.rest(base) {
		if slices.Contains(f.Drop, c.Value) {
			delete(said, c.Value)
		}
	}
	var amount int64
	if f.Amount != "" {
		var why string
		if amount, why = parseAmount(f.Amount, paylink.Currency(f.Currency)); why != "" {
			wrong("amount", why)
			amount = unreadable
		}
	}
	said.set("amount", amount, f.Amount != "")
	said.set("currency", f.Currency, f.Amount != "" || f.Currency != string(s.Merchant.Currency) || base["currency"] != nil)
	said.set("description", f.Description, f.Description != "")
	f.life(said, wrong)
	f.usage(said, wrong)
	said.set("channels", append([]string{}, f.Channels...), f.ChannelsSaid)
	said.set("methods", f.Methods, len(f.Methods) > 0)
	if base["reminders"] == nil || base.simpleReminders() != nil {
		said.set("reminders", f.reminders(), len(f.Reminders) > 0)
	}
	countries := strings.FieldsFunc(strings.ToUpper(f.Countries), func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	said.set("restrict", paylink.Restriction{Proof: paylink.Proof(f.Proof), Countries: countries}, f.Proof != "" || len(countries) > 0)
	said.set("success_text", lines(f.SuccessText), f.SuccessText != "")
	said.set("closed_text", lines(f.ClosedText), f.ClosedText != "")
	said.set("terms_url", f.TermsURL, f.TermsURL != "")
	return said, problems
}

func (f templateForm) life(said saidOfLinks, wrong func(field, text string)) {
	if f.LifeSaid {
		delete(said, "expires_at") // one of the two says it
	}
	if f.Life.Unit == spanNever || !f.LifeSaid {
		said.set("expires_in", nil, f.LifeSaid)
		return
	}
	seconds, ok := f.Life.seconds()
	if !ok {
		wrong("life", "Write how long as a whole number, or choose “for ever”.")
	}
	said.set("expires_in", seconds, true)
}

// usage keeps the caps that the form has no place for.
func (f templateForm) usage(said saidOfLinks, wrong func(field, text string)) {
	u := usageSaid{}
	said.get("usage", &u)
	if u.Mode, u.MaxPayments = paylink.UsageMode(f.Mode), 0; f.Mode == string(paylink.UsageMulti) && f.MaxPayments != "" {
		n, err := strconv.ParseInt(f.MaxPayments, 10, 64)
		if err != nil || n == 0 {
			wrong("max_payments", "Write the number of payments as a whole number, or leave it empty.")
			n = unreadable
		}
		u.MaxPayments = n
	}
	if f.Mode == string(paylink.UsageSingle) {
		said.set("usage", nil, false)
		return
	}
	said.set("usage", u, true)
}

// simpleReminders are the reminders, if all of them are such as the form can show.
func (m saidOfLinks) simpleReminders() []paylink.Reminder {
	var all []paylink.Reminder
	if !m.get("reminders", &all) || slices.ContainsFunc(all, func(r paylink.Reminder) bool { return len(r.Channels) > 0 }) {
		return nil
	}
	return all
}

// reminderText is a reminder as a form names it: its kind and its time.
func reminderText(r paylink.Reminder) string {
	switch {
	case r.BeforeExpiry != "":
		return "before_expiry " + r.BeforeExpiry
	case r.AfterDue != "":
		return "after_due " + r.AfterDue
	}
	return "after " + r.After
}

func (f templateForm) reminders() []paylink.Reminder {
	var all []paylink.Reminder
	for _, text := range f.Reminders {
		var r paylink.Reminder
		switch kind, time, _ := strings.Cut(text, " "); kind {
		case "after":
			r.After = time
		case "before_expiry":
			r.BeforeExpiry = time
		case "after_due":
			r.AfterDue = time
		}
		all = append(all, r)
	}
	return all
}

// reminderChoices are those that a template can say, which has no due date of its own, and others that a
// program has said in it.
func (f templateForm) reminderChoices() []choice {
	var all []choice
	for _, c := range offeredReminders {
		if !strings.HasPrefix(c.Value, "after_due") {
			all = append(all, c)
		}
	}
	for i, r := range f.reminders() {
		if !slices.ContainsFunc(all, func(c choice) bool { return c.Value == f.Reminders[i] }) {
			all = append(all, choice{Value: f.Reminders[i], Word: upperFirst(reminderRule(r))})
		}
	}
	for i := range all {
		all[i].Chosen = slices.Contains(f.Reminders, all[i].Value)
	}
	return all
}
