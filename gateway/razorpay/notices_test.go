package razorpay_test

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/gateway/razorpay"
)

const (
	ownNotes  = `{"paylink_reference":"0123456789ABCDEFGHJK","paylink_account":"mer_1.acct_1","size":3}`
	onePaid   = `{"id":"pay_1","order_id":"order_1","amount":500,"currency":"INR","status":"captured","captured":true,"method":%s,"notes":%s,"fee":12,"tax":2,"acquirer_data":{"rrn":1165},"created_at":1623662800}`
	oneOrder  = `{"id":"order_1","receipt":"0123456789ABCDEFGHJK","amount":500,"currency":"INR","status":"paid","notes":%s,"created_at":1623662700}`
	eventText = `{"entity":"event","event":%q,"payload":%s,"created_at":1623662801}`
)

func told(name, payload string) gateway.Post {
	return gateway.Post{URL: &url.URL{}, Body: fmt.Appendf(nil, eventText, name, payload)}
}

func paidBy(method, notes string) string {
	return `{"payment":{"entity":` + fmt.Sprintf(onePaid, method, notes) + `}}`
}

// Money of another shop with the same keys is alarmed about, or ours is passed over because its notes came with
// the order only.
func TestNoticesAreAboutOurOwnPayments(t *testing.T) {
	g := razorpay.New(client(t))
	withOrder := func(payment, order string) string {
		return `{"payment":{"entity":` + fmt.Sprintf(onePaid, `"upi"`, payment) + `},"order":{"entity":` + fmt.Sprintf(oneOrder, order) + `}}`
	}
	for name, c := range map[string]struct {
		post gateway.Post
		want string // "ours", "nothing", "refused"
	}{
		"ours":                            {told("payment.captured", paidBy(`"upi"`, ownNotes)), "ours"},
		"ours, by a wallet":               {told("payment.captured", paidBy(`"wallet"`, ownNotes)), "ours"},
		"ours, told by the order":         {told("order.paid", withOrder(`[]`, ownNotes)), "ours"},
		"another shop's":                  {told("payment.captured", paidBy(`"upi"`, `[]`)), "nothing"},
		"another shop's, with notes":      {told("payment.captured", paidBy(`"upi"`, `{"cart":"7","ключ":{"a":[1]}}`)), "nothing"},
		"another shop's order":            {told("order.paid", withOrder(`[]`, `[]`)), "nothing"},
		"a payout":                        {told("settlement.processed", `{"settlement":{"entity":{}}}`), "nothing"},
		"an event that is not invented":   {told("payment.dreamt", paidBy(`"upi"`, ownNotes)), "nothing"},
		"no account":                      {told("payment.captured", paidBy(`"upi"`, `{"paylink_reference":"0123456789ABCDEFGHJK"}`)), "refused"},
		"another's order":                 {told("order.paid", strings.Replace(withOrder(`[]`, ownNotes), `"id":"order_1"`, `"id":"order_2"`, 1)), "refused"},
		"an order without its payment":    {told("order.paid", `{"order":{"entity":`+fmt.Sprintf(oneOrder, ownNotes)+`}}`), "refused"},
		"our notes twice":                 {told("payment.captured", paidBy(`"upi"`, strings.Replace(ownNotes, `"size":3`, `"paylink_reference":"X123456789ABCDEFGHJK"`, 1))), "refused"},
		"our note in other letters, too":  {told("payment.captured", paidBy(`"upi"`, strings.Replace(ownNotes, `"size":3`, `"Paylin`+"\u212a"+`_reference":""`, 1))), "refused"},
		"a dispute without a word on it":  {told("payment.dispute.created", paidBy(`"upi"`, ownNotes)), "refused"},
		"a refund without a word on it":   {told("refund.processed", paidBy(`"upi"`, ownNotes)), "refused"},
		"a refund without its payment":    {told("refund.processed", `{"refund":{"entity":{"id":"rfnd_1"}}}`), "refused"},
		"a captured payment with no name": {told("payment.captured", `{}`), "refused"},
	} {
		news, err := g.Read(gateway.Account{}, c.post)
		got := "ours"
		switch {
		case err != nil:
			got = "refused"
		case reflect.DeepEqual(news, gateway.News{}):
			got = "nothing"
		}
		if got != c.want {
			t.Errorf("%s is %s, want %s: %+v, %v", name, got, c.want, news, err)
		}
		if got == "ours" {
			if w := news.Words[0]; w.Reference != "0123456789ABCDEFGHJK" || w.Account != "mer_1.acct_1" || w.Fee != 10 || w.Tax != 2 || w.BankReference != "1165" {
				t.Errorf("%s: %+v", name, w)
			}
		}
	}
}

// A body that a stranger makes up brings the inbound door down, or money that cannot be.
func FuzzReadOfNotices(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(eventText, "payment.captured", paidBy(`"upi"`, ownNotes))))
	f.Add([]byte(fmt.Sprintf(eventText, "refund.processed", `{"refund":{"entity":{"id":"rfnd_1","payment_id":"pay_1","amount":5,"currency":"INR","status":"processed","created_at":1}},"payment":{"entity":{"id":"pay_1"}}}`)))
	f.Add([]byte(fmt.Sprintf(eventText, "payment.dispute.lost", `{"dispute":{"entity":{"id":"disp_1","payment_id":"pay_1","amount":5,"currency":"INR","status":"lost","created_at":1}}}`)))
	g := razorpay.New(client(f))
	f.Fuzz(func(t *testing.T, body []byte) {
		news, err := g.Read(gateway.Account{}, gateway.Post{URL: &url.URL{}, Body: body})
		if err != nil {
			if len(err.Error()) > 200 || strings.ContainsAny(err.Error(), "\x00\n\r") || !reflect.DeepEqual(news, gateway.News{}) {
				t.Fatalf("refused with %+v and %q", news, err)
			}
			return
		}
		for _, w := range news.Words {
			if !paywire.IsReference(w.Reference) || !paywire.Possible(w.Amount) || w.Account == "" || (w.Status == paylink.PaymentFailed) != (w.Decline.Group != "") {
				t.Fatalf("%q read as %+v", body, w)
			}
		}
		for _, w := range news.Refunds {
			if w.Payment == "" || !paywire.Possible(w.Amount) || w.At.IsZero() {
				t.Fatalf("%q read as %+v", body, w)
			}
		}
		for _, w := range news.Disputes {
			if w.Payment == "" || !paywire.Possible(w.Amount) || w.At.IsZero() {
				t.Fatalf("%q read as %+v", body, w)
			}
		}
	})
}
