package web

import (
	"net/http"

	"paylink"
	"paylink/access"
	"paylink/web/dashboard"
	"paylink/web/respond"
)

// merchantHeader names to the sandbox the merchant for whom a control call acts. It never comes from
// outside.
const merchantHeader = "Sandbox-Merchant"

// Sandbox is the pretend world behind its guard. Gateway and carrier calls carry credentials of their
// own and bank pages stand under unguessable ids; the rest (the phone, the message list, paying) is
// for a merchant whose test key or dashboard session says who it is, or for anybody in the demo.
type Sandbox struct {
	World     http.Handler
	Control   func(path string) bool // whether a path is for the merchant only
	Access    *access.Access
	Dashboard *dashboard.Dashboard
	Demo      paylink.MerchantID // for whom a call without a key acts; empty outside the demo
}

func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Header.Del(merchantHeader)
	respond.LineOf(r.Context()).Route = r.Method + " /sandbox"
	if !s.Control(r.URL.Path) {
		s.World.ServeHTTP(w, r)
		return
	}
	merchant, err := s.merchant(r)
	if err != nil {
		respond.Fail(w, r, err)
		return
	}
	r.Header.Set(merchantHeader, string(merchant))
	s.World.ServeHTTP(w, r)
}

// merchant tells for whom a control call acts.
func (s *Sandbox) merchant(r *http.Request) (paylink.MerchantID, error) {
	if secret, given := respond.Credentials(r); given {
		p, err := s.Access.Identify(r.Context(), secret)
		if err != nil {
			return "", err
		}
		if p.Live {
			return "", &paylink.Refused{Code: "test_key_required", Detail: "The sandbox is a test world: use a test key."}
		}
		return p.Merchant, nil
	}
	if merchant, ok := s.Dashboard.SignedIn(r); ok {
		return merchant, nil
	}
	if s.Demo != "" {
		return s.Demo, nil
	}
	return "", &paylink.Refused{Code: "unauthenticated", Detail: "Give a test key, or sign in to the dashboard."}
}
