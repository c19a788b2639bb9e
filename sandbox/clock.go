package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// forwarded marks what the sandbox passes on. Where paylink does not take /sandbox/clock for itself,
// the request comes back here, and the mark ends the circle.
const forwarded = "Sandbox-Forwarded"

// clockWithin bounds a look at paylink's clock: the phone page waits for it.
const clockWithin = 500 * time.Millisecond

// moveClock passes an advance on to paylink, which owns the clock of its test world.
func (s *Sandbox) moveClock(w http.ResponseWriter, r *http.Request) {
	form := !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	var req struct {
		Advance string `json:"advance"`
	}
	if form {
		req.Advance = strings.TrimSpace(r.PostFormValue("advance"))
	} else if !s.readJSON(w, r, &req) {
		return
	}
	body, _ := json.Marshal(req)
	status, answer, err := s.askClock(r, http.MethodPost, body)
	switch {
	case form && (err != nil || status >= 300):
		s.log.Warn("sandbox.clock_not_moved", "status", status)
		s.backToPhone(w, r, "clock")
	case form:
		s.backToPhone(w, r, "")
	case err != nil:
		s.refuse(w, err)
	default:
		pass(w, status, answer)
	}
}

// readClock passes on what paylink's clock shows.
func (s *Sandbox) readClock(w http.ResponseWriter, r *http.Request) {
	status, answer, err := s.askClock(r, http.MethodGet, nil)
	if err != nil {
		s.refuse(w, err)
		return
	}
	pass(w, status, answer)
}

func pass(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	if status >= 400 {
		w.Header().Set("Content-Type", "application/problem+json")
	}
	w.WriteHeader(status)
	w.Write(body)
}

// merchantNow is the time of the merchant's test world, as paylink tells it; where it does not, the
// sandbox's own. The deadline keeps the phone page alive beside a paylink that is not.
func (s *Sandbox) merchantNow(r *http.Request) time.Time {
	ctx, cancel := context.WithTimeout(r.Context(), clockWithin)
	defer cancel()
	status, answer, err := s.askClock(r.WithContext(ctx), http.MethodGet, nil)
	var told struct {
		Now time.Time `json:"now"`
	}
	if err != nil || status != http.StatusOK || json.Unmarshal(answer, &told) != nil || told.Now.IsZero() {
		return s.now()
	}
	return told.Now.UTC()
}

// askClock asks paylink's clock in the name of whoever asked us.
func (s *Sandbox) askClock(r *http.Request, method string, body []byte) (status int, answer []byte, err error) {
	if s.paylink == nil || r.Header.Get(forwarded) != "" {
		return 0, nil, fmt.Errorf("%s clock: there is no paylink to ask", method)
	}
	req, err := http.NewRequestWithContext(r.Context(), method, s.paylink.JoinPath("sandbox", "clock").String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("%s clock: %w", method, err)
	}
	for _, name := range []string{"Authorization", "Cookie"} {
		if v := r.Header.Get(name); v != "" {
			req.Header.Set(name, v)
		}
	}
	req.Header.Set(forwarded, "1")
	req.Header.Set("Accept", "application/json")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := s.client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("%s clock: %w", method, err)
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return 0, nil, fmt.Errorf("%s clock: %w", method, err)
	}
	return res.StatusCode, answer, nil
}
