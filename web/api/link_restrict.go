package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/issue"
	"paylink/store"
)

// restrictBody says for whom a link opens. A PIN goes in and never comes out.
type restrictBody struct {
	Proof     paylink.Proof `json:"proof,omitempty" enum:"phone_digits,code,pin" doc:"what a visitor must give before the page shows anything; absent: nothing"`
	PIN       string        `json:"pin,omitempty" minLength:"4" maxLength:"8" pattern:"^[0-9]+$" doc:"with the proof pin: 4 to 8 digits that you tell the customer; only a key of it is kept" example:"730412"`
	Countries []string      `json:"countries,omitempty" maxItems:"50" doc:"ISO 3166-1 codes of the countries from which the link opens; absent: from everywhere"`
}

func (b *restrictBody) restriction() *paylink.Restriction {
	if b == nil {
		return nil
	}
	return &paylink.Restriction{Proof: b.Proof, Countries: b.Countries}
}

// hidePIN keys what a claim remembers of a body with a PIN. A plain digest would tell the PIN to whoever
// reads the database, knows the rest of the body, and tries them all.
func (a *API) hidePIN(claim *store.Claim, b linkBody) error {
	if claim == nil || b.Restrict == nil || b.Restrict.PIN == "" {
		return nil
	}
	key, err := a.Ring.Key("api/claim", a.Ring.Slots()[0]) // the oldest: a claim outlives a rotation
	if err != nil {
		return fmt.Errorf("key a claim: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(claim.Request[:])
	claim.Request = [sha256.Size]byte(mac.Sum(nil))
	return nil
}

func (a *API) proofOperations() {
	add(a, huma.Operation{
		OperationID: "reset_payment_link_proof", Method: http.MethodPost, Path: "/v1/payment_links/{id}/reset_proof", Tags: []string{"Payment links"},
		DefaultStatus: http.StatusOK, Summary: "Let those try again who are locked out",
		Description: "Wrong proofs lock a restricted link for ever longer times. This forgets them.",
	}, func(ctx context.Context, c *call, in *LinkPath) (*linkAnswer, error) {
		return a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
			return a.Issuer.ResetProof(ctx, by, paylink.LinkID(in.ID), c.claim)
		})
	})
}
