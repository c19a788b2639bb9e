package razorpay_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/gatewaytest"
)

func (f *fake) refund(key string, r *http.Request, part []string, in object) (any, *refusal) {
	p, bad := f.find(key, f.payments, part[1])
	if bad != nil {
		return nil, bad
	}
	of := func(o object) bool { return o["payment_id"] == part[1] }
	switch {
	case r.Method == http.MethodGet && len(part) == 4:
		return f.find(key, f.refunds, part[3])
	case r.Method == http.MethodGet:
		return f.list(r, key, f.refunds, of), nil
	}
	amount, ok := whole(in["amount"])
	switch {
	case p["captured"] != true:
		return nil, &refusal{400, "The payment status should be captured for action to be taken"}
	case !ok || amount < 1 || amount > p.num("amount")-p.num("amount_refunded"):
		return nil, &refusal{400, "The total refund amount is greater than the refund payment amount"}
	case in["speed"] != "normal" && in["speed"] != "optimum":
		return nil, &refusal{400, "The selected speed is invalid."}
	}
	status := map[string]string{"": "processed", "refuses": "failed", "waits": "pending", "fails later": "processed"}[f.fate]
	made := f.newRefund(p, amount, status, in)
	if status != "failed" {
		p["amount_refunded"] = p.num("amount_refunded") + amount
	}
	var later string
	switch f.fate {
	case "waits":
		later = "processed"
	case "fails later":
		later = "failed"
	}
	f.fate = ""
	told, about := maps.Clone(made), maps.Clone(p)
	go func() {
		f.post("refund.created", map[string]object{"refund": told, "payment": about})
		f.post("refund."+told.text("status"), map[string]object{"refund": told, "payment": about})
		if later != "" {
			time.Sleep(50 * time.Millisecond)
			f.mu.Lock()
			made["status"] = later
			now := maps.Clone(made)
			f.mu.Unlock()
			f.post("refund."+later, map[string]object{"refund": now, "payment": about})
		}
	}()
	return told, nil
}

func (f *fake) newRefund(p object, amount int64, status string, in object) object {
	notes, receipt := any([]any{}), any(nil)
	if in["notes"] != nil {
		notes = in["notes"]
	}
	if in["receipt"] != nil {
		receipt = in["receipt"]
	}
	made := object{
		"id": f.id("rfnd", f.owner[p.text("id")]), "entity": "refund", "amount": amount, "currency": "INR", "payment_id": p.text("id"), "notes": notes, "receipt": receipt,
		"acquirer_data": object{"arn": "10000000000000"}, "created_at": f.now().Unix(), "batch_id": nil, "status": status, "speed_processed": "normal", "speed_requested": "normal",
	}
	f.refunds = append(f.refunds, made)
	return made
}

// elsewhere begins a refund on the dashboard's page.
func (f *fake) elsewhere(t *testing.T, of gateway.Known, amount paylink.Money) {
	t.Helper()
	f.mu.Lock()
	p, bad := f.find(f.ours.keyID, f.payments, of.Payment)
	if bad != nil {
		t.Fatal(bad)
	}
	p["amount_refunded"] = p.num("amount_refunded") + amount.Minor
	made, about := f.newRefund(p, amount.Minor, "processed", object{}), maps.Clone(p)
	f.mu.Unlock()
	f.post("refund.processed", map[string]object{"refund": made, "payment": about})
}

// refunding is the fake's side of the contract of refunds.
func (f *fake) refunding() *gatewaytest.Refunding {
	return &gatewaytest.Refunding{
		Next: func(_ *testing.T, fate gatewaytest.Fate) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.fate = string(fate)
		},
		Fates:   []gatewaytest.Fate{gatewaytest.Refuses, gatewaytest.Waits, gatewaytest.FailsLater},
		Repeats: true, Elsewhere: f.elsewhere,
		Spoil: func(genuine []byte) map[string][]byte {
			return spoilt(genuine, map[string][2]string{
				"an unknown status":             {`"status":"processed"`, `"status":"settled"`},
				"the amount twice":              {`"amount":245000`, `"amount":245000,"amount":1`},
				"a fraction of a minor unit":    {`"amount":245000`, `"amount":245000.5`},
				"no amount":                     {`"amount":245000,`, ``},
				"a negative amount":             {`"amount":245000`, `"amount":-245000`},
				"an unknown currency":           {`"INR"`, `"XXX"`},
				"no refund id":                  {`"id":"rfnd_`, `"if":"rfnd_`},
				"no payment id":                 {`"payment_id":`, `"payment_if":`},
				"another payment":               {`"payment_id":"pay_`, `"payment_id":"pay_1`},
				"no time":                       {`"created_at":`, `"ut":`},
				"a control character in a text": {`"arn":"`, `"arn":"\u0000`},
				"no payment":                    {`"payment":{"entity"`, `"paid":{"entity"`},
				"no refund":                     {`"refund":{"entity"`, `"found":{"entity"`},
			})
		},
	}
}

// dispute makes the customer's bank object.
func (f *fake) dispute(t *testing.T, k gateway.Known) string {
	t.Helper()
	f.mu.Lock()
	p, bad := f.find(f.ours.keyID, f.payments, k.Payment)
	if bad != nil {
		t.Fatal(bad)
	}
	d := object{
		"id": f.id("disp", f.ours.keyID), "entity": "dispute", "payment_id": k.Payment, "amount": p.num("amount"), "currency": "INR", "amount_deducted": int64(0),
		"reason_code": "goods_or_services_not_received_or_partially_received", "respond_by": f.now().Add(96 * time.Hour).Unix(), "status": "open",
		"phase": "chargeback", "created_at": f.now().Unix(), "evidence": object{"amount": p.num("amount"), "summary": nil, "billing_proof": nil, "submitted_at": nil},
	}
	f.disputes = append(f.disputes, d)
	told, about := maps.Clone(d), maps.Clone(p)
	f.mu.Unlock()
	f.post("payment.dispute.created", map[string]object{"dispute": told, "payment": about})
	return d.text("id")
}

// decide makes the bank say who is right.
func (f *fake) decide(t *testing.T, id string, won bool) {
	t.Helper()
	status := "won"
	if !won {
		status = "lost"
	}
	f.mu.Lock()
	d, bad := f.find(f.ours.keyID, f.disputes, id)
	if bad != nil {
		t.Fatal(bad)
	}
	told, about := f.turn(d, status)
	f.mu.Unlock()
	f.post("payment.dispute."+status, map[string]object{"dispute": told, "payment": about})
}

// turn changes a dispute and gives what is told of it.
func (f *fake) turn(d object, status string) (object, object) {
	if d["status"] = status; status == "lost" {
		d["amount_deducted"] = d.num("amount")
	}
	p, _ := f.find(f.owner[d.text("id")], f.payments, d.text("payment_id"))
	return maps.Clone(d), maps.Clone(p)
}

func (f *fake) disputed(key string, r *http.Request, part []string, in object) (any, *refusal) {
	if r.Method == http.MethodGet && len(part) == 1 {
		return f.list(r, key, f.disputes, nil), nil
	}
	d, bad := f.find(key, f.disputes, part[1])
	if bad != nil {
		return nil, bad
	}
	status := ""
	switch route := r.Method + " " + part[len(part)-1]; {
	case d["status"] != "open":
		return nil, &refusal{400, "Action not allowed on a dispute that is not open"}
	case route == "PATCH contest":
		summary := in.text("summary")
		papers, _ := in["billing_proof"].([]any)
		for _, paper := range papers {
			if _, bad := f.find(key, f.papers, paper.(string)); bad != nil {
				return nil, bad
			}
		}
		if in["action"] != "submit" || len([]rune(summary)) > 1000 || summary == "" && len(papers) == 0 {
			return nil, &refusal{400, "The evidence is incomplete"}
		}
		d["evidence"] = object{"amount": d.num("amount"), "summary": summary, "billing_proof": papers, "submitted_at": f.now().Unix()}
		status = "under_review"
	case route == "POST accept":
		status = "lost"
	default:
		return nil, noURL
	}
	told, about := f.turn(d, status)
	go f.post("payment.dispute."+status, map[string]object{"dispute": told, "payment": about})
	return told, nil
}

// keepPaper takes a document of the two fields that Razorpay wants.
func (f *fake) keepPaper(key string, r *http.Request) (any, *refusal) {
	file, header, err := r.FormFile("file")
	if err != nil || r.FormValue("purpose") != "dispute_evidence" || !strings.Contains("application/pdf image/png image/jpeg", header.Header.Get("Content-Type")) {
		return nil, &refusal{400, "The file or its purpose is missing"}
	}
	defer func() { _ = file.Close() }()
	paper := object{
		"id": f.id("doc", key), "entity": "document", "purpose": "dispute_evidence", "name": header.Filename, "mime_type": header.Header.Get("Content-Type"),
		"size": header.Size, "created_at": f.now().Unix(),
	}
	f.papers = append(f.papers, paper)
	return paper, nil
}
