package web

import (
	"net/http"
	"strings"

	"paylink"
	"paylink/access"
	"paylink/web/respond"
)

// merchantHeader names to the sandbox the merchant for whom a control call acts. It never comes from
// outside.
const merchantHeader = "Sandbox-Merchant"

// Sandbox is the pretend world behind its guard. Gateway and carrier calls carry credentials of their
// own and bank pages stand under unguessable ids; the rest (the phone, the message list, paying) is
// for a merchant: by a test key, or as Keyless tells.
type Sandbox struct {
	World   http.Handler
	Control func(path string) bool // whether a path is for the merchant only
	Access  *access.Access
	Keyless func(*http.Request) (paylink.MerchantID, bool)
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
	if merchant, ok := s.Keyless(r); ok {
		return merchant, nil
	}
	return "", &paylink.Refused{Code: "unauthenticated", Detail: "Give a test key, or sign in to the dashboard."}
}

// clock is paylink's own, under the sandbox's address. The phone page moves it by a form, which the
// sandbox turns into the call that the API takes.
func clock(api http.Handler, world *Sandbox) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && world != nil && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
			world.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}
