package bulk_test

import (
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/issue/bulk"
	"paylink/sheet"
)

// A merchant's file has good rows, bad rows and rows that were sent before. Each good one becomes a link
// with its own terms, and each other one is told with its number, column, code and sentence.
func TestFileBecomesLinksAndHonestErrors(t *testing.T) {
	each(t, func(w *world) {
		if _, err := w.issuer.Create(w.Context(), w.as("key_a"), issue.Draft{Amount: 1, HasAmount: true, Currency: "INR", Reference: "old"}, nil); err != nil {
			w.Fatal(err)
		}
		got := w.send("amount,Currency,reference,name,phone,channels,expires_at,metadata.shop,remark\n"+
			"245000,,new-1,Asha,+91 98123 45642,sms,2026-12-01,north,=cmd()\n"+ // 2
			"100,,old,,,,,,\n"+ // 3: the reference is taken
			"12.50,,new-2,,,,,,\n"+ // 4: minor units have no point
			"100,XXX,new-3,,12,sms,yesterday,,keep me\n"+ // 5: three faults
			"500,,new-1,,,,,,\n"+ // 6: as row 2
			"9E+11,,new-4,,+9.19812E+11,,,,\n"+ // 7
			",,,,,,,,\n"+
			"700,KWD,,,,,never,,\n", nil) // 9
		b := w.ends(got.Bulk.ID, "finished: 1 sent, 1 made without a message, 3 failed, 2 skipped as duplicates")
		if b.Rows != 7 || b.Good != 2 || b.Totals["INR"] != 245000 || b.Totals["KWD"] != 700 || b.FinishedAt.IsZero() {
			w.Errorf("%+v", b)
		}
		links := w.links()
		one, none := links["new-1"], links[""]
		if len(one) != 1 || one[0].Amount.Minor != 245000 || one[0].Metadata["shop"] != "north" || len(one[0].Channels) != 1 ||
			!one[0].ExpiresAt.Equal(time.Date(2026, 12, 1, 18, 29, 59, 0, time.UTC)) || one[0].CreatedBy != "key_a" {
			w.Errorf("the first row became %+v", one)
		}
		if len(none) != 1 || none[0].Amount.Currency != "KWD" || !none[0].ExpiresAt.IsZero() {
			w.Errorf("the last row became %+v", none)
		}
		want := "amount,Currency,reference,name,phone,channels,expires_at,metadata.shop,remark,paylink_row,paylink_column,paylink_code,paylink_message\n" +
			"100,,old,,,,,,,3,reference,reference_in_use,Another payment link uses this reference.\n" +
			"12.50,,new-2,,,,,,,4,amount,not_minor_units,"
		text := w.errorsOf(b)
		if !strings.HasPrefix(text, want) {
			w.Errorf("errors.csv:\n%s\nwant\n%s", text, want)
		}
		for _, part := range []string{
			"\n100,XXX,new-3,,12,sms,yesterday,,keep me,5,expires_at; Currency; phone,bad_time; unknown_currency; bad_phone,",
			"\n500,,new-1,,,,,,,6,reference,duplicate_in_file,", "\n9E+11,,new-4,,'+9.19812E+11,,,,,7,phone; amount,shortened_number; shortened_number,",
		} {
			if !strings.Contains(text, part) {
				w.Errorf("errors.csv misses %q:\n%s", part, text)
			}
		}
		if strings.Contains(w.log.String(), "98123") || strings.Contains(w.log.String(), "Asha") {
			w.Error("the log knows a customer")
		}
	})
}

// Whoever mends errors.csv in a spreadsheet sends it back as it is: what was added to it is no data, and
// what was made is not made again.
func TestErrorsCanBeMendedAndSentAgain(t *testing.T) {
	each(t, func(w *world) {
		got := w.send("amount,reference,phone\n100,a,+919812345642\nx,b,+919812345643\n200,c,12\n", nil)
		b := w.ends(got.Bulk.ID, "finished: 1 created, 2 failed, 0 skipped as duplicates")
		text := w.errorsOf(b)
		mended := strings.Replace(strings.Replace(text, "\nx,b", "\n150,b", 1), ",c,12,", ",c,'+919812345644,", 1)
		again := w.send(mended, nil)
		if again.Repeated {
			w.Fatal("a mended file was taken for the old one")
		}
		w.ends(again.Bulk.ID, "finished: 2 created, 0 failed, 0 skipped as duplicates")
		if links := w.links(); len(links["a"]) != 1 || len(links["b"]) != 1 || len(links["c"]) != 1 {
			w.Errorf("%d references", len(links))
		}
	})
}

// Somebody presses Upload twice, or a script is run again: the same file makes no link twice, not even
// of rows that have no reference.
func TestSameFileIsTakenOnce(t *testing.T) {
	each(t, func(w *world) {
		const file = "amount,reference\n100,\n200,\n300,r\n"
		dry := w.send(file, func(up *bulk.Upload) { up.DryRun = true })
		w.ends(dry.Bulk.ID, "checked: 0 created, 0 failed, 0 skipped as duplicates, 3 not begun")
		if links := w.links(); len(links) != 0 {
			w.Fatalf("a dry run made %d links", len(links))
		}
		first := w.send(file, nil)
		second := w.send(file, nil)
		if first.Repeated || !second.Repeated || second.Bulk.ID != first.Bulk.ID {
			w.Fatalf("first %+v\nsecond %+v", first, second)
		}
		w.ends(first.Bulk.ID, "finished: 3 created, 0 failed, 0 skipped as duplicates")
		if third := w.send(file, nil); !third.Repeated || third.Bulk.Made != 3 {
			w.Errorf("after the end: %+v", third)
		}
		if links := w.links(); len(links[""]) != 2 || len(links["r"]) != 1 {
			w.Errorf("links %d and %d", len(links[""]), len(links["r"]))
		}
		if all, err := w.store.Read(w.Context()).Bulks(w.merchant, false, "", 10); err != nil || len(all) != 2 {
			w.Errorf("%d uploads are listed, %v", len(all), err)
		}
	})
}

// What cannot be read is refused at once where that shows at the beginning, and leaves nothing behind;
// where it shows later, the upload says in which row, and no link is made of the rows before.
func TestUnreadableFilesMakeNothing(t *testing.T) {
	each(t, func(w *world) {
		for want, file := range map[string]string{
			"/file empty_file": "", "/mapping no_amount_column": "price\n1\n", "/file/1 duplicate_column": "amount,amount\n1,2\n",
			"/mapping conflicting": "amount,amount_major\n1,2\n", "/file wrong_format": "PK\x03\x04",
		} {
			if _, err := w.try(file, nil); codes(err) != want {
				w.Errorf("%q: %s, want %s", file, codes(err), want)
			}
		}
		if all, err := w.store.Read(w.Context()).Bulks(w.merchant, false, "", 10); err != nil || len(all) != 0 {
			w.Errorf("%d uploads are left, %v", len(all), err)
		}
		got := w.send(many(600)+"1,\"unclosed\n", nil)
		w.work()
		b := w.bulk(got.Bulk.ID)
		if b.Status != paylink.BulkUnreadable || b.Problem != "unclosed_quote" || b.ProblemRow != 602 || len(w.links()) != 0 {
			w.Errorf("%s: %s in row %d, %d links", b.Status, b.Problem, b.ProblemRow, len(w.links()))
		}
		if again := w.send(many(600)+"1,\"unclosed\n", nil); again.Repeated {
			w.Error("a file of which nothing came cannot be sent again")
		}
	})
}

// NDJSON has the fields of the API's own body, which come as they come.
func TestNDJSONTakesTheAPIsFields(t *testing.T) {
	each(t, func(w *world) {
		got := w.send(`{"amount":100,"currency":"INR","reference":"a"}`+"\n"+
			`{"amount":1e6,"reference":"b"}`+"\n"+
			`{"amount":200,"reference":"c","customer":{"phone":"+919812345642","name":"Asha"},"channels":["sms"],"metadata":{"k":"v"}}`+"\n"+
			`{"reference":"d"}`+"\n", func(up *bulk.Upload) { up.Format = sheet.NDJSON })
		b := w.ends(got.Bulk.ID, "finished: 1 sent, 1 made without a message, 2 failed, 0 skipped as duplicates")
		if c := w.links()["c"]; len(c) != 1 || c[0].Metadata["k"] != "v" || len(c[0].Channels) != 1 || c[0].Customer == "" {
			w.Errorf("the third line became %+v", c)
		}
		if text := w.errorsOf(b); !strings.Contains(text, ",2,amount,shortened_number,") || !strings.Contains(text, ",4,amount,required,") {
			w.Errorf("errors.csv:\n%s", text)
		}
	})
}

// The columns of a shop's export have other names, and the same ones every week.
func TestMappingIsRemembered(t *testing.T) {
	each(t, func(w *world) {
		file := func(n string) string { return "Betrag;Kunde;Nr\n1.234,50;Asha;" + n + "\n2450.5;Ravi;" + n + "b\n" }
		said := map[string]string{"Betrag": "amount_major", "Kunde": "customer.name", "Nr": "reference"}
		w.ends(w.send(file("1"), func(up *bulk.Upload) { up.Mapping = said }).Bulk.ID, "finished: 1 created, 1 failed, 0 skipped as duplicates")
		w.ends(w.send(file("2"), nil).Bulk.ID, "finished: 1 created, 1 failed, 0 skipped as duplicates")
		if l := w.links()["2b"]; len(l) != 1 || l[0].Amount.Minor != 245050 {
			w.Errorf("%+v", l)
		}
		for want, m := range map[string]map[string]string{
			"/mapping unknown_column": {"Preis": "amount"}, "/mapping no_amount_column": {"Nr": "reference"},
			"/mapping unknown_value, /mapping no_amount_column": {"Nr": "colour"},
		} {
			if _, err := w.try(file("3"), func(up *bulk.Upload) { up.Mapping = m }); codes(err) != want {
				w.Errorf("%v: %s, want %s", m, codes(err), want)
			}
		}
	})
}
