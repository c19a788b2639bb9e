package locale

import (
	"strings"
	"testing"
	"time"

	"paylink"
)

// A reminder says that it is one, and nothing that presses: an urgent text with a link is what swindlers
// send.
func TestRemindersSayWhatTheyAre(t *testing.T) {
	f := facts()
	f.DueAt = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for kind, want := range map[MessageKind][2]string{
		KindReminder: {"Acme: reminder of Rs 2,450 for order 1042. Pay: " + address,
			"A reminder: Acme requests a payment of ₹2,450.00 for order 1042. It is valid until 24 Nov 2026, 18:00 IST."},
		KindExpiring: {"Acme: Rs 2,450 for order 1042 can be paid until 24 Nov 2026, 18:00 IST. Pay: " + address,
			"A reminder: Acme requests a payment of ₹2,450.00 for order 1042. It is valid until 24 Nov 2026, 18:00 IST."},
		KindOverdue: {"Acme: Rs 2,450 for order 1042 was due on 20 Nov 2026. Pay: " + address,
			"A reminder: Acme requests a payment of ₹2,450.00 for order 1042. It was due on 20 Nov 2026. It is valid until 24 Nov 2026, 18:00 IST."},
	} {
		f.Kind = kind
		if got := Pick("en").Message(paylink.ChannelSMS, f).Text; got != want[0] {
			t.Errorf("%s by SMS: %q", kind, got)
		}
		mail := Pick("en").Message(paylink.ChannelEmail, f)
		if mail.Subject != "Reminder from Acme: ₹2,450.00" || !strings.Contains(mail.Text, want[1]) || !strings.Contains(mail.HTML, "Reminder from Acme") {
			t.Errorf("%s by e-mail: %q\n%s", kind, mail.Subject, mail.Text)
		}
		app := Pick("en").Message(paylink.ChannelInApp, f)
		if app.Subject != "Reminder from Acme" || !strings.HasPrefix(app.Text, want[1]) {
			t.Errorf("%s in the app: %+v", kind, app)
		}
	}
}

// Two parts cost twice: whatever a merchant is called and whatever is asked for, a reminder fits, in every
// language, and keeps its address.
func TestRemindersFit(t *testing.T) {
	for _, l := range Languages() {
		for _, kind := range []MessageKind{KindReminder, KindExpiring, KindOverdue, KindReceipt, KindRefund} {
			f := facts()
			f.Kind, f.DueAt, f.Merchant, f.Description = kind, f.ExpiresAt, strings.Repeat("Acme Retail ", 8), strings.Repeat("order ", 40)
			f.Amount.Minor = paylink.MaxMinor
			text := l.Message(paylink.ChannelSMS, f).Text
			if !fits(text) || !strings.HasSuffix(text, address) || strings.Contains(text, "⟦") || strings.Contains(text, "{") {
				t.Errorf("%s %s: %q", l.Tag, kind, text)
			}
		}
	}
}
