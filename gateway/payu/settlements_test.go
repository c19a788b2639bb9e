package payu_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/payu"
	"paylink/provider/providertest"
	"paylink/provider/schematest"
)

// paidOut is a row of a payout, as PayU's documents show it.
func paidOut(request int, action, utr, net, fee, tax string) map[string]any {
	return map[string]any{
		"payuid": fmt.Sprintf("1379917%04d", request), "txnid": "13818", "txndate": "2021-08-10 23:46:25", "mode": "DC", "amount": "100.00", "requestid": fmt.Sprint(9586840660 + request),
		"requestdate": "2021-08-10 23:49:16", "requestaction": action, "requestamount": "100.00", "mer_utr": utr, "mer_service_fee": fee, "mer_service_tax": tax, "mer_net_amount": net,
		"bank_name": "VISA", "issuing_bank": "HDFC", "merchant_subvention_amount": "0.00", "cgst": "0.00", "igst": tax, "sgst": "0.00", "PG_TYPE": "CYBS", "Card Type": "Domestic", "token": nil,
	}
}

// Payouts are counted short where a day has more rows than a page, refunds are counted as money that came, or a day
// is left out.
func TestPayoutsAreSummedUpByTheBanksReference(t *testing.T) {
	t.Setenv("PAYLINK_SCHEMAS", "testdata")
	f := serve(t)
	for i := range 120 {
		f.settled["2026-11-21"] = append(f.settled["2026-11-21"], paidOut(i, "capture", "UTR2", "97.64", "2.00", "0.36"))
	}
	f.settled["2026-11-21"] = append(f.settled["2026-11-21"], paidOut(900, "refund", "UTR2", "50.00", "0.00", "0.00"), paidOut(901, "refund", "UTR2", "-50.00", "0.00", "0.00"),
		paidOut(902, "capture", "UTR1", "1.00", "0.00", "0.00"), paidOut(903, "capture", "", "7.00", "0.00", "0.00"))
	f.settled["2026-11-23"] = []map[string]any{paidOut(904, "capture", "UTR3", "2.50", "", "")}
	f.settled["2026-11-24"] = []map[string]any{paidOut(905, "capture", "UTR4", "9.00", "", "")}
	g, a := payu.New(client(t)), f.account(f.ours)
	a.BaseURL = schematest.Proxy(t, "payu.yaml", f.far.Origin)
	from := time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC) // in India the 21st
	rupees := func(minor int64) paylink.Money { return paylink.Money{Minor: minor, Currency: "INR"} }
	payout := func(utr string, minor, fee, tax int64, day int) gateway.Settlement {
		return gateway.Settlement{
			GatewayReference: utr, BankReference: utr, Amount: rupees(minor), Fee: fee, Tax: tax, Status: gateway.SettlementPaid,
			At: time.Date(2026, 11, day-1, 18, 30, 0, 0, time.UTC),
		}
	}
	var all []gateway.Settlement
	cursor, pages := "", 0
	for pages == 0 || cursor != "" {
		some, next, err := g.Settlements(t.Context(), a, from, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), cursor)
		if err != nil {
			t.Fatal(err)
		}
		all, cursor, pages = append(all, some...), next, pages+1
	}
	want := []gateway.Settlement{payout("UTR1", 100, 0, 0, 21), payout("UTR2", 120*9764-10000, 120*200, 120*36, 21), payout("UTR3", 250, 0, 0, 23)}
	if !reflect.DeepEqual(all, want) || pages != 3 {
		t.Errorf("in %d pages %+v, want %+v", pages, all, want)
	}
	a.Secret = "wrong"
	if _, _, err := g.Settlements(t.Context(), a, from, from, ""); providertest.Ending(err) != "rejected" {
		t.Errorf("a wrong salt ended %q", providertest.Ending(err))
	}
}

// A payout that cannot be is matched with the bank.
func TestStrangePayoutsAreNotTaken(t *testing.T) {
	good := `{"status":1,"msg":"1 transactions settled on 2021-08-11","Txn_details":[{"requestid":"1","requestaction":"capture","mer_utr":"UTR1","mer_service_fee":"0.00","mer_service_tax":"0.00","mer_net_amount":"97.64"}]}`
	for name, c := range map[string]struct{ answer, want string }{
		"itself":                  {good, "well"},
		"a list counted from one": {strings.NewReplacer(`[{`, `{"1":{`, `}]`, `}}`).Replace(good), "well"},
		"nothing":                 {`{"status":0,"msg":"0 transactions settled on 2021-08-11"}`, "well"},
		"no list":                 {`{"status":1,"msg":"1 transactions settled on 2021-08-11"}`, "unknown"},
		"an amount with a comma":  {strings.Replace(good, "97.64", "1,097.64", 1), "unknown"},
		"a part of a paisa":       {strings.Replace(good, "97.64", "97.641", 1), "unknown"},
		"an amount beyond all":    {strings.Replace(good, "97.64", "99999999999.00", 1), "unknown"},
		"a reference with a path": {strings.Replace(good, "UTR1", "../UTR", 1), "unknown"},
		"no action":               {strings.Replace(good, `"requestaction":"capture",`, "", 1), "unknown"},
		"HTML":                    {"<html>busy</html>", "unknown"},
	} {
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(c.answer)) })
		})
		a := gateway.Account{ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: "s", Fields: map[string]string{"key": "C0Dr8m"}}
		_, _, err := payu.New(client(t)).Settlements(t.Context(), a, time.Now(), time.Now(), "")
		if got := providertest.Ending(err); got != c.want {
			t.Errorf("an answer with %s ended %q, want %q (%v)", name, got, c.want, err)
		}
	}
}
