package notify

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"paylink"
	"paylink/store"
)

const maxDescription = 500 // characters

// Draft is what a merchant says about a new endpoint, not yet judged.
type Draft struct {
	URL         string
	Events      []string // "*" or types; nil: all of them
	Description string
}

// Made is an endpoint with its secret in the form in which the merchant is shown it, once.
type Made struct {
	Endpoint paylink.Endpoint
	Secret   string // whsec_…
	Replayed bool   // the request came before, and this is what it came to then
}

// CreateEndpoint adds an endpoint. The errors are *paylink.Invalid, with pointers into the request's
// body, and *paylink.Conflict "too_many_endpoints".
func (n *Notify) CreateEndpoint(ctx context.Context, merchant paylink.MerchantID, live bool, d Draft, claim *store.Claim) (Made, error) {
	if d.Events == nil {
		d.Events = []string{"*"}
	}
	if err := n.check(d); err != nil {
		return Made{}, err
	}
	now := n.Now().UTC().Truncate(time.Microsecond) // as the database keeps it: a replay shows the same
	e := paylink.Endpoint{
		ID: paylink.NewEndpointID(now), Merchant: merchant, Live: live, URL: d.URL, Events: d.Events, Description: d.Description,
		Status: paylink.EndpointEnabled, APIVersion: APIVersion, CreatedAt: now, UpdatedAt: now,
	}
	k := newKeys()
	k.seal(n.Ring, &e)
	out, replayed, err := n.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		tx.InsertEndpoint(e)
		return store.Outcome{Status: http.StatusCreated, Object: string(e.ID)}, nil
	})
	if err != nil {
		return Made{}, err
	}
	if !replayed {
		return Made{Endpoint: e, Secret: secretText(k.secret)}, nil
	}
	made, err := n.made(ctx, merchant, live, paylink.EndpointID(out.Object))
	// As it was then: nothing else about an endpoint can change.
	made.Endpoint.Status, made.Endpoint.UpdatedAt = paylink.EndpointEnabled, made.Endpoint.CreatedAt
	return made, err
}

// RotateSecret gives an endpoint a new secret. The one before it goes on signing, beside the new one,
// for 24 hours; one that is older ends at once. The v1a key stays as it is.
func (n *Notify) RotateSecret(ctx context.Context, merchant paylink.MerchantID, live bool, id paylink.EndpointID, claim *store.Claim) (Made, error) {
	now := n.Now()
	fresh := newSecret()
	var made Made
	_, replayed, err := n.Store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		e, err := tx.Endpoint(merchant, live, id)
		if err != nil {
			return store.Outcome{}, err
		}
		k, err := openKeys(n.Ring, e)
		if err != nil {
			return store.Outcome{}, err
		}
		k = k.rotate(fresh, now)
		k.seal(n.Ring, &e)
		readAt := e.UpdatedAt
		e.UpdatedAt = after(now, readAt)
		tx.UpdateEndpoint(e, readAt)
		made = Made{Endpoint: e, Secret: secretText(k.secret)}
		return store.Outcome{Status: http.StatusOK, Object: string(id)}, nil
	})
	if err != nil || !replayed {
		return made, err
	}
	return n.made(ctx, merchant, live, id)
}

// made reads an endpoint and opens its secret, for a request that came before.
func (n *Notify) made(ctx context.Context, merchant paylink.MerchantID, live bool, id paylink.EndpointID) (Made, error) {
	e, err := n.Store.Read(ctx).Endpoint(merchant, live, id)
	if err != nil {
		return Made{}, err
	}
	k, err := openKeys(n.Ring, e)
	if err != nil {
		return Made{}, err
	}
	return Made{Endpoint: e, Secret: secretText(k.secret), Replayed: true}, nil
}

// Delete ends an endpoint at once. Its deliveries stay in the log; those that wait are failed.
func (n *Notify) Delete(ctx context.Context, merchant paylink.MerchantID, live bool, id paylink.EndpointID) error {
	now := n.Now()
	drop := errand{endpoint: id, verb: verbDrop}.job(paylink.Endpoint{Merchant: merchant, Live: live}, now, now)
	return n.Store.Write(ctx, func(tx *store.Tx) error {
		tx.DeleteEndpoint(merchant, live, id)
		tx.Enqueue(drop, now)
		return nil
	})
}

// check finds everything that is wrong with a draft.
func (n *Notify) check(d Draft) error {
	wrong := &paylink.Invalid{}
	if d.URL == "" {
		wrong.Add("/url", "required", "Give the URL that is to be called.")
	} else if err := n.Client.CheckURL(d.URL); err != nil {
		wrong.Add("/url", "bad_url", sentence(ruleOf(err)))
	}
	if len(d.Events) == 0 {
		wrong.Add("/events", "required", `Name at least one type of event, or "*" for all.`)
	}
	if len(d.Events) > len(paylink.EventTypes)+1 {
		wrong.Add("/events", "too_many", "There are more names here than types of events.")
		d.Events = nil
	}
	for i, name := range d.Events {
		pointer := fmt.Sprintf("/events/%d", i)
		switch {
		case name != "*" && !slices.Contains(paylink.EventTypes, paylink.EventType(name)):
			wrong.Add(pointer, "unknown_value", "There is no event of this type.")
		case slices.Contains(d.Events[:i], name):
			wrong.Add(pointer, "duplicate_value", "This type stands in the list already.")
		}
	}
	switch {
	case utf8.RuneCountInString(d.Description) > maxDescription:
		wrong.Add("/description", "too_long", fmt.Sprintf("The description has more than %d characters.", maxDescription))
	case strings.ContainsFunc(d.Description, unicode.IsControl) || !utf8.ValidString(d.Description):
		wrong.Add("/description", "bad_characters", "The description holds control characters.")
	}
	return wrong.OrNil()
}

// sentence makes a sentence of a rule: "the URL has no host" becomes "The URL has no host."
func sentence(rule string) string {
	return strings.ToUpper(rule[:1]) + rule[1:] + "."
}
