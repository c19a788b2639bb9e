package gateways

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// far is the toy gateway's own side: its API, the page for cards and the notices that it posts.
type far struct {
	*httptest.Server
	key, hook string

	mu     sync.Mutex
	mode   mode
	orders map[string]*wireOrder // by reference
	posted int                   // of its notices, how many were believed
	asked  int                   // how often it was told about an order
}

// mode is how the far side behaves.
type mode string

const (
	works   mode = ""
	down    mode = "down"    // it takes no orders for now
	loses   mode = "loses"   // it takes orders, and its answers are lost
	silent  mode = "silent"  // the same, and it cannot be asked either
	noWords mode = "noWords" // it posts no notices
)

func newFar(key, hook string) *far {
	f := &far{key: key, hook: hook, orders: map[string]*wireOrder{}}
	f.Server = httptest.NewServer(f)
	return f
}

func (f *far) is(m mode) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mode = m
}

func (f *far) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/page" {
		f.page(rw, r)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+f.key {
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var answer any
	switch reference, asks := strings.CutPrefix(r.URL.Path, "/orders/"); {
	case r.URL.Path == "/me":
	case asks && f.mode == silent:
		rw.WriteHeader(http.StatusBadGateway)
		return
	case asks && f.orders[reference] == nil:
		rw.WriteHeader(http.StatusNotFound)
		return
	case asks:
		told := *f.orders[reference]
		told.Return, told.Notify, told.Customer = "", "", ""
		answer = told
	case f.mode == down:
		f.asked++
		rw.WriteHeader(http.StatusServiceUnavailable)
		return
	default:
		f.asked++
		var o wireOrder
		if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
			rw.WriteHeader(http.StatusBadRequest)
			return
		}
		o.ID, o.Status = fmt.Sprintf("ord_%d", len(f.orders)+1), "waiting"
		f.orders[o.Reference] = &o
		if f.mode == loses || f.mode == silent {
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		answer = o
	}
	_ = json.NewEncoder(rw).Encode(answer)
}

// page is where the customer pays by card: the form's button says whether the bank agrees.
func (f *far) page(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.ParseForm() != nil {
		rw.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	f.mu.Lock()
	o := f.orders[r.PostForm.Get("reference")]
	f.mu.Unlock()
	if o == nil || o.ID != r.PostForm.Get("order") {
		rw.WriteHeader(http.StatusNotFound)
		return
	}
	fmt.Fprintf(rw, "%s pays %d", o.Customer, o.Amount)
}

// decides lets the customer's bank decide about an order, and posts a notice about it.
func (f *far) decides(reference, status, hook string) error {
	f.mu.Lock()
	o := f.orders[reference]
	if o == nil {
		f.mu.Unlock()
		return fmt.Errorf("no order %s", reference)
	}
	o.Status, o.Payment = status, "pay"+o.ID+reference
	told, quiet := *o, f.mode == noWords
	f.mu.Unlock()
	if quiet {
		return nil
	}
	to := told.Notify
	told.Return, told.Notify, told.Customer = "", "", ""
	body, err := json.Marshal(told)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Toy-Signature", signed(hook, body))
	res, err := f.Client().Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("the notice was answered %d", res.StatusCode)
	}
	f.mu.Lock()
	f.posted++
	f.mu.Unlock()
	return nil
}

func (f *far) told() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}
