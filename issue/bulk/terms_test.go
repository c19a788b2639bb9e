package bulk_test

import (
	"fmt"
	"strings"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/issue/bulk"
	"paylink/sheet"
)

// Whoever works with spreadsheets gets what the API gives: parts, an amount of the customer's choice, reminders,
// restrictions. A term that is lost on the way asks a customer for something else than was agreed.
func TestRowsSayTerms(t *testing.T) {
	each(t, func(w *world) {
		got := w.send("amount_major,reference,phone,channels,usage.mode,partial.minimum_first_major,partial.minimum,customer_amount.minimum_major,customer_amount.maximum_major,"+
			"promises.max_days,refresh.policy,Remind,notify_expiry,discount codes,restrict.proof,on_late_payment,success_text,due_at,expires_at,restrict.countries\n"+
			"2450,parts,+919812345642,sms,,500.00,10000,,,7,Approval,\"2h, due+3d\",no,,phone_digits,hold,Thanks,2027-01-02,never,\n"+
			",gift,,,multi,,,10,\"9,000.50\",,,,,,,,,,,\n"+
			"1,quiet,+919812345643,sms,,,,,,,,none,,\"x10, Y20\",,,,,,\n"+
			"1,often,,,multi,1,,,,,,,,,,,,,,\n"+
			"5,both,,,,,,10,,,,,,,,,,,,\n"+
			"1,slip,,,sometimes,1.005,x,,,soon,maybe,2 h,perhaps,,pin,keep,,,,\n", nil)
		b := w.ends(got.Bulk.ID, "finished: 2 sent, 1 made without a message, 3 failed, 0 skipped as duplicates")
		if b.Totals["INR"] != 245100 {
			w.Errorf("it comes to %v", b.Totals)
		}
		links := w.links()
		one := func(reference string) paylink.Link {
			if len(links[reference]) != 1 {
				w.Fatalf("%d links are %s:\n%s", len(links[reference]), reference, w.errorsOf(b))
			}
			return links[reference][0]
		}
		parts, gift, quiet := one("parts"), one("gift"), one("quiet")
		if p := parts.Terms; *p.Partial != (paylink.Partial{MinimumFirst: 50000, Minimum: 10000}) || p.Promises.MaxDays != 7 || p.Refresh.Policy != paylink.RefreshApproval ||
			fmt.Sprint(p.Reminders) != "[{2h   []} {  3d []}]" || p.Restrict.Proof != "phone_digits" || p.SuccessText != "Thanks" || parts.OnLate != paylink.PolicyHold {
			w.Errorf("parts: %+v, %s", p, parts.OnLate)
		}
		if c := gift.Terms.CustomerAmount; c == nil || c.Minimum != 1000 || c.Maximum != 900050 || gift.Usage.Mode != paylink.UsageMulti {
			w.Errorf("gift: %+v", gift)
		}
		if len(quiet.Terms.Reminders) != 0 || fmt.Sprint(quiet.Terms.DiscountCodes) != "[X10 Y20]" {
			w.Errorf("quiet: %+v", quiet.Terms)
		}
		text := w.errorsOf(b)
		for _, part := range []string{
			",5,partial.minimum_first_major,conflicting,", ",6,", "partial.minimum_first_major; partial.minimum", "too_precise; not_a_number; not_a_number; not_in_a_file; not_yes_or_no",
		} {
			if !strings.Contains(text, part) {
				w.Errorf("errors.csv misses %q:\n%s", part, text)
			}
		}
	})
}

// A line of NDJSON says the same as in the API, and a mapping names each amount once.
func TestLinesSayTerms(t *testing.T) {
	each(t, func(w *world) {
		got := w.send(`{"amount":245000,"currency":"INR","reference":"a","partial":{"minimum_first":50000},"notify_expiry":false}`+"\n"+
			`{"customer_amount":{"minimum":100,"presets":[500]},"reference":"b"}`+"\n", func(up *bulk.Upload) { up.Format = sheet.NDJSON })
		b := w.ends(got.Bulk.ID, "finished: 1 created, 1 failed, 0 skipped as duplicates")
		if l := w.links()["a"]; len(l) != 1 || l[0].Terms.Partial.MinimumFirst != 50000 {
			w.Errorf("%+v", l)
		}
		if text := w.errorsOf(b); !strings.Contains(text, ",2,") {
			w.Errorf("errors.csv:\n%s", text)
		}
		for want, file := range map[string]string{
			"/mapping conflicting":      "amount,partial.minimum,partial.minimum_major\n1,2,3\n",
			"/mapping no_amount_column": "partial.minimum\n1\n",
		} {
			if _, err := w.try(file, nil); codes(err) != want {
				w.Errorf("%q: %s, want %s", file, codes(err), want)
			}
		}
	})
}

// A file says only what is each row's own; the template that was named says the rest, as it stood at the upload, also
// for the rows that are tried once more.
func TestTemplateFillsWhatRowsLeaveOut(t *testing.T) {
	each(t, func(w *world) {
		hour, no := int64(3600), false
		template := &issue.Draft{
			Currency: "KWD", Description: "Fee", ExpiresIn: &hour, Metadata: map[string]string{"class": "4b", "year": "1"}, NotifyExpiry: &no, OnLate: paylink.PolicyHold,
			Terms: paylink.Terms{Template: "Fee", Items: []paylink.LineItem{{Name: "Fee", Quantity: 2, UnitAmount: 1250}}},
		}
		how := func(up *bulk.Upload) { up.Template = template }
		got := w.send("reference,metadata.class,amount_major,expires_at,on_late_payment\nplain,,,,\nown,5a,1.125,never,accept\nown,,1,,\nwrong,,x,,\n", how)
		b := w.ends(got.Bulk.ID, "finished: 2 created, 1 failed, 1 skipped as duplicates")
		if b.Totals["KWD"] != 2500+1125 {
			w.Errorf("it comes to %v", b.Totals)
		}
		plain, own := w.links()["plain"][0], w.links()["own"][0]
		if plain.Amount != (paylink.Money{Minor: 2500, Currency: "KWD"}) || plain.Description != "Fee" || plain.ExpiresAt.IsZero() || plain.OnLate != paylink.PolicyHold ||
			len(plain.Terms.Items) != 1 || plain.Metadata["class"] != "4b" || plain.Terms.Template != "Fee" {
			w.Errorf("plain: %+v", plain)
		}
		if own.Amount.Minor != 1125 || own.Terms.Items != nil || !own.ExpiresAt.IsZero() || own.OnLate != paylink.PolicyAccept || own.Metadata["class"] != "5a" || own.Metadata["year"] != "1" {
			w.Errorf("own: %+v", own)
		}
		if _, err := w.issuer.Cancel(w.Context(), w.as("key_a"), own.ID, nil); err != nil {
			w.Fatal(err)
		}
		again, err := w.uploads.Retry(w.Context(), w.as("key_a"), b.ID, nil)
		if err != nil {
			w.Fatal(err)
		}
		w.ends(again.Bulk.ID, "finished: 1 created, 0 failed, 0 skipped as duplicates")
		if l := w.links()["own"]; len(l) != 2 || l[0].Terms.Template+l[1].Terms.Template != "FeeFee" {
			w.Errorf("%+v", l)
		}
		w.ends(w.send("reference\na\nb\n", how).Bulk.ID, "finished: 2 created, 0 failed, 0 skipped as duplicates")
		if _, err := w.try("reference\nc\n", func(up *bulk.Upload) { up.Template = &issue.Draft{Description: "Fee"} }); codes(err) != "/mapping no_amount_column" {
			w.Errorf("a template without an amount: %v", err)
		}
	})
}

// A plan in a file is the row's own: it goes before the channels of the upload and of the template, and what cannot
// be read is told in its row.
func TestRowsSayPlans(t *testing.T) {
	each(t, func(w *world) {
		how := func(up *bulk.Upload) {
			up.Channels = []paylink.Channel{"sms"}
			up.Template = &issue.Draft{Terms: paylink.Terms{Template: "Fee", Delivery: &paylink.DeliveryPlan{Steps: []paylink.DeliveryStep{{Channel: "email"}}}}}
		}
		got := w.send("amount_major,reference,phone,channels,Delivery plan\n"+
			"1,steps,+919812345642,,whatsapp; sms after 60s unless delivered\n"+
			"1,file,+919812345643,,\n"+
			"1,both,+919812345644,sms,whatsapp\n"+
			"1,odd,+919812345645,,by pigeon\n"+
			"1,channel,+919812345646,,pigeon\n"+
			"1,json,+919812345647,,\"{\"\"steps\"\":[{\"\"channel\"\":\"\"sms\"\"}]}\"\n", how)
		b := w.ends(got.Bulk.ID, "finished: 3 sent, 3 failed, 0 skipped as duplicates")
		links := w.links()
		if p := links["steps"][0].Terms.Delivery; p == nil || len(p.Steps) != 2 || p.Steps[1].After != "60s" || p.Steps[1].Unless != "delivered" {
			w.Errorf("steps: %+v", links["steps"][0].Terms)
		}
		if l := links["file"][0]; l.Terms.Delivery != nil || fmt.Sprint(l.Channels) != "[sms]" {
			w.Errorf("file: %+v", l)
		}
		if p := links["json"][0].Terms.Delivery; p == nil || len(p.Steps) != 1 || p.Steps[0].Channel != "sms" {
			w.Errorf("json: %+v", links["json"][0].Terms)
		}
		text := w.errorsOf(b)
		for _, part := range []string{",4,Delivery plan,conflicting,", ",5,Delivery plan,bad_plan,", ",6,Delivery plan,unknown_value,"} {
			if !strings.Contains(text, part) {
				w.Errorf("errors.csv misses %q:\n%s", part, text)
			}
		}
		line := `{"amount":100,"reference":"line","customer":{"phone":"+919812345642"},"delivery":{"steps":[{"channel":"sms"},{"channel":"whatsapp","after":"5m"}]}}`
		got = w.send(line+"\n", func(up *bulk.Upload) { up.Format = sheet.NDJSON })
		w.ends(got.Bulk.ID, "finished: 1 sent, 0 failed, 0 skipped as duplicates")
		if p := w.links()["line"][0].Terms.Delivery; p == nil || len(p.Steps) != 2 {
			w.Errorf("line: %+v", w.links()["line"][0].Terms)
		}
	})
}
