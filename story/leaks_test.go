package story

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdLeaks looks for what must not be where a thief or a curious operator could read it:
//
//	leaks card FILE          no card number in the backup FILE, in what the programs said, in webhooks and messages
//	leaks database FILE TEXT…  none of the texts in the backup, also not inside its blobs
//	leaks logs TEXT…         none of the texts in what the programs said
func cmdLeaks(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) < 2 {
		ts.Fatalf("usage: leaks card FILE | leaks database FILE TEXT… | leaks logs TEXT…")
	}
	switch args[0] {
	case "card":
		for place, text := range w.everything(ts, args[1]) {
			if found := cardNumbers(text); len(found) > 0 {
				ts.Fatalf("%s: card numbers %q", place, found)
			}
		}
	case "database":
		w.without(ts, "the database", opened(rowsOf(ts, args[1])), args[2:])
	case "logs":
		w.without(ts, "what the programs said", w.said(), args[1:])
	default:
		ts.Fatalf("leaks %s?", args[0])
	}
}

func (w *world) without(ts *testscript.TestScript, place, all string, texts []string) {
	for _, text := range texts {
		if text == "" {
			ts.Fatalf("leaks: an empty text is everywhere")
		}
		if i := strings.Index(all, text); i >= 0 {
			ts.Fatalf("%s: %q stands in …%s…", place, text, all[max(0, i-200):min(len(all), i+len(text)+100)])
		}
	}
}

// everything is what can be read of the story afterwards, by place.
func (w *world) everything(ts *testscript.TestScript, backup string) map[string]string {
	all := map[string]string{"the database": opened(rowsOf(ts, backup)), "what the programs said": w.said()}
	w.sandbox(ts, "GET", "/messages?limit=100", nil)
	all["a message"] = string(w.last.body)
	if w.hooks != nil {
		w.hooks.mu.Lock()
		defer w.hooks.mu.Unlock()
		for _, call := range w.hooks.calls {
			all["a webhook"] += call.Body + "\n"
		}
	}
	for place, text := range all {
		if len(text) < 100 {
			ts.Fatalf("%s is %q: there is nothing to look through", place, text)
		}
	}
	return all
}

func (w *world) said() string {
	var all strings.Builder
	for _, p := range w.procs {
		all.WriteString(p.log.String())
	}
	return all.String()
}

// opened are the texts and blobs of a backup, and what a text that is Base64 holds. Columns of integers are left
// out: a link's random key has as many digits as a card number, and one in some hundred would pass for it.
func opened(rows []string) string {
	var all strings.Builder
	for _, row := range rows {
		var values any
		if json.Unmarshal([]byte(row), &values) == nil {
			open(&all, values)
		}
	}
	return all.String()
}

func open(all *strings.Builder, v any) {
	switch v := v.(type) {
	case []any:
		for _, part := range v {
			open(all, part)
		}
	case map[string]any:
		for _, part := range v {
			open(all, part)
		}
	case string:
		all.WriteString(v)
		all.WriteByte('\n')
		for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
			if blob, err := e.DecodeString(v); err == nil && len(blob) >= 8 {
				all.Write(blob)
				all.WriteByte('\n')
			}
		}
	}
}

// digits are 13 to 19 of them, grouped by single spaces or hyphens or not at all.
var digits = regexp.MustCompile(`\b[2-6](?:[ -]?[0-9]){12,18}\b`)

// cardNumbers finds what a card scheme would take for a number: an issuer's first digit, the right length for
// it, and the check digit. A part of a longer word, such as an id or a hash, is none.
func cardNumbers(text string) []string {
	const word = "._+/-0123456789"
	var found []string
	for _, at := range digits.FindAllStringIndex(text, -1) {
		written := text[at[0]:at[1]]
		number := strings.NewReplacer(" ", "", "-", "").Replace(written)
		alone := (at[0] == 0 || !strings.Contains(word, text[at[0]-1:at[0]])) && (at[1] == len(text) || !strings.Contains("_+/-", text[at[1]:at[1]+1]))
		if alone && slices.Contains(lengths[number[0]], len(number)) && luhn(number) {
			found = append(found, written)
		}
	}
	return found
}

// lengths of card numbers by their first digit.
var lengths = map[byte][]int{'2': {16}, '3': {14, 15, 16}, '4': {13, 16, 19}, '5': {16}, '6': {16, 17, 18, 19}}

// luhn tells whether the last digit is the check digit of the others.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// A scanner that overlooks a number proves nothing by finding none.
func TestScannerFindsCardNumbers(t *testing.T) {
	for _, text := range []string{
		`{"number":"4242424242424242"}`, "card 4000 0000 0000 0002 declined", "n=5555-5555-5555-4444&c=1", "378282246310005",
		"2223003122003222", "6011111111111117\n", opened([]string{`["blob","` + base64.StdEncoding.EncodeToString([]byte("is 4242424242424242.")) + `"]`}),
	} {
		if len(cardNumbers(text)) != 1 {
			t.Errorf("overlooked in %q", text)
		}
	}
	for _, text := range []string{
		"4242424242424241", "1767225600000000", "+919812345642", "a4242424242424242f", "42424242424242421", "plink_4242424242424242",
	} {
		if found := cardNumbers(text); len(found) != 0 {
			t.Errorf("took %q for card numbers", found)
		}
	}
}
