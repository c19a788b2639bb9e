package confirm_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paylink"
	"paylink/audit"
	"paylink/queue"
	"paylink/queue/queuetest"
	"paylink/refund"
	"paylink/store"
	"paylink/store/storetest"
)

// Notices overtake each other, come twice and are lost, of one payment and of two for one link: in the end everything
// here is as it is at the gateway, one of two surplus successes is kept, and at every step the books balance.
func TestEveryOrderOfNoticesEndsAsTheGatewayKnowsIt(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			p := plans(245000).Draw(rt, "plan")
			follow(t, rt, storetest.Open(t, "sqlite"), p)
		})
	})
	t.Run("postgres", func(t *testing.T) {
		s := storetest.Open(t, "postgres")
		for seed := range 8 {
			follow(t, t, s, plans(245000).Example(seed))
		}
	})
}

// stage is one plan that is being followed.
type stage struct {
	t        fataler
	sh       *shop
	bank     *bank
	refunds  *refund.Refunds
	link     paylink.Link
	payments []paylink.Payment
	plan     plan
}

type fataler interface {
	Fatalf(format string, args ...any)
}

func follow(tb *testing.T, t fataler, s *store.Store, p plan) {
	sh := openShop(tb, s)
	b := newBank(sh.confirm.Gateways["sandbox"])
	sh.confirm.Gateways["sandbox"] = b
	g := &stage{t: t, sh: sh, bank: b, plan: p}
	g.refunds = refund.New(refund.Deps{Store: s, Ring: sh.ring, Gateways: sh.confirm.Gateways, Now: sh.confirm.Now, Log: slog.New(slog.DiscardHandler)})
	// The first try was given up, and succeeds all the same; or there was one only.
	status := paylink.PaymentActionRequired
	if len(p.Courses) == 2 {
		status = paylink.PaymentAbandoned
	}
	l, first := sh.link(status, func(l *paylink.Link) { l.Terms.OnOver, l.Terms.OnUnder, l.ExpiresAt = p.Over, p.Under, time.Time{} })
	g.link, g.payments = l, []paylink.Payment{first}
	if len(p.Courses) == 2 {
		sh.now = sh.now.Add(time.Second)
		second := sh.payment(l, paylink.PaymentActionRequired)
		sh.write(func(tx *store.Tx) error { tx.InsertPayment(second); return nil })
		g.payments = append(g.payments, second)
	}
	g.begin()
	var words []said
	for i, c := range p.Courses {
		words = append(words, c.happen(sh, b, i, g.payments[i])...)
	}
	heard := map[int]bool{}
	for _, place := range p.Deliveries {
		sh.receiveSigned(words[place].body)
		heard[place] = true
		g.step(words[place].word)
	}
	for _, p := range g.payments {
		g.sh.askNow(p)
	}
	g.step("the look-ups")
	if err := sh.confirm.LookAtDisputes(tb.Context()); err != nil {
		t.Fatalf("look at the disputes: %v", err)
	}
	g.step("the list of disputes")
	// What nobody asks about is posted until it is taken.
	for place, w := range words {
		refund := strings.HasPrefix(w.word, "refund")
		late := w.word == "captured" && g.now(w.course).Status == paylink.PaymentFailed
		if !heard[place] && (refund || late) {
			sh.receiveSigned(w.body)
			g.step(w.word + ", at last")
		}
	}
	for range 24 { // what had to wait for another word is tried again
		sh.now = sh.now.Add(30 * time.Minute)
		if g.work(); !g.waits() {
			break
		}
	}
	if err := sh.confirm.LookAtDisputes(tb.Context()); err != nil {
		t.Fatalf("look at the disputes: %v", err)
	}
	g.step("everything")
	g.end()
}

// begin tells that the payments were started, and of two that the first was given up.
func (g *stage) begin() {
	g.sh.write(func(tx *store.Tx) error {
		l, err := tx.Link(g.sh.merchant, false, g.link.ID)
		if err != nil {
			return err
		}
		read := l.UpdatedAt
		for _, p := range g.payments {
			is := p.Status
			p.Status = paylink.PaymentCreated
			told := l.Tell(g.sh.now, "customer", nil, &p, paylink.EventPaymentStarted)
			if p.Status = is; is == paylink.PaymentAbandoned {
				told = append(told, l.Tell(g.sh.now, "customer", nil, &p, paylink.EventPaymentAbandoned)...)
			}
			for _, e := range told {
				tx.AppendEvent(e)
			}
		}
		tx.UpdateLink(l, read)
		return nil
	})
}

func (g *stage) work() {
	queuetest.Drain(g.sh.t, g.sh.store, func() time.Time { return g.sh.now }, func(q *queue.Queue) {
		g.sh.confirm.Register(q)
		g.refunds.Register(q)
	})
}

// waits tells whether a notice or a refund is still to be tried.
func (g *stage) waits() bool {
	next, err := g.sh.store.Read(g.sh.t.Context()).NextJobs([]string{string(paylink.JobNotice), string(paylink.JobRefund)})
	if err != nil {
		g.t.Fatalf("read the jobs: %v", err)
	}
	return slices.ContainsFunc(next, func(at time.Time) bool { return !at.IsZero() })
}

func (g *stage) now(i int) paylink.Payment {
	p, err := g.sh.store.Read(g.sh.t.Context()).Payment(g.sh.merchant, false, g.payments[i].ID)
	if err != nil {
		g.t.Fatalf("read payment %d: %v", i, err)
	}
	return p
}

// step does what is due and proves the books: by the verifier, and by what the gateway owes according to the payments.
func (g *stage) step(after string) {
	g.work()
	v := audit.Verifier{Store: g.sh.store, Ring: g.sh.ring, Now: func() time.Time { return g.sh.now }}
	if r, err := v.Verify(g.sh.t.Context()); err != nil || r.Broken != nil {
		g.t.Fatalf("after %s: %v (%v)", after, r.Broken, err)
	}
	want := int64(0)
	for i := range g.payments {
		if p := g.now(i); p.Status == paylink.PaymentCaptured {
			want += p.AmountCaptured - p.Fee - p.Tax - p.AmountRefunded - p.AmountDisputed - p.AmountReversed
		}
	}
	g.owes(after, want)
}

// owes fails unless the books say that the gateway owes so much.
func (g *stage) owes(after string, want int64) {
	balances, err := g.sh.store.Read(g.sh.t.Context()).LedgerBalances(store.LedgerFilter{Merchant: g.sh.merchant, Account: paylink.LedgerGatewayReceivable})
	got := int64(0)
	for _, b := range balances {
		got += b.Amount()
	}
	if err != nil || got != want {
		g.t.Fatalf("after %s the gateway owes %d, want %d (%v)", after, got, want, err)
	}
}

// end holds everything here to the truth at the bank.
func (g *stage) end() {
	owed, kept, due := int64(0), 0, false
	for i, c := range g.plan.Courses {
		p, o := g.now(i), g.bank.orders[g.payments[i].Reference]
		paid := o.paid && g.believed(c)
		if paid != (p.Status == paylink.PaymentCaptured) {
			g.t.Fatalf("payment %d is %s, at the gateway %+v; notices %v", i, p.Status, o, g.sh.verdicts())
		}
		if !paid {
			continue
		}
		due = true
		owed += o.amount - o.fee - o.tax - o.refunded - o.withdrawn
		status := paylink.DisputeStatus("")
		if o.dispute != nil {
			status = o.dispute.Status
		}
		if p.AmountCaptured != o.amount || p.AmountRefunded != o.refunded || p.AmountRefunding != 0 || p.AmountDisputed != o.withdrawn || p.Dispute != status {
			g.t.Fatalf("payment %d has %d captured, %d given back, %d under way, %d disputed as %q; the gateway says %+v, notices %v",
				i, p.AmountCaptured, p.AmountRefunded, p.AmountRefunding, p.AmountDisputed, p.Dispute, o, g.sh.verdicts())
		}
		if p.Counts() {
			kept++
		}
		if p.Abnormal == paylink.AbnormalDuplicate && o.dispute == nil && o.refund == nil && (o.refunded != o.amount || g.bank.begun[p.Reference] != 1) {
			g.t.Fatalf("the surplus of %d came back as %d in %d refunds", o.amount, o.refunded, g.bank.begun[p.Reference])
		}
		if n := g.bank.begun[p.Reference]; n > 1 || n == 1 && p.Disposition != paylink.PolicyRefund {
			g.t.Fatalf("payment %d, %q, was refunded %d times", i, p.Disposition, n)
		}
	}
	exact := !slices.ContainsFunc(g.plan.Courses, func(c course) bool { return c.Captured != 245000 })
	if exact && due && kept != 1 {
		g.t.Fatalf("%d payments of the link count", kept)
	}
	g.owes("all that the gateway knows", owed)
}

// believed tells whether the merchant takes such an amount at all.
func (g *stage) believed(c course) bool {
	return c.Captured == 245000 || c.Captured > 245000 && g.plan.Over != "" || c.Captured < 245000 && g.plan.Under != ""
}

func cut(word string) (kind, status string) {
	kind, status, _ = strings.Cut(word, " ")
	return kind, status
}
