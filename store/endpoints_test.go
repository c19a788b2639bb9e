package store_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// What is written comes back whole, to its merchant and in its mode only; a change that did not see
// the latest one is refused.
func TestEndpointRoundTrip(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		e := paylink.Endpoint{
			ID: "we_1", Merchant: "mer_a", Live: true, URL: "https://shop.example/ä", Events: []string{"payment_link.paid", "*"}, Description: "shop",
			Status: paylink.EndpointEnabled, Secret: []byte{0, 1}, SigningKey: []byte{2}, PublicKey: []byte{3}, APIVersion: "2026-11-22",
			CreatedAt: claimedAt, UpdatedAt: claimedAt,
		}
		write := func(fn func(tx *store.Tx)) error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				fn(tx)
				return nil
			})
		}
		if err := write(func(tx *store.Tx) { tx.InsertEndpoint(e) }); err != nil {
			t.Fatal(err)
		}
		e.URL, e.Events, e.Status, e.Secret = "https://shop.example/new", []string{"*"}, paylink.EndpointParked, []byte{9}
		e.FailingSince, e.UpdatedAt = claimedAt.Add(time.Hour), claimedAt.Add(2*time.Hour)
		if err := write(func(tx *store.Tx) { tx.UpdateEndpoint(e, claimedAt) }); err != nil {
			t.Fatal(err)
		}
		got, err := s.Read(t.Context()).Endpoint("mer_a", true, "we_1")
		if err != nil || !reflect.DeepEqual(got, e) {
			t.Errorf("got  %+v, %v\nwant %+v", got, err, e)
		}
		var conflict *paylink.Conflict
		if err := write(func(tx *store.Tx) { tx.UpdateEndpoint(e, claimedAt) }); !errors.As(err, &conflict) || conflict.Code != "changed" {
			t.Errorf("a stale change: %v", err)
		}
		for _, other := range []struct {
			merchant paylink.MerchantID
			live     bool
		}{{"mer_b", true}, {"mer_a", false}} {
			if _, err := s.Read(t.Context()).Endpoint(other.merchant, other.live, "we_1"); !paylink.IsNotFound(err) {
				t.Errorf("%v: %v", other, err)
			}
			if err := write(func(tx *store.Tx) { tx.DeleteEndpoint(other.merchant, other.live, "we_1") }); !paylink.IsNotFound(err) {
				t.Errorf("%v deletes it: %v", other, err)
			}
		}
		if err := write(func(tx *store.Tx) { tx.DeleteEndpoint("mer_a", true, "we_1") }); err != nil {
			t.Error(err)
		}
		if all, err := s.Read(t.Context()).Endpoints("mer_a", true); err != nil || len(all) != 0 {
			t.Errorf("%v, %v", all, err)
		}
	})
}

// The limit must hold for those who add endpoints at the same moment, too: each event is told to all.
func TestEndpointLimitHoldsUnderARush(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a")
		var wg sync.WaitGroup
		for range store.MaxEndpoints + 10 {
			wg.Go(func() {
				e := paylink.Endpoint{ID: paylink.NewEndpointID(claimedAt), Merchant: "mer_a", Secret: []byte{}, SigningKey: []byte{}, PublicKey: []byte{}, CreatedAt: claimedAt, UpdatedAt: claimedAt}
				err := s.Write(context.Background(), func(tx *store.Tx) error {
					tx.InsertEndpoint(e)
					return nil
				})
				var conflict *paylink.Conflict
				if err != nil && (!errors.As(err, &conflict) || conflict.Code != "too_many_endpoints") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var ids []paylink.EndpointID
		all, err := s.Read(t.Context()).Endpoints("mer_a", false)
		for _, e := range all {
			ids = append(ids, e.ID)
		}
		if err != nil || len(ids) != store.MaxEndpoints {
			t.Errorf("%d endpoints, %v", len(ids), err)
		}
	})
}

// The log of deliveries is read by filter and page; one event reaches one endpoint under one id.
func TestDeliveriesByFilterAndPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addMerchants(t, s, "mer_a", "mer_b")
		d := func(id paylink.DeliveryID, merchant paylink.MerchantID, endpoint paylink.EndpointID, event paylink.EventID, status paylink.DeliveryStatus) paylink.Delivery {
			return paylink.Delivery{
				ID: id, Merchant: merchant, Endpoint: endpoint, Event: event, EventType: paylink.EventLinkPaid, Sequence: 7, Status: status, Attempts: 3,
				NextAt: claimedAt.Add(time.Hour), LastStatus: 500, LastError: "status 500", LastTook: 12 * time.Millisecond, CreatedAt: claimedAt, UpdatedAt: claimedAt,
			}
		}
		one, two := d("whd_1", "mer_a", "we_1", "evt_1", paylink.DeliveryPending), d("whd_2", "mer_a", "we_2", "evt_1", paylink.DeliveryFailed)
		foreign, twin := d("whd_3", "mer_b", "we_1", "evt_1", paylink.DeliveryPending), d("whd_4", "mer_a", "we_1", "evt_1", paylink.DeliveryPending)
		two.NextAt = time.Time{}
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			for _, x := range []paylink.Delivery{one, two, foreign, twin} {
				tx.InsertDelivery(x)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			filter store.DeliveryFilter
			want   []paylink.Delivery
		}{
			{store.DeliveryFilter{}, []paylink.Delivery{two, one}},
			{store.DeliveryFilter{Before: "whd_2"}, []paylink.Delivery{one}},
			{store.DeliveryFilter{Endpoint: "we_2"}, []paylink.Delivery{two}},
			{store.DeliveryFilter{Event: "evt_2"}, nil},
			{store.DeliveryFilter{Status: paylink.DeliveryPending}, []paylink.Delivery{one}},
			{store.DeliveryFilter{Live: true}, nil},
		} {
			c.filter.Merchant, c.filter.Limit = "mer_a", 10
			got, err := s.Read(t.Context()).Deliveries(c.filter)
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v:\ngot  %+v, %v\nwant %+v", c.filter, got, err, c.want)
			}
		}
		changed := one
		changed.Status, changed.Attempts, changed.NextAt, changed.UpdatedAt = paylink.DeliveryDelivered, 4, time.Time{}, claimedAt.Add(time.Second)
		update := func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				tx.UpdateDelivery(changed, claimedAt)
				return nil
			})
		}
		if err := update(); err != nil {
			t.Fatal(err)
		}
		var conflict *paylink.Conflict
		if err := update(); !errors.As(err, &conflict) || conflict.Code != "changed" {
			t.Errorf("a stale change: %v", err)
		}
		if got, err := s.Read(t.Context()).Delivery("mer_a", false, "whd_1"); err != nil || !reflect.DeepEqual(got, changed) {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := s.Read(t.Context()).Delivery("mer_b", false, "whd_1"); !paylink.IsNotFound(err) {
			t.Error(err)
		}
	})
}
