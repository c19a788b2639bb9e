package gateways

import (
	"testing"

	"paylink/client"
)

// A gateway that is new: its adapter is one directory and one line, and a customer pays through it by its own
// page, which a form opens; the merchant hears of it by the gateway's signed notice.
func TestToyGatewayIsPaidEndToEnd(t *testing.T) {
	each(t, func(w *world) {
		l, b := w.link(), w.browser()
		b.open(l.URL)
		b.press(`id="pay"`, "method", "card")
		b.shows(`id="gateway"`, `action="`+w.one.URL+`/page"`)
		if got := b.press(`id="gateway"`); got != "Asha pays 245000" {
			t.Errorf("the gateway's page: %s", got)
		}
		b.open(l.URL)
		b.shows(`id="gateway"`) // whoever comes back without having paid finds the same
		p := w.becomes(l.ID, "action_required")
		w.must(w.one.decides(p.Reference, "paid", "hook-1"))
		p = w.becomes(l.ID, "captured")
		if p.Gateway != "one" || p.AccountID != w.ids["one"] || p.BankReference == "" {
			t.Errorf("%+v", p)
		}
		b.waits(l.URL, `data-page="paid"`)
	})
}

// The secret is changed here first, and the gateway still signs with the old one; a forger signs with neither.
func TestNoticesAreBelievedWhileASecretIsReplaced(t *testing.T) {
	each(t, func(w *world) {
		l, b := w.link(), w.browser()
		b.open(l.URL)
		b.press(`id="pay"`, "method", "upi")
		p := w.becomes(l.ID, "action_required")
		keep := int64(3600)
		after, err := w.client.UpdateAccount(w.Context(), w.ids["one"], client.AccountChange{
			Fields: map[string]string{"hook_secret": "hook-new"}, PreviousSecretsFor: &keep,
		})
		w.must(err)
		if after.PreviousSecretsUntil == nil {
			t.Error("nothing says for how long the old secret is believed")
		}
		if w.one.decides(p.Reference, "paid", "forged") == nil {
			t.Error("a forged notice was taken")
		}
		w.must(w.one.decides(p.Reference, "paid", "hook-1"))
		w.becomes(l.ID, "captured")
	})
}

// The preferred gateway is down: the customer sees the page of the other one, without a second press.
func TestSecondGatewayTakesWhatTheFirstCannot(t *testing.T) {
	each(t, func(w *world) {
		w.one.is(down)
		l, b := w.link(), w.browser()
		b.open(l.URL)
		b.press(`id="pay"`, "method", "card")
		p := w.becomes(l.ID, "action_required")
		if p.Gateway != "two" || p.AccountID != w.ids["two"] || w.one.told() != 1 {
			t.Fatalf("%+v after the first was told %d times", p, w.one.told())
		}
		b.open(l.URL)
		b.shows(`action="` + w.two.URL + `/page"`)
		w.must(w.two.decides(p.Reference, "paid", "hook-2"))
		w.becomes(l.ID, "captured")
	})
}

// A card is declined: the same page takes UPI, whose text goes to the app as the gateway wrote it.
func TestDeclinedCardIsRetriedByUPI(t *testing.T) {
	each(t, func(w *world) {
		l, b := w.link(), w.browser()
		b.open(l.URL)
		b.press(`id="pay"`, "method", "card")
		p := w.becomes(l.ID, "action_required")
		w.must(w.one.decides(p.Reference, "declined", "hook-1"))
		w.becomes(l.ID, "failed")
		b.open(l.URL)
		b.shows(`data-page="retry"`, "balance or limit")
		b.press(`id="pay"`, "method", "upi")
		second := w.becomes(l.ID, "action_required")
		b.waits(l.URL, `data-page="approve"`)
		asked := "pay?pa=acme@toy&amp;tr=" + second.Reference + "&amp;tn=a%20b&amp;sign=MEUC+/="
		b.shows(`href="upi://`+asked+`"`, `href="intent://`+asked+`#Intent;scheme=upi;package=com.phonepe.app;end"`, "Other UPI app")
		w.must(w.one.decides(second.Reference, "paid", "hook-1"))
		w.becomes(l.ID, "captured")
	})
}

// Nobody knows whether the first try was paid. The page guards the customer, who pays again all the same after a
// clear word; then the truth of both comes, and the surplus is told.
func TestUnknownIsGuardedAndTheTruthIsTold(t *testing.T) {
	each(t, func(w *world) {
		w.one.is(silent)
		l, b := w.link(), w.browser()
		b.open(l.URL)
		form := b.page
		b.press(`id="pay"`, "method", "card")
		first := w.becomes(l.ID, "unknown")
		b.open(l.URL)
		b.shows(`data-page="unknown"`, "Do not pay again", "may leave your account twice")
		b.page = form
		b.press(`id="pay"`, "method", "upi") // a page that was open all the time
		if all := w.payments(l.ID); len(all) != 1 {
			t.Fatalf("a second payment began unasked: %+v", all)
		}
		b.open(l.URL)
		b.press(`name="anyway"`)
		b.shows(`data-page="retry"`, "The first try was given up")
		w.one.is(works)
		b.press(`id="pay"`, "method", "upi")
		second := w.becomes(l.ID, "action_required")
		if second.Reference == first.Reference {
			t.Fatal("the same payment again")
		}
		w.must(w.one.decides(second.Reference, "paid", "hook-1"))
		w.becomes(l.ID, "captured")
		w.one.is(noWords)
		w.must(w.one.decides(first.Reference, "paid", "hook-1")) // no notice tells it: we ask
		late := w.eventually(l.ID, 1, "captured")
		if late.Abnormal != "duplicate" {
			t.Errorf("%+v", late)
		}
	})
}

// The answer to the start was lost. The look-up tells what the customer has to do, and the payment goes on.
func TestLostStartGoesOn(t *testing.T) {
	each(t, func(w *world) {
		w.one.is(loses)
		l, b := w.link(), w.browser()
		b.open(l.URL)
		b.press(`id="pay"`, "method", "upi")
		w.becomes(l.ID, "unknown")
		p := w.becomes(l.ID, "action_required")
		b.waits(l.URL, `data-page="approve"`)
		b.shows("upi://pay?pa=acme@toy&amp;tr=" + p.Reference)
		if got := len(w.payments(l.ID)); got != 1 || w.one.told() != 1 {
			t.Errorf("%d payments, %d orders", got, w.one.told())
		}
		w.must(w.one.decides(p.Reference, "paid", "hook-1"))
		w.becomes(l.ID, "captured")
	})
}
