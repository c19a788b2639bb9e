package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"paylink"
	"paylink/customer"
	"paylink/web/respond"
)

// consentBody is what a customer allowed or took back.
type consentBody struct {
	Channel paylink.Channel      `json:"channel,omitempty" doc:"required" enum:"sms,whatsapp,email,in_app" example:"whatsapp"`
	Purpose paylink.ConsentTo    `json:"purpose,omitempty" doc:"required; transactional: what a payment needs, reminders among it; promotional: what sells; all: everything on the channel, and only to withdraw" enum:"transactional,promotional,all" example:"transactional"`
	State   paylink.ConsentState `json:"state,omitempty" doc:"required" enum:"granted,withdrawn" example:"granted"`
	Source  string               `json:"source,omitempty" maxLength:"200" doc:"required; how you know, in your words" example:"checkout box"`
}

// consentView is a line of a customer's log.
type consentView struct {
	paylink.ConsentSnapshot
	Object     string             `json:"object" enum:"consent"`
	Livemode   bool               `json:"livemode"`
	CustomerID paylink.CustomerID `json:"customer_id" doc:"the customer, cust_…"`
}

type consentCreated struct{ Body consentView }

// exportView is what is held about one customer, for the document: the answer is written as it is read.
type exportView struct {
	Object   string                    `json:"object" enum:"customer_export"`
	MadeAt   string                    `json:"made_at" format:"date-time" doc:"when it was written"`
	Customer customerView              `json:"customer" doc:"the details"`
	Consents []paylink.ConsentSnapshot `json:"consents" doc:"what was allowed and taken back, newest first"`
	Links    []exportLink              `json:"payment_links" doc:"every link of the customer, newest first, without what opens it"`
}

type exportLink struct {
	*paylink.LinkSnapshot
	Customer paylink.CustomerSnapshot  `json:"customer" doc:"the contact that the link was made with"`
	Payments []paylink.PaymentSnapshot `json:"payments" doc:"with what the customer answered"`
	Messages []paylink.MessageSnapshot `json:"messages" doc:"with the addresses they went to"`
}

func (a *API) customerRecords(about func(id, method, path, summary string, status int) huma.Operation) {
	add(a, about("list_customer_consents", http.MethodGet, "/{id}/consents", "List what a customer allowed and took back, newest first", http.StatusOK), a.listConsents)
	add(a, about("record_customer_consent", http.MethodPost, "/{id}/consents", "Write down what a customer allowed or took back", http.StatusCreated), a.recordConsent)
	op := about("export_customer", http.MethodGet, "/{id}/export", "Everything that is held about a customer, as one document", http.StatusOK)
	op.Responses = map[string]*huma.Response{"200": {
		Description: "Written as it is read; a document that breaks off is not closed.",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[exportView](), true, "")}},
	}}
	add(a, op, a.exportCustomer)
}

func (a *API) listConsents(ctx context.Context, c *call, in *struct {
	CustomerPath
	Page
}) (*listAnswer[consentView], error) {
	before, err := in.position(c)
	if err != nil {
		return nil, err
	}
	p, err := a.Store.Read(ctx).Person(c.Merchant, c.Live, paylink.CustomerID(in.ID))
	if err != nil {
		return nil, err
	}
	log, err := a.Store.Read(ctx).Consents(p.Merchant, p.ID, paylink.ConsentID(before), in.size())
	if err != nil {
		return nil, err
	}
	return answer(c, in.Page, each(log, viewConsent), func(v consentView) string { return string(v.ID) }), nil
}

func (a *API) recordConsent(ctx context.Context, c *call, in *struct {
	CustomerPath
	Body consentBody
}) (*consentCreated, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	line, err := a.Customers.Consent(ctx, by, paylink.CustomerID(in.ID), customer.Said(in.Body), c.claim)
	return &consentCreated{viewConsent(line)}, err
}

func (a *API) exportCustomer(ctx context.Context, c *call, in *CustomerPath) (*streamAnswer, error) {
	p, err := a.Store.Read(ctx).Person(c.Merchant, c.Live, paylink.CustomerID(in.ID))
	if err != nil {
		return nil, err
	}
	return &streamAnswer{func(hc huma.Context) {
		r, w := humago.Unwrap(hc)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Disposition", `attachment; filename="`+string(p.ID)+`.json"`)
		w.WriteHeader(http.StatusOK)
		if err := a.Customers.Export(r.Context(), p, respond.Patiently(w)); err != nil {
			a.Log.Warn("customer.export_broken_off", "customer", string(p.ID), "error", err)
			panic(http.ErrAbortHandler) // half a document must not look like a whole one
		}
	}}, nil
}

func viewConsent(c paylink.Consent) consentView {
	return consentView{ConsentSnapshot: c.Snapshot(), Object: "consent", Livemode: c.Live, CustomerID: c.Customer}
}

func viewCustomer(c paylink.Customer) customerView {
	v := customerView{
		ID: c.ID, Object: "customer", Livemode: c.Live, Name: c.Name, Phone: c.Phone, Email: c.Email, Locale: c.Locale, TaxID: c.TaxID, Notes: c.Notes,
		Metadata: c.Metadata, Revision: c.Revision, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, ErasedAt: timeOrNil(c.ErasedAt),
	}
	if v.Metadata == nil {
		v.Metadata = map[string]string{}
	}
	return v
}

func viewStanding(s customer.Standing) *standingView {
	sum := func(m paylink.Money) sumView { return sumView{m.Minor, m.Currency} }
	v := &standingView{
		Links: s.Links, Part: s.Part, Open: each(s.Open, sum), Paid: each(s.Paid, sum), LastContact: timeOrNil(s.LastContact), OptedOut: s.OptedOut,
	}
	if s.Best != "" {
		v.Best = &s.Best
	}
	return v
}
