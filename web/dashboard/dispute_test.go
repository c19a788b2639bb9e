package dashboard

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	sandboxgateway "paylink/gateway/sandbox"
	"paylink/ledger"
	"paylink/outbound"
	"paylink/provider"
	"paylink/refund"
	"paylink/store"
	"paylink/store/storetest"
)

// till opens an account with a gateway that gives money back and takes answers, and what follows payments.
func (o *office) till() paylink.AccountID {
	o.t.Helper()
	o.board.Refunds = refund.New(refund.Deps{
		Store: o.store, Ring: o.board.Ring, Gateways: map[string]gateway.Gateway{"sandbox": sandboxgateway.New(outbound.New(outbound.Options{}))}, Now: o.clock, Log: o.board.Log,
	})
	return o.account("sandbox")
}

func (o *office) account(of string) paylink.AccountID {
	o.pass(time.Millisecond)
	id := paylink.NewAccountID(o.clock())
	o.write(func(tx *store.Tx) {
		tx.InsertAccount(paylink.Account{ID: id, Merchant: o.merchant.ID, Kind: paylink.AccountGateway, Provider: of, Name: "Till", Secret: provider.SealSecret(o.board.Ring, id, "secret")}, o.clock())
	})
	return id
}

// taken is a captured payment of ₹2,450.00 at the account.
func (o *office) taken(account paylink.AccountID, change func(*paylink.Payment)) paylink.Payment {
	o.t.Helper()
	o.pass(time.Second)
	l := o.link(nil)
	now := o.clock()
	p := paylink.Payment{
		ID: paylink.NewPaymentID(now), Merchant: l.Merchant, Link: l.ID, Status: paylink.PaymentCaptured, Amount: l.Amount, AmountCaptured: l.Amount.Minor,
		Gateway: "sandbox", Account: account, Method: paylink.MethodUPI, Reference: paylink.NewPaymentReference(), CreatedAt: now, UpdatedAt: now, CapturedAt: now,
	}
	if change != nil {
		change(&p)
	}
	o.write(func(tx *store.Tx) {
		tx.InsertPayment(p)
		must(o.t, ledger.Post(tx, now, paylink.PaymentEntries(p)...))
	})
	return p
}

// objected is a dispute about a payment, as a gateway has told it.
func (o *office) objected(p paylink.Payment, change func(*paylink.Dispute)) paylink.Dispute {
	o.t.Helper()
	o.pass(time.Second)
	now := o.clock()
	d := paylink.Dispute{
		ID: paylink.NewDisputeID(now), Merchant: p.Merchant, Link: p.Link, Payment: p.ID, Account: p.Account, Gateway: p.Gateway, GatewayReference: "dsp_" + string(p.ID),
		Amount: p.Amount, Status: paylink.DisputeNeedsResponse, Reason: "not_received", Withdrawn: true, Fee: 1500, DueAt: now.Add(7 * 24 * time.Hour), ToldAt: now, CreatedAt: now, UpdatedAt: now,
	}
	if change != nil {
		change(&d)
	}
	p.Dispute, p.AmountDisputed = d.Status, d.Amount.Minor
	o.write(func(tx *store.Tx) { tx.InsertDispute(d); tx.DisputePayment(p) })
	return d
}

func (o *office) dispute(id paylink.DisputeID) paylink.Dispute {
	o.t.Helper()
	d, err := o.store.Read(o.t.Context()).Dispute(o.merchant.ID, false, id)
	must(o.t, err)
	return d
}

// A merchant finds what waits with its due date, the most urgent first, and the rest by where it stands.
func TestDisputesAreListedByStatusWithTheirDates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		if page := o.get("/dashboard/test/disputes").Body.String(); !strings.Contains(page, "No dispute waits for you") {
			t.Error("an empty list says nothing")
		}
		till := o.till()
		later := o.objected(o.taken(till, nil), nil)
		soon := o.objected(o.taken(till, nil), func(d *paylink.Dispute) { d.DueAt, d.Reason = o.clock().Add(26*time.Hour+time.Minute), "fraudulent" })
		won := o.objected(o.taken(till, nil), func(d *paylink.Dispute) { d.Status, d.Withdrawn = paylink.DisputeWon, false })
		page := o.get("/dashboard/test/disputes").Body.String()
		first, second := strings.Index(page, string(soon.ID)), strings.Index(page, string(later.ID))
		if first < 0 || second < first || strings.Contains(page, string(won.ID)) {
			t.Errorf("those that wait stand at %d and %d, or a decided one among them", first, second)
		}
		o.shows(page, "Answer by ", "(in 26 hours)", "The customer says that somebody else paid.", "Waits for you", `aria-current="page"`)
		page = o.get("/dashboard/test/disputes?status=won").Body.String()
		if !strings.Contains(page, string(won.ID)) || strings.Contains(page, string(soon.ID)) {
			t.Error("the won ones are not those that are listed")
		}
		if page = o.get("/dashboard/test/disputes?status=all").Body.String(); strings.Count(page, "data-dispute=") != 3 {
			t.Errorf("all are %d", strings.Count(page, "data-dispute="))
		}
		for _, path := range []string{"/dashboard/test/disputes?status=x", "/dashboard/live/disputes/" + string(won.ID), "/dashboard/test/disputes/dspt_x"} {
			if w := o.get(path); w.Code != http.StatusNotFound {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
		o.shows(o.get("/dashboard/test/payments/"+string(soon.Payment)).Body.String(), "The customer disputes this payment", "/dashboard/test/disputes/"+string(soon.ID))
	})
}

// What is known stands on the page, the merchant adds to it, and the bank is told once, however often a button is
// pressed.
func TestDisputeIsAnsweredFromItsPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		d := o.objected(o.taken(o.till(), nil), nil)
		path := "/dashboard/test/disputes/" + string(d.ID)
		page := o.get(path)
		o.shows(page.Body.String(), "INR 2450.00 paid by upi", "Asha", "Give the day below.", "Send evidence", "Accept the dispute", "₹15.00", "Asha …42 a…@example.com", "It is not known.")
		form := url.Values{"form_key": {key(t, page)}, "text": {"Signed for at the door.\r\nTwice."}, "delivered": {"2026-11-20"}}
		wrong := o.post(path+"/evidence", url.Values{"text": {"Signed"}, "delivered": {"2026-12-24"}})
		if wrong.Code != http.StatusUnprocessableEntity {
			t.Errorf("a day to come: %d", wrong.Code)
		}
		o.shows(wrong.Body.String(), "That day is still to come.", ">Signed</textarea>", `value="2026-12-24"`)
		for range 2 {
			if w := o.post(path+"/evidence", form); w.Code != http.StatusSeeOther || !strings.HasSuffix(w.Header().Get("Location"), "?note=contested") {
				t.Fatalf("%d to %s", w.Code, w.Header().Get("Location"))
			}
		}
		if now := o.dispute(d.ID); now.Answer != paylink.AnswerContest || now.AnsweredBy == "" {
			t.Errorf("it is answered %q by %q", now.Answer, now.AnsweredBy)
		}
		after := o.get(path + "?note=contested").Body.String()
		o.shows(after, "Your evidence is on its way to the bank.", "Signed for at the door.\nTwice.", "Delivered on 19 Nov 2026 18:30 UTC")
		if strings.Contains(after, "+919812345642") || strings.Contains(after, "asha@example.com") {
			t.Error("the page shows how to reach the customer")
		}
		if strings.Contains(after, "Send evidence") || strings.Contains(after, "Accept the dispute") {
			t.Error("an answered dispute can be answered again")
		}
		if w := o.post(path+"/accept", url.Values{"confirm": {"yes"}}); !strings.HasSuffix(w.Header().Get("Location"), "?note=dispute_answered") {
			t.Errorf("accepted after it was answered: %s", w.Header().Get("Location"))
		}
	})
}

// Giving in costs the money, so that it takes a tick; where the gateway hears no answers, the page says where to go.
func TestDisputeIsAcceptedOnlyWhenConfirmed(t *testing.T) {
	o := newOffice(t, storetest.Open(t, "sqlite"))
	till := o.till()
	d := o.objected(o.taken(till, nil), nil)
	path := "/dashboard/test/disputes/" + string(d.ID)
	if w := o.post(path+"/accept", url.Values{"form_key": {strings.Repeat("a", 32)}}); !strings.HasSuffix(w.Header().Get("Location"), "?note=not_confirmed") || o.dispute(d.ID).Answer != "" {
		t.Errorf("without a tick: %s, %q", w.Header().Get("Location"), o.dispute(d.ID).Answer)
	}
	if w := o.post(path+"/accept", url.Values{"confirm": {"yes"}}); !strings.HasSuffix(w.Header().Get("Location"), "?note=accepted") || o.dispute(d.ID).Answer != paylink.AnswerAccept {
		t.Errorf("with one: %s, %q", w.Header().Get("Location"), o.dispute(d.ID).Answer)
	}
	o.board.Refunds.Gateways = map[string]gateway.Gateway{"sandbox": struct{ gateway.Gateway }{o.board.Refunds.Gateways["sandbox"]}}
	mute := o.objected(o.taken(till, nil), nil)
	page := o.get("/dashboard/test/disputes/" + string(mute.ID)).Body.String()
	o.shows(page, "Answer at the gateway itself")
	if strings.Contains(page, "Send evidence") {
		t.Error("evidence is asked for that nobody takes")
	}
}
