package respond

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// flooded sends n requests of a class at once to a node whose handlers all wait for release, and gives
// the answers once all that can end have ended.
type flooded struct {
	load    *Load
	handler http.Handler
	release chan struct{}
	callers sync.WaitGroup
	turned  atomic.Int64
	done    atomic.Int64
}

func flood(writes int) *flooded {
	f := &flooded{load: NewLoad(writes), release: make(chan struct{})}
	work := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-f.release:
		case <-r.Context().Done():
			Fail(w, r, r.Context().Err())
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	f.handler = f.load.Around(work, func(r *http.Request) Class { return Class(r.Header.Get("Class")) }, Fail)
	return f
}

func (f *flooded) send(t *testing.T, n int, class Class) {
	for range n {
		f.callers.Go(func() {
			w := f.one(class)
			switch w.Code {
			case http.StatusCreated:
				f.done.Add(1)
			case http.StatusServiceUnavailable:
				f.turned.Add(1)
				if after, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || after < 1 || after > 3 {
					t.Errorf("Retry-After is %q", w.Header().Get("Retry-After"))
				}
			default:
				t.Errorf("answered %d", w.Code)
			}
		})
	}
	synctest.Wait()
}

func (f *flooded) one(class Class) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Class", string(class))
	f.handler.ServeHTTP(w, r)
	return w
}

// A flood of creates fills its own room and its waiting room. The rest is turned away at once, who
// waits is turned away after a second, and the other rooms notice nothing.
func TestFloodOfOneClassLeavesTheOthersStanding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flood(10)
		f.send(t, 10+256+34, Writes)
		if f.turned.Load() != 34 {
			t.Errorf("%d were turned away at once, want 34", f.turned.Load())
		}
		f.send(t, 1, Reads)
		f.send(t, 1, Notices)
		f.send(t, 1, Free)
		want := []Count{
			{Class: Writes, Places: 10, UnderWay: 10, Most: 10, Waiting: 256, Let: 10, Turned: 34},
			{Class: Payments, Places: 128}, {Class: Reads, Places: 64, UnderWay: 1, Most: 1, Let: 1},
			{Class: Notices, Places: 32, UnderWay: 1, Most: 1, Let: 1}, {Class: Streams, Places: 1024}, {Class: Uploads, Places: 8}, {Class: Sandbox, Places: 512},
		}
		if got := f.load.Counts(); !reflect.DeepEqual(got, want) {
			t.Errorf("counts\n%+v, want\n%+v", got, want)
		}
		time.Sleep(waitFor)
		synctest.Wait()
		if f.turned.Load() != 34+256 {
			t.Errorf("%d were turned away after a second", f.turned.Load())
		}
		close(f.release)
		f.callers.Wait()
		if f.done.Load() != 13 || f.one(Writes).Code != http.StatusCreated {
			t.Errorf("%d were answered; nobody new is let in afterwards", f.done.Load())
		}
	})
}

// Who waits gets the place of who leaves, and a place that is left is never lost, or the node would
// close itself little by little.
func TestPlacesGoFromHandToHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flood(3)
		f.send(t, 20, Writes)
		for range 20 {
			f.release <- struct{}{}
			synctest.Wait()
		}
		f.callers.Wait()
		if is := f.load.Counts()[0]; is.UnderWay != 0 || is.Waiting != 0 || is.Let != 20 || is.Turned != 0 || is.Most != 3 {
			t.Errorf("%+v", is)
		}
		panics := f.load.Around(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") }),
			func(*http.Request) Class { return Writes }, Fail)
		edge := Edge{Log: slog.New(slog.DiscardHandler), Now: time.Now}.Around(panics)
		for range 10 {
			edge.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
		}
		if is := f.load.Counts()[0]; is.UnderWay != 0 {
			t.Errorf("panics took %d places with them", is.UnderWay)
		}
	})
}

// A request that gets nowhere gives its place back after a while; a stream keeps its own.
func TestWorkIsBoundedInTimeAndStreamsAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flood(1)
		f.send(t, 1, Reads)
		f.send(t, 1025, Streams)
		if f.turned.Load() != 1 {
			t.Errorf("%d streams were turned away at once, want 1", f.turned.Load())
		}
		time.Sleep(workFor)
		synctest.Wait()
		if f.turned.Load() != 2 {
			t.Errorf("a read that gets nowhere still holds its place")
		}
		time.Sleep(time.Hour)
		if is := f.load.Counts()[4]; is.UnderWay != 1024 {
			t.Errorf("%d streams are left", is.UnderWay)
		}
		close(f.release)
		f.callers.Wait()
	})
}

// A caller who goes away while he waits leaves the waiting room.
func TestWhoGoesAwayWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flood(1)
		f.send(t, 1, Writes)
		ctx, leave := context.WithCancel(t.Context())
		f.callers.Go(func() {
			r := httptest.NewRequest(http.MethodPost, "/", nil).WithContext(ctx)
			r.Header.Set("Class", string(Writes))
			f.handler.ServeHTTP(httptest.NewRecorder(), r)
		})
		synctest.Wait()
		leave()
		synctest.Wait()
		if is := f.load.Counts()[0]; is.Waiting != 0 {
			t.Errorf("%d still wait", is.Waiting)
		}
		close(f.release)
		f.callers.Wait()
	})
}
