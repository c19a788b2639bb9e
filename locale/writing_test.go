package locale

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"paylink"
	"paylink/gsm"
)

// The ten languages that the product promises; one that is lost is a customer who cannot read.
func TestTenLanguagesAreHere(t *testing.T) {
	var tags []string
	for _, l := range Languages() {
		tags = append(tags, l.Tag)
		if _, known := writings[l.Tag]; !known {
			t.Errorf("%s has no way to write numbers", l.Tag)
		}
	}
	slices.Sort(tags)
	if want := []string{"ar", "bn", "de", "en", "es", "fr", "hi", "mr", "ta", "te"}; !slices.Equal(tags, want) {
		t.Errorf("languages %v, want %v", tags, want)
	}
}

// A point read as a comma is a thousand times the money. The Unicode CLDR, by another's program, says
// how each language writes a number.
func TestNumbersAreWrittenAsTheCLDRHasThem(t *testing.T) {
	for _, l := range Languages() {
		judge := message.NewPrinter(language.MustParse(l.Tag))
		for _, minor := range []int64{0, 5, 99900, 245050, 12345678, 1234567890} {
			want := judge.Sprint(number.Decimal(float64(minor)/100, number.Scale(2)))
			if _, got := l.number(paylink.Money{Minor: minor, Currency: "USD"}, false); got != want {
				t.Errorf("%s writes %d as %q, want %q", l.Tag, minor, got, want)
			}
		}
	}
}

// Where the sign of the currency stands, and what a text message leaves out.
func TestAmountsAndDaysInEveryLanguage(t *testing.T) {
	at := time.Date(2026, 8, 4, 12, 30, 0, 0, time.UTC)
	for tag, want := range map[string][4]string{
		"en": {"₹1,23,456.00", "Rs 1,23,456", "€2,450.50", "4 Aug 2026, 18:00 IST"},
		"hi": {"₹1,23,456.00", "₹1,23,456", "€2,450.50", "4 अगस्त 2026, 18:00 IST"},
		"ta": {"₹1,23,456.00", "₹1,23,456", "€2,450.50", "4 ஆக. 2026, 18:00 IST"},
		"te": {"₹1,23,456.00", "₹1,23,456", "€2,450.50", "4 ఆగ 2026, 18:00 IST"},
		"bn": {"₹১,২৩,৪৫৬.০০", "₹১,২৩,৪৫৬", "€২,৪৫০.৫০", "৪ আগস্ট ২০২৬, ১৮:০০ IST"},
		"mr": {"₹१,२३,४५६.००", "₹१,२३,४५६", "€२,४५०.५०", "४ ऑग २०२६, १८:०० IST"},
		"ar": {"١٢٣٬٤٥٦٫٠٠\u00a0₹", "١٢٣٬٤٥٦ INR", "٢٬٤٥٠٫٥٠\u00a0€", "٤ أغسطس ٢٠٢٦، ١٨:٠٠ IST"},
		"es": {"123.456,00\u00a0₹", "Rs 123.456", "2.450,50\u00a0€", "4 ago 2026, 18:00 IST"},
		"fr": {"123\u00a0456,00\u00a0₹", "Rs 123 456", "2\u00a0450,50\u00a0€", "4 août 2026, 18:00 IST"},
		"de": {"123.456,00\u00a0₹", "Rs 123.456", "2.450,50\u00a0€", "4. Aug. 2026, 18:00 IST"},
	} {
		l, rupees := Pick(tag), paylink.Money{Minor: 12345600, Currency: "INR"}
		got := [4]string{l.Money(rupees), l.shortMoney(rupees), l.Money(paylink.Money{Minor: 245050, Currency: "EUR"}), l.Moment(at, "Asia/Kolkata")}
		if got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

// One accent that GSM-7 lacks more than doubles what a text message costs.
func TestTextMessagesOfLatinLettersAreGSM7(t *testing.T) {
	for _, l := range Languages() {
		for _, kind := range []MessageKind{KindRequest, KindReminder, KindExpiring, KindOverdue, KindReceipt, KindRefund} {
			for month := time.January; month <= time.December; month++ {
				f := facts()
				f.Kind, f.ExpiresAt = kind, time.Date(2026, month, 28, 12, 30, 0, 0, time.UTC)
				f.DueAt, f.Description = f.ExpiresAt, "Café n° 7"
				text := l.Message(paylink.ChannelSMS, f).Text
				if size := gsm.Count(text); l.writing.gsm != (size.Encoding == gsm.GSM7) || !fits(text) {
					t.Errorf("%s %s: %v %d segments: %q", l.Tag, kind, size.Encoding, size.Segments, text)
				}
				if strings.Count(text, address) != 1 || strings.Contains(text, "⟦") {
					t.Errorf("%s %s: %q", l.Tag, kind, text)
				}
			}
		}
	}
}

// A code that is written with the digits of a language could not be typed where only 0 to 9 are known,
// and a link's address would be another.
func TestCodesAndAddressesKeepTheirDigits(t *testing.T) {
	for _, l := range Languages() {
		if text := l.Proof(paylink.ChannelSMS, "Acme", "730412").Text; !strings.Contains(text, "730412") || !fits(text) {
			t.Errorf("%s: %q", l.Tag, text)
		}
		if text := l.Message(paylink.ChannelEmail, facts()).Text; !strings.Contains(text, address) {
			t.Errorf("%s: %q", l.Tag, text)
		}
	}
}
