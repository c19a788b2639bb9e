package notify

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// Webhooks show the merchant the customer whom events only mask, and nobody once erased; the bytes
// are the same at each rendering, and never more than a receiver must take.
func TestBodiesShowTheCustomerUntilErased(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newTown(t, s)
		m := w.merchant()
		c := paylink.Customer{ID: paylink.NewCustomerID(noon), Merchant: m, Name: "Asha", Phone: "+919812345642", Locale: "hi", CreatedAt: noon}
		w.write(func(tx *store.Tx) { tx.InsertCustomer(c) })
		link := paylink.Link{ID: "plink_1", Merchant: m, Amount: paylink.Money{Minor: 100, Currency: "INR"}, Notes: "n", CreatedAt: noon, UpdatedAt: noon}
		event := paylink.Event{ID: "evt_1", Merchant: m, Sequence: 7, At: noon, Type: paylink.EventLinkPaid, Data: paylink.EventData{
			Link: link.Snapshot(&c), Message: &paylink.MessageSnapshot{ID: "msg_gone", To: "…42"},
		}}
		read := s.Read(t.Context())
		text, err := render(read, w.notify.Ring, event, APIVersion)
		must(t, err)
		same, err := render(read, w.notify.Ring, event, APIVersion)
		must(t, err)
		var got struct {
			Type, ID, Timestamp string
			Livemode            bool
			Merchant            paylink.MerchantID `json:"merchant_id"`
			Sequence            int64
			Version             string `json:"api_version"`
			Data                struct {
				Link struct {
					ID       string
					Customer map[string]any
				} `json:"payment_link"`
				Message map[string]any
			}
		}
		must(t, json.Unmarshal(text, &got))
		if string(same) != string(text) || got.Type != "payment_link.paid" || got.ID != "evt_1" || got.Timestamp != "2026-11-22T12:00:00Z" ||
			got.Merchant != m || got.Sequence != 7 || got.Version != APIVersion || got.Data.Link.ID != "plink_1" {
			t.Errorf("the body is %s", text)
		}
		want := map[string]any{"id": string(c.ID), "name": "Asha", "phone": "+919812345642", "email": nil, "locale": "hi"}
		if !reflect.DeepEqual(got.Data.Link.Customer, want) {
			t.Errorf("the customer is %v, want %v", got.Data.Link.Customer, want)
		}
		if to, ok := got.Data.Message["to"]; !ok || to != nil {
			t.Errorf("a message that is gone was sent to %v", to)
		}
		c.ID = "cust_gone"
		event.Data.Link = link.Snapshot(&c)
		text, err = render(read, w.notify.Ring, event, APIVersion)
		must(t, err)
		if strings.Contains(string(text), "A…") || !strings.Contains(string(text), `"customer":{"id":"cust_gone","name":null,"phone":null,"email":null`) {
			t.Errorf("an erased customer is shown as %s", text)
		}
		link.Metadata = map[string]string{"k": strings.Repeat("x", 30_000)}
		event.Data.Link = link.Snapshot(nil)
		text, err = render(read, w.notify.Ring, event, APIVersion)
		must(t, err)
		if len(text) > maxBody || !strings.Contains(string(text), `"metadata":null`) || !strings.Contains(string(text), `"omitted":["data.payment_link.metadata"`) {
			t.Errorf("a large link makes %d bytes", len(text))
		}
	})
}

// A webhook told that a discount code was made, or an account disconnected, and not which one: what an event is
// about has to be in what receivers read.
func TestBodiesLeaveNothingOfAnEventOut(t *testing.T) {
	told := reflect.TypeFor[data]()
	e := paylink.EventData{
		Step: &paylink.Step{Number: 2}, Risk: &paylink.RiskSnapshot{}, DiscountCode: &paylink.DiscountCodeSnapshot{ID: "dcode_1"},
		Account: &paylink.AccountSnapshot{ID: "acct_1"}, Suppression: &paylink.SuppressionSnapshot{ID: "supp_1"}, Merchant: &paylink.MerchantSnapshot{ID: "mer_1"},
		Endpoint: &paylink.EndpointSnapshot{ID: "we_1"}, Bulk: &paylink.BulkSnapshot{ID: "bulk_1"}, Payment: &paylink.PaymentSnapshot{ID: "pay_1"},
	}
	text, err := render(store.Reader{}, nil, paylink.Event{Data: e}, "")
	must(t, err)
	var b struct{ Data map[string]json.RawMessage }
	must(t, json.Unmarshal(text, &b))
	of := reflect.TypeFor[paylink.EventData]()
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		if !slices.ContainsFunc(reflect.VisibleFields(told), func(f reflect.StructField) bool {
			return strings.HasPrefix(f.Tag.Get("json"), name+",")
		}) {
			t.Errorf("%s is in no body", name)
		}
		if b.Data[name] == nil && !reflect.ValueOf(e).Field(i).IsNil() {
			t.Errorf("%s is not told: %s", name, text)
		}
	}
}
