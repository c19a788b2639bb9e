package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/issue"
	"paylink/store"
)

// merchantView is the merchant that the key acts for.
type merchantView struct {
	ID            paylink.MerchantID `json:"id" doc:"mer_…"`
	Object        string             `json:"object" enum:"merchant"`
	Livemode      bool               `json:"livemode" doc:"the world that the key opens"`
	Name          string             `json:"name" doc:"as customers know it"`
	LegalName     string             `json:"legal_name"`
	Country       string             `json:"country" doc:"ISO 3166"`
	Currency      paylink.Currency   `json:"currency"`
	Locale        string             `json:"locale"`
	TimeZone      string             `json:"time_zone" doc:"IANA"`
	Header        string             `json:"header" doc:"the sender header for SMS in India; empty: none"`
	DefaultExpiry *int64             `json:"default_expires_in" doc:"seconds that a link lives if it does not say; null: for ever"`
	Settings      paylink.Settings   `json:"settings" doc:"what you have decided for all links that do not say; a member that is absent is not decided"`
	Now           time.Time          `json:"now" doc:"the time by which links are judged: in test mode the sandbox clock's"`
	CreatedAt     time.Time          `json:"created_at"`
}

// merchantBody is what may change about a merchant. What is absent stays as it is.
type merchantBody struct {
	DefaultExpiry nullable[int64]           `json:"default_expires_in,omitempty" doc:"seconds that a link lives if it does not say; null: for ever"`
	Settings      members[paylink.Settings] `json:"settings,omitempty" doc:"the settings to change, each as a whole; null takes one away"`
}

type clockBody struct {
	Advance string `json:"advance,omitempty" doc:"how far, such as 24h or 90m; at most 366 days at a time" example:"24h"`
}

type clockAnswer struct {
	Body struct {
		Now time.Time `json:"now" doc:"the test world's time"`
	}
}

func (a *API) merchantOperations() {
	add(a, huma.Operation{
		OperationID: "get_merchant", Method: http.MethodGet, Path: "/v1/merchant", Tags: []string{"Merchant"}, Summary: "Who the key acts for",
	}, a.getMerchant)
	add(a, huma.Operation{
		OperationID: "update_merchant", Method: http.MethodPatch, Path: "/v1/merchant", Tags: []string{"Merchant"}, Summary: "Change your settings",
		Description: "For the links that are made from now on, in both worlds; links that exist keep what they were made with. " +
			"What is absent stays as it is, so that two changes of different settings do not undo each other.",
	}, a.updateMerchant)
	a.returnOperations()
	add(a, huma.Operation{
		OperationID: "advance_sandbox_clock", Method: http.MethodPost, Path: ClockPath, Tags: []string{"Sandbox"}, DefaultStatus: http.StatusOK,
		Summary:     "Move the sandbox clock of your test world forward",
		Description: "It moves expiry and schedules. Leases, sessions and the timestamps of webhooks stay in real time.",
		Metadata:    map[string]any{metaKeyless: true},
	}, a.advanceClock)
	add(a, huma.Operation{
		OperationID: "read_sandbox_clock", Method: http.MethodGet, Path: ClockPath, Tags: []string{"Sandbox"},
		Summary: "Read the sandbox clock of your test world", Metadata: map[string]any{metaKeyless: true},
	}, a.readClock)
}

var errLiveClock = &paylink.Refused{Code: "test_key_required", Detail: "The sandbox clock belongs to the test world; use a test key."}

func (a *API) readClock(ctx context.Context, c *call, _ *struct{}) (*clockAnswer, error) {
	if c.Live {
		return nil, errLiveClock
	}
	m, err := a.Store.Read(ctx).Merchant(c.Merchant)
	out := &clockAnswer{}
	out.Body.Now = m.Now(false, a.now())
	return out, err
}

func (a *API) getMerchant(ctx context.Context, c *call, _ *struct{}) (*struct{ Body merchantView }, error) {
	m, err := a.Store.Read(ctx).Merchant(c.Merchant)
	if err != nil {
		return nil, err
	}
	return a.viewMerchant(c, m), nil
}

func (a *API) updateMerchant(ctx context.Context, c *call, in *struct{ Body merchantBody }) (*struct{ Body merchantView }, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	m, err := a.Issuer.Decide(ctx, by, issue.Decision{
		ExpiresIn: in.Body.DefaultExpiry.Value, NoExpiry: in.Body.DefaultExpiry.Null, Members: in.Body.Settings,
	})
	if err != nil {
		return nil, err
	}
	return a.viewMerchant(c, m), nil
}

func (a *API) viewMerchant(c *call, m paylink.Merchant) *struct{ Body merchantView } {
	return &struct{ Body merchantView }{merchantView{
		ID: m.ID, Object: "merchant", Livemode: c.Live, Name: m.Name, LegalName: m.LegalName, Country: m.Country, Currency: m.Currency,
		Locale: m.Locale, TimeZone: m.TimeZone, Header: m.Header, DefaultExpiry: m.ExpiresIn(), Settings: m.Settings,
		Now: m.Now(c.Live, a.now()), CreatedAt: m.CreatedAt,
	}}
}

// maxAdvance is issue's limit, looked at before the key is claimed.
const maxAdvance = 366 * 24 * time.Hour

// advanceClock claims the key before the clock moves, so that a repeated request does not move it
// twice: for a test tool, not moving is the better mistake.
func (a *API) advanceClock(ctx context.Context, c *call, in *struct{ Body clockBody }) (*clockAnswer, error) {
	if c.Live {
		return nil, errLiveClock
	}
	by, err := time.ParseDuration(in.Body.Advance)
	wrong := &paylink.Invalid{}
	switch {
	case in.Body.Advance == "":
		wrong.Add("/advance", "required", "Say how far.")
	case err != nil:
		wrong.Add("/advance", "bad_duration", "This is a number with a unit, such as 24h or 90m.")
	case by < time.Microsecond:
		wrong.Add("/advance", "too_small", "The clock only moves forward.")
	case by > maxAdvance:
		wrong.Add("/advance", "too_far", "The clock moves by at most 366 days at a time.")
	}
	if err := wrong.OrNil(); err != nil {
		return nil, err
	}
	out, now := &clockAnswer{}, a.now()
	done, replayed, err := a.Store.WriteOnce(ctx, c.claim, now, func(tx *store.Tx) (store.Outcome, error) {
		m, err := tx.Merchant(c.Merchant)
		return store.Outcome{Status: http.StatusOK, Object: m.Now(false, now).Add(by).Format(time.RFC3339Nano)}, err
	})
	if err != nil {
		return nil, err
	}
	if out.Body.Now, err = time.Parse(time.RFC3339Nano, done.Object); err != nil || replayed {
		return out, err
	}
	moved, err := a.Issuer.AdvanceClock(ctx, c.Merchant, by)
	if c.claim == nil {
		out.Body.Now = moved
	}
	return out, err
}
