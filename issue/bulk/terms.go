package bulk

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"paylink"
	"paylink/issue"
)

// blank is a draft of which the row has said nothing yet: what the template says. Each row has its own, since
// many are judged at once.
func (h head) blank() (d issue.Draft) {
	if h.Template == nil {
		return d
	}
	if err := json.Unmarshal(h.Template, &d); err != nil {
		panic("open the template of an upload: " + err.Error()) // we wrote it
	}
	return d
}

// judge tells what is wrong with what the columns mean; nil when nothing is.
func (h head) judge() error {
	d := h.blank()
	return h.Mapping.judge(h.Columns, d.HasAmount || d.Terms.CustomerAmount != nil || d.Terms.Items != nil)
}

// terms reads what a row says beyond the amount, each from a column of its own. A blank cell says nothing.
func (d *drafted) terms(out *issue.Draft) {
	t := &out.Terms
	d.over(&t.SuccessText, fieldSuccess)
	d.over(&t.ClosedText, fieldClosed)
	d.over(&t.TermsURL, fieldTermsURL)
	out.OnLate = cmp.Or(paylink.Policy(d.word(fieldOnLate)), out.OnLate)
	out.OnDuplicate = cmp.Or(paylink.Policy(d.word(fieldOnDuplicate)), out.OnDuplicate)
	if first, least, ok := d.sums(fieldFirst, fieldLeast, out.Currency); ok {
		t.Partial = &paylink.Partial{MinimumFirst: first, Minimum: least}
	}
	if text := d.cell(fieldPromiseDays); text != "" {
		if n, ok := d.number(fieldPromiseDays, text); ok {
			t.Promises = &paylink.PromiseTerms{MaxDays: n}
		}
	}
	if policy := d.word(fieldRefresh); policy != "" {
		t.Refresh = &paylink.Refresh{Policy: paylink.RefreshPolicy(policy)}
	}
	if codes := list(d.cell(fieldCodes)); len(codes) > 0 {
		t.DiscountCodes = codes
	}
	if d.word(fieldProof) == string(paylink.ProofPIN) {
		d.fault(fieldProof, "not_in_a_file", "A PIN is a secret of one link, and is not taken in a file. Write phone_digits or code.")
	} else if proof, countries := d.word(fieldProof), list(d.cell(fieldCountries)); proof != "" || len(countries) > 0 {
		for i, c := range countries {
			countries[i] = strings.ToUpper(c)
		}
		t.Restrict = &paylink.Restriction{Proof: paylink.Proof(proof), Countries: countries}
	}
	d.reminding(out)
}

// word is a cell that holds one of a few words, in any case.
func (d *drafted) word(field string) string { return strings.ToLower(d.cell(field)) }

// sums reads two amounts that belong together; ok is false when both are blank.
func (d *drafted) sums(first, second string, currency paylink.Currency) (a, b int64, ok bool) {
	a, one := d.sum(first, currency)
	b, two := d.sum(second, currency)
	return a, b, one || two
}

// answers are what people write into a column of yes and no.
var answers = map[string]bool{
	"yes": true, "y": true, "true": true, "1": true, "on": true, "x": true,
	"no": false, "n": false, "false": false, "0": false, "off": false,
}

// reminding reads when the customer is reminded: 2h after the link was sent, end-24h before it expires,
// due+3d after its due date; none: never. What the times may be is for issue to say.
func (d *drafted) reminding(out *issue.Draft) {
	if text := d.word(fieldNotify); text != "" {
		yes, known := answers[text]
		if !known {
			d.fault(fieldNotify, "not_yes_or_no", "Write yes or no.")
		}
		out.NotifyExpiry = &yes
	}
	texts := list(d.cell(fieldReminders))
	if slices.Equal(texts, []string{"none"}) {
		no := false
		out.NotifyExpiry, out.Terms.Reminders = &no, nil
		return
	}
	if len(texts) > 0 {
		out.Terms.Reminders = nil
	}
	for _, text := range texts {
		var r paylink.Reminder
		if span, ok := strings.CutPrefix(text, "due+"); ok {
			r.AfterDue = span
		} else if span, ok := strings.CutPrefix(text, "end-"); ok {
			r.BeforeExpiry = span
		} else {
			r.After = strings.TrimPrefix(text, "+")
		}
		out.Terms.Reminders = append(out.Terms.Reminders, r)
	}
}
