package issue

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/store"
)

const (
	maxOrigins = 20
	// previousSigns is how long the secret before the latest one signs beside it, so that a merchant can
	// change over.
	previousSigns    = 24 * time.Hour
	returnSecretSize = 32
)

// returnURL judges where customers go back to: an address of a registered origin, with none of our
// parameters in it.
func (j *judgement) returnURL(pointer, raw string) {
	before := len(j.bad.Fields)
	j.url(pointer, raw)
	if raw == "" || len(j.bad.Fields) > before {
		return
	}
	if !j.by.Merchant.Settings.LeadsBack(j.by.Live, raw) {
		j.bad.Add(pointer, "origin_not_registered", "The address must begin with one of the origins that you have registered in your settings, as return_origins.")
		return
	}
	u, err := url.Parse(raw)
	if err != nil {
		panic("an address that was judged cannot be read")
	}
	for name := range u.Query() {
		if strings.HasPrefix(name, paylink.ReturnPrefix) {
			j.bad.Add(pointer, "reserved_parameter", "The address has a parameter whose name begins with paylink_; those are added when the customer goes back.")
			return
		}
	}
}

// origins judges the origins that a merchant registers: https, exact, and nothing after the host.
func (j *judgement) origins(pointer string, origins []string) {
	if len(origins) > maxOrigins {
		j.bad.Add(pointer, "too_many", fmt.Sprintf("There must be at most %d origins.", maxOrigins))
		return
	}
	for i, origin := range origins {
		at := fmt.Sprintf("%s/%d", pointer, i)
		before := len(j.bad.Fields)
		j.url(at, origin)
		switch {
		case len(j.bad.Fields) > before:
		case paylink.Origin(origin) != origin || !strings.HasPrefix(origin, "https://"):
			j.bad.Add(at, "bad_origin", "An origin is https:// and a host in small letters, with a port if it has one, and nothing after it.")
		case slices.Contains(origins[:i], origin):
			j.bad.Add(at, "duplicate_value", "This is in the list already.")
		}
	}
}

// NewReturnSecret is a return secret with its text, which the merchant is shown once.
type NewReturnSecret struct {
	paylink.ReturnSecret
	Text     string
	Replayed bool
}

// RotateReturnSecret gives the merchant's world a new secret that signs the way back; the one before signs
// beside it for a day. The first one begins the signing.
func (x *Issuer) RotateReturnSecret(ctx context.Context, by Actor, claim *store.Claim) (NewReturnSecret, error) {
	now := x.now()
	fresh := make([]byte, returnSecretSize)
	_, _ = rand.Read(fresh) // documented never to fail
	made := NewReturnSecret{Text: paylink.ReturnSecretText(fresh)}
	_, replayed, err := x.store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		if _, err := tx.MerchantToChange(by.Merchant.ID); err != nil {
			return store.Outcome{}, err
		}
		before, err := tx.ReturnSecret(by.Merchant.ID, by.Live)
		if err != nil && !paylink.IsNotFound(err) {
			return store.Outcome{}, err
		}
		s := paylink.ReturnSecret{Merchant: by.Merchant.ID, Live: by.Live, CreatedAt: now}
		if s.Sealed = x.ring.Seal(paylink.ReturnPurpose, fresh, s.Bound()); err == nil {
			s.Previous, s.PreviousUntil = before.Sealed, now.Add(previousSigns)
		}
		tx.PutReturnSecret(s)
		made.ReturnSecret = s
		return store.Outcome{Status: 200, Object: string(by.Merchant.ID)}, nil
	})
	if err != nil || !replayed {
		return made, about(err, "rotate the return secret of", by.Merchant.ID)
	}
	return x.returnSecret(ctx, by)
}

// returnSecret reads the secret for a request that came before.
func (x *Issuer) returnSecret(ctx context.Context, by Actor) (NewReturnSecret, error) {
	s, err := x.store.Read(ctx).ReturnSecret(by.Merchant.ID, by.Live)
	if err != nil {
		return NewReturnSecret{}, err
	}
	secret, err := x.ring.Unseal(paylink.ReturnPurpose, s.Sealed, s.Bound())
	if err != nil {
		return NewReturnSecret{}, fmt.Errorf("open the return secret of %s: %w", by.Merchant.ID, err)
	}
	return NewReturnSecret{ReturnSecret: s, Text: paylink.ReturnSecretText(secret), Replayed: true}, nil
}
