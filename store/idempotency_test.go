package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

var claimedAt = time.Date(2026, time.November, 22, 10, 0, 0, 0, time.UTC)

func claim(key string, request byte) *store.Claim {
	return &store.Claim{Merchant: "mer_a", Route: "POST /v1/things", Key: key, Request: [32]byte{request}}
}

// effect leaves what can be counted: a merchant's row.
func effect(id string) func(*store.Tx) (store.Outcome, error) {
	return func(tx *store.Tx) (store.Outcome, error) {
		tx.InsertMerchant(paylink.Merchant{ID: paylink.MerchantID(id), Name: id, CreatedAt: claimedAt})
		return store.Outcome{Status: 201, Object: id, Event: "evt_1"}, nil
	}
}

func effects(t *testing.T, s *store.Store) int {
	t.Helper()
	all, err := s.Read(t.Context()).Merchants()
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// A client that repeats a request because the answer was lost would make a second link.
func TestSameKeyTwiceHasOneEffect(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		first, replayed, err := s.WriteOnce(t.Context(), claim("k", 1), claimedAt, effect("mer_1"))
		if err != nil || replayed {
			t.Fatalf("first: replayed %t, %v", replayed, err)
		}
		second, replayed, err := s.WriteOnce(t.Context(), claim("k", 1), claimedAt, effect("mer_2"))
		if err != nil || !replayed || second != first {
			t.Fatalf("second: %+v, replayed %t, %v; the first was %+v", second, replayed, err, first)
		}
		if n := effects(t, s); n != 1 {
			t.Fatalf("%d effects", n)
		}
	})
}

// Fifty copies of one request at once are a client's retries through a bad network; each may be the
// one that wins, and only one may.
func TestFiftyTwinsHaveOneEffect(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const twins = 50
		var won, replays, waiting int
		var mu sync.Mutex
		var wg sync.WaitGroup
		start := make(chan struct{})
		for i := range twins {
			wg.Go(func() {
				<-start
				out, replayed, err := s.WriteOnce(context.Background(), claim("k", 1), claimedAt, effect(fmt.Sprintf("mer_%d", i)))
				mu.Lock()
				defer mu.Unlock()
				var conflict *paylink.Conflict
				switch {
				case err == nil && replayed && out.Status == 201:
					replays++
				case err == nil && !replayed:
					won++
				case errors.As(err, &conflict) && conflict.Code == "idempotency_in_flight":
					waiting++
				default:
					t.Errorf("twin %d: %+v, replayed %t, %v", i, out, replayed, err)
				}
			})
		}
		close(start)
		wg.Wait()
		if won != 1 || won+replays+waiting != twins || effects(t, s) != 1 {
			t.Fatalf("%d won, %d replays, %d told to wait, %d effects", won, replays, waiting, effects(t, s))
		}
	})
}

// A key that is used for something else is a client's mistake; answering with the old outcome would
// hide that the new request was never done.
func TestSameKeyForAnotherRequestIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if _, _, err := s.WriteOnce(t.Context(), claim("k", 1), claimedAt, effect("mer_1")); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.WriteOnce(t.Context(), claim("k", 2), claimedAt, effect("mer_2"))
		var invalid *paylink.Invalid
		if !errors.As(err, &invalid) || invalid.Fields[0].Code != "idempotency_key_reused" || effects(t, s) != 1 {
			t.Fatalf("%v, %d effects", err, effects(t, s))
		}
	})
}

// Merchants, modes and routes choose their keys without knowing of each other.
func TestKeysOfOthersAreTheirOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		other := []store.Claim{*claim("k", 1), *claim("k", 1), *claim("k", 1), *claim("k", 1), *claim("l", 1)}
		other[1].Merchant, other[2].Live, other[3].Route = "mer_b", true, "POST /v1/others"
		for i, c := range other {
			if _, replayed, err := s.WriteOnce(t.Context(), &c, claimedAt, effect(fmt.Sprint("mer_", i))); err != nil || replayed {
				t.Errorf("claim %d: replayed %t, %v", i, replayed, err)
			}
		}
	})
}

// A refusal by state is an answer: the repeated request must hear the same one, though the state has
// changed since, and none of the refused work may stay.
func TestConflictIsKeptAndItsWorkIsNot(t *testing.T) {
	refusal := &paylink.Conflict{Code: "reference_in_use", Detail: "In use.", Other: "plink_1"}
	rules := map[string]func(tx *store.Tx) (store.Outcome, error){
		"returned": func(tx *store.Tx) (store.Outcome, error) {
			tx.InsertMerchant(paylink.Merchant{ID: "mer_1", CreatedAt: claimedAt})
			return store.Outcome{}, fmt.Errorf("make a thing: %w", refusal)
		},
		"from a guarded change": func(tx *store.Tx) (store.Outcome, error) {
			tx.InsertMerchant(paylink.Merchant{ID: "mer_1", CreatedAt: claimedAt})
			tx.UpdateLink(paylink.Link{ID: "plink_1"}, claimedAt)
			return store.Outcome{Status: 201}, nil
		},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for key, fn := range rules {
			first, replayed, err := s.WriteOnce(t.Context(), claim(key, 1), claimedAt, fn)
			var conflict *paylink.Conflict
			if !errors.As(err, &conflict) || replayed || first != (store.Outcome{Status: 409, Object: "plink_1", Problem: conflict.Code}) {
				t.Fatalf("%s: first %+v, replayed %t, %v", key, first, replayed, err)
			}
			second, replayed, err := s.WriteOnce(t.Context(), claim(key, 1), claimedAt, effect("mer_2"))
			var again *paylink.Conflict
			if !errors.As(err, &again) || !replayed || second != first || *again != *conflict {
				t.Fatalf("%s: second %+v, replayed %t, %v", key, second, replayed, err)
			}
		}
		if n := effects(t, s); n != 0 {
			t.Fatalf("%d effects stayed", n)
		}
	})
}

// A mistake in the request or a failure of ours uses up no key: the client mends or waits, and sends
// the same key again.
func TestOtherErrorsUseNoKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, refusal := range []error{
			&paylink.Invalid{Fields: []paylink.Field{{Pointer: "/amount", Code: "required"}}},
			&paylink.NotFound{Kind: "payment_link"}, &paylink.Refused{Code: "no"}, &paylink.Expired{Code: "late"}, errors.New("broken"),
		} {
			_, replayed, err := s.WriteOnce(t.Context(), claim("k", 1), claimedAt, func(tx *store.Tx) (store.Outcome, error) {
				tx.InsertMerchant(paylink.Merchant{ID: "mer_1", CreatedAt: claimedAt})
				return store.Outcome{}, refusal
			})
			if !errors.Is(err, refusal) || replayed {
				t.Fatalf("%v: replayed %t, %v", refusal, replayed, err)
			}
		}
		if _, replayed, err := s.WriteOnce(t.Context(), claim("k", 2), claimedAt, effect("mer_1")); err != nil || replayed {
			t.Fatalf("after the errors: replayed %t, %v", replayed, err)
		}
	})
}

// A first request that hangs must not hold its twin longer than two seconds.
func TestTwinOfASlowRequestIsToldToWait(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		inside, leave := make(chan struct{}), make(chan struct{})
		var once sync.Once
		done := make(chan error, 1)
		go func() {
			_, _, err := s.WriteOnce(context.Background(), claim("k", 1), claimedAt, func(tx *store.Tx) (store.Outcome, error) {
				if _, err := tx.Merchant("mer_none"); !paylink.IsNotFound(err) { // sends the claim
					return store.Outcome{}, err
				}
				once.Do(func() { close(inside) })
				<-leave
				return effect("mer_1")(tx)
			})
			done <- err
		}()
		<-inside
		_, _, err := s.WriteOnce(t.Context(), claim("k", 1), claimedAt, effect("mer_2"))
		var conflict *paylink.Conflict
		if !errors.As(err, &conflict) || conflict.Code != "idempotency_in_flight" {
			t.Errorf("the twin got %v", err)
		}
		close(leave)
		if err := <-done; err != nil || effects(t, s) != 1 {
			t.Fatalf("%v, %d effects", err, effects(t, s))
		}
	})
}

// The table would grow for ever; a key is worth thirty days.
func TestOldClaimsAreForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for i := range 3 {
			at := claimedAt.Add(time.Duration(i) * time.Hour)
			if _, _, err := s.WriteOnce(t.Context(), claim(fmt.Sprint(i), 1), at, effect(fmt.Sprint("mer_", i))); err != nil {
				t.Fatal(err)
			}
		}
		var counts []int64
		for range 3 {
			err := s.Write(t.Context(), func(tx *store.Tx) error {
				n, err := tx.ForgetClaims(claimedAt.Add(2*time.Hour), 1)
				counts = append(counts, n)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if fmt.Sprint(counts) != "[1 1 0]" {
			t.Fatalf("forgot %v", counts)
		}
		if _, replayed, err := s.WriteOnce(t.Context(), claim("2", 1), claimedAt, effect("mer_9")); err != nil || !replayed {
			t.Fatalf("the young one: replayed %t, %v", replayed, err)
		}
	})
}
