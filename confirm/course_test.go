package confirm_test

import (
	"strconv"
	"time"

	"pgregory.net/rapid"

	"paylink"
	"paylink/gateway"
)

// course is what happens to one payment at its gateway, in order, at most six words of it.
type course struct {
	Words    []string // pending, failed, authorised, captured, refund pending|succeeded|failed, dispute needs_response|under_review|won|lost
	Captured int64    // minor units
	Refund   int64
	Dispute  int64
}

// courses are all that a gateway could tell of a payment of asked minor units; it never gives back more than it has.
func courses(asked int64) *rapid.Generator[course] {
	return rapid.Custom(func(t *rapid.T) course {
		c := course{Captured: asked}
		c.Words = append(c.Words, rapid.SampledFrom([][]string{{}, {"pending"}, {"failed"}, {"authorised"}, {"pending", "failed"}}).Draw(t, "before")...)
		if rapid.IntRange(0, 7).Draw(t, "unpaid") == 0 {
			return c
		}
		c.Captured += rapid.SampledFrom([]int64{0, 0, 0, 0, 500, -500}).Draw(t, "more")
		c.Words = append(c.Words, "captured")
		refund := rapid.SampledFrom([][]string{nil, {"succeeded"}, {"pending", "succeeded"}, {"succeeded", "failed"}, {"pending", "succeeded", "failed"}}).Draw(t, "refund")
		dispute := rapid.SampledFrom([][]string{nil, {"needs_response"}, {"needs_response", "won"}, {"needs_response", "under_review", "lost"}, {"needs_response", "lost", "won"}}).Draw(t, "dispute")
		c.Refund = rapid.Int64Range(1, asked/3).Draw(t, "refunded")
		if c.Dispute = c.Captured; len(refund) > 0 {
			c.Dispute -= c.Refund
		}
		for len(c.Words) < 6 && len(refund)+len(dispute) > 0 {
			if len(dispute) == 0 || len(refund) > 0 && rapid.Bool().Draw(t, "refund first") {
				c.Words, refund = append(c.Words, "refund "+refund[0]), refund[1:]
			} else {
				c.Words, dispute = append(c.Words, "dispute "+dispute[0]), dispute[1:]
			}
		}
		return c
	})
}

// plan is one run: a course for each payment of one link, and what reaches us of it in which order.
type plan struct {
	Courses     []course
	Over, Under paylink.Policy
	Deliveries  []int // places among all words; some stand twice, some not at all
}

func plans(asked int64) *rapid.Generator[plan] {
	return rapid.Custom(func(t *rapid.T) plan {
		policies := []paylink.Policy{"", paylink.PolicyAccept, paylink.PolicyHold, paylink.PolicyRefund, paylink.PolicyCredit}
		p := plan{
			Courses: rapid.SliceOfN(courses(asked), 1, 2).Draw(t, "courses"),
			Over:    rapid.SampledFrom(policies).Draw(t, "over"), Under: rapid.SampledFrom(policies).Draw(t, "under"),
		}
		n := 0
		for _, c := range p.Courses {
			n += len(c.Words)
		}
		for place := range n {
			for range rapid.SampledFrom([]int{0, 1, 1, 1, 1, 2}).Draw(t, "times") {
				p.Deliveries = append(p.Deliveries, place)
			}
		}
		p.Deliveries = rapid.Permutation(p.Deliveries).Draw(t, "deliveries")
		return p
	})
}

// said is one word of a course as its gateway posts it.
type said struct {
	course int
	word   string
	body   []byte
}

// happen makes the course true at the bank, and gives its words.
func (c course) happen(sh *shop, b *bank, i int, p paylink.Payment) (all []said) {
	o := &order{}
	b.orders[p.Reference] = o
	for n, word := range c.Words {
		at := sh.now.Add(time.Duration(n) * time.Second)
		var body []byte
		switch kind, status := cut(word); kind {
		case "refund":
			id, code := "sbx_rfd_"+strconv.Itoa(i), ""
			if status == "failed" {
				code = "account_closed"
			}
			body = sh.about(kind, status, map[string]any{
				"id": id, "reference": "", "of": p.Reference, "payment": "sbx_pay_" + p.Reference, "amount": c.Refund, "code": code, "message": "",
				"bank_reference": "", "fee": 0, "tax": 0, "at": at,
			})
			o.refund = &gateway.RefundWord{
				GatewayReference: id, Of: p.Reference, Payment: "sbx_pay_" + p.Reference, Amount: paylink.Money{Minor: c.Refund, Currency: "INR"},
				Status: paylink.RefundStatus(status), Code: code, At: at,
			}
			if o.refunded = 0; status == "succeeded" || status == "pending" {
				o.refunded = c.Refund
			}
		case "dispute":
			id, withdrawn := "sbx_dsp_"+strconv.Itoa(i), status != "won"
			body = sh.about(kind, status, map[string]any{
				"id": id, "reference": p.Reference, "payment": "sbx_pay_" + p.Reference, "amount": c.Dispute, "reason": "not_received",
				"withdrawn": withdrawn, "fee": 0, "due_at": sh.now.Add(240 * time.Hour), "at": at,
			})
			o.dispute = &gateway.DisputeWord{
				GatewayReference: id, Of: p.Reference, Payment: "sbx_pay_" + p.Reference, Amount: paylink.Money{Minor: c.Dispute, Currency: "INR"},
				Status: paylink.DisputeStatus(status), Reason: "not_received", Withdrawn: withdrawn, DueAt: sh.now.Add(240 * time.Hour), At: at,
			}
			if o.withdrawn = 0; withdrawn {
				o.withdrawn = c.Dispute
			}
		default:
			changes := map[string]any{"at": at}
			if status = word; word == "captured" {
				o.paid, o.amount, o.fee, o.tax, changes["amount"] = true, c.Captured, 4900, 882, c.Captured
			}
			o.failed = word == "failed"
			body = sh.body(p, status, changes)
		}
		all = append(all, said{i, word, body})
	}
	if o.refund != nil && o.refund.Status == paylink.RefundPending { // what is under way comes to an end
		o.refund.Status = paylink.RefundSucceeded
	}
	return all
}
