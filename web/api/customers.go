package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/customer"
	"paylink/issue"
	"paylink/store"
	"paylink/web/respond"
)

// cardBody is a new customer as a merchant writes it down.
type cardBody struct {
	Name     string            `json:"name,omitempty" maxLength:"100" doc:"as pages and messages greet the customer; one of name, phone and email is needed" example:"Asha"`
	Phone    string            `json:"phone,omitempty" maxLength:"32" pattern:"^(|[+]?[0-9 ().-]+)$" doc:"with its country, or as it is written in yours" example:"+919812345642"`
	Email    string            `json:"email,omitempty" maxLength:"254" pattern:"^(|[^@\\s]+@[^@\\s]+)$" doc:"where e-mail goes" example:"asha@example.com"`
	Locale   string            `json:"locale,omitempty" maxLength:"35" doc:"BCP 47; the language of pages and messages" example:"hi"`
	TaxID    string            `json:"tax_id,omitempty" maxLength:"32" doc:"as the customer's country writes it" example:"27AAPFU0939F1ZV"`
	Notes    string            `json:"notes,omitempty" maxLength:"2000" doc:"internal; the customer never sees them"`
	Metadata map[string]string `json:"metadata,omitempty" doc:"up to 50 texts of your own"`
}

// customerChange is what may change in a customer. What is absent stays as it is.
type customerChange struct {
	Name     *string           `json:"name,omitempty" maxLength:"100" doc:"an empty text removes it" example:"Asha Rao"`
	Phone    *string           `json:"phone,omitempty" maxLength:"32" pattern:"^(|[+]?[0-9 ().-]+)$" doc:"links that name the customer by its id go there from now on; an empty text removes it"`
	Email    *string           `json:"email,omitempty" maxLength:"254" pattern:"^(|[^@\\s]+@[^@\\s]+)$" doc:"an empty text removes it"`
	Locale   *string           `json:"locale,omitempty" maxLength:"35" doc:"BCP 47; an empty text: yours"`
	TaxID    *string           `json:"tax_id,omitempty" maxLength:"32" doc:"an empty text removes it"`
	Notes    *string           `json:"notes,omitempty" maxLength:"2000" doc:"internal; the customer never sees them"`
	Metadata map[string]string `json:"metadata,omitempty" doc:"all of your texts anew; an empty object removes them"`
}

type erasureBody struct {
	CancelLinks bool `json:"cancel_links,omitempty" doc:"the customer's links that can still be paid are cancelled first; without it, such a link refuses the erasure"`
}

type mergeBody struct {
	From paylink.CustomerID `json:"from,omitempty" doc:"required: the customer that turned out to be the same person; its id leads here from now on" example:"cust_01kbfm6fwtz2etwfvdzc22ggfd"`
}

// CustomerPath is the id in a path; exported for the same reason as Page.
type CustomerPath struct {
	ID string `path:"id" doc:"cust_…"`
}

type customerFilter struct {
	Page
	Phone string `query:"phone" maxLength:"32" doc:"of any contact of the customer, as it is written in your country"`
	Email string `query:"email" maxLength:"254" doc:"of any contact of the customer, exactly, in any case"`
	Text  string `query:"q" maxLength:"100" doc:"a phone number, an e-mail address, or a part of a name"`
}

type changeCustomerIn struct {
	CustomerPath
	IfMatch string `header:"If-Match" doc:"the ETag of the customer as you read it; another revision answers 412"`
	Body    customerChange
}

// sumView is money in one currency.
type sumView struct {
	Amount   int64            `json:"amount" minimum:"0" doc:"minor units"`
	Currency paylink.Currency `json:"currency"`
}

type customerView struct {
	ID        paylink.CustomerID `json:"id" doc:"cust_…"`
	Object    string             `json:"object" enum:"customer"`
	Livemode  bool               `json:"livemode"`
	Name      string             `json:"name" doc:"empty when it is not known, or was erased"`
	Phone     string             `json:"phone" doc:"E.164; empty when it is not known, or was erased"`
	Email     string             `json:"email" doc:"empty when it is not known, or was erased"`
	Locale    string             `json:"locale"`
	TaxID     string             `json:"tax_id" doc:"as the customer's country writes it; empty: not known" maxLength:"32"`
	Notes     string             `json:"notes"`
	Metadata  map[string]string  `json:"metadata"`
	Revision  int64              `json:"revision" doc:"counts its changes, from 1"`
	CreatedAt time.Time          `json:"created_at"`
	UpdatedAt time.Time          `json:"updated_at"`
	ErasedAt  *time.Time         `json:"erased_at" doc:"since when nothing personal is known; null: not erased"`

	Standing *standingView `json:"standing,omitempty" doc:"how you stand with the customer; absent in lists and after changes"`
}

type standingView struct {
	Links       int64             `json:"links" minimum:"0" doc:"payment links of the customer, whatever contact they were made with"`
	Part        bool              `json:"counted_in_part" doc:"there are more than a thousand links; all figures are those of so many"`
	Open        []sumView         `json:"open_balance" doc:"what links that can still be paid ask for, by currency"`
	Paid        []sumView         `json:"paid" doc:"captured and recorded less what was reversed, by currency"`
	LastContact *time.Time        `json:"last_contact_at" doc:"when a provider last took a message to the customer; null: never"`
	Best        *paylink.Channel  `json:"best_channel" doc:"on which most messages arrived; null: none did"`
	OptedOut    []paylink.Channel `json:"opted_out" doc:"channels on which the customer said no"`
}

type customerAnswer struct {
	ETag string `header:"ETag" doc:"the customer's revision"`
	Body customerView
}

type customerCreated struct {
	Location string `header:"Location" doc:"path of the new customer"`
	ETag     string `header:"ETag" doc:"the customer's revision"`
	Body     customerView
}

func (a *API) customerOperations() {
	about := func(id, method, path, summary string, status int) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: method, Path: "/v1/customers" + path, Tags: []string{"Customers"}, DefaultStatus: status, Summary: summary,
		}
	}
	add(a, about("create_customer", http.MethodPost, "", "Add a customer", http.StatusCreated), a.createCustomer)
	add(a, about("list_customers", http.MethodGet, "", "List customers, newest first", http.StatusOK), a.listCustomers)
	add(a, about("get_customer", http.MethodGet, "/{id}", "Read a customer", http.StatusOK), a.getCustomer)
	add(a, about("update_customer", http.MethodPatch, "/{id}", "Change a customer", http.StatusOK), a.updateCustomer)
	add(a, about("merge_customer", http.MethodPost, "/{id}/merge", "Make two customers one", http.StatusOK), a.mergeCustomer)
	add(a, about("erase_customer", http.MethodPost, "/{id}/erase", "Forget a customer, for good", http.StatusOK), a.eraseCustomer)
	a.customerRecords(about)
}

func (a *API) createCustomer(ctx context.Context, c *call, in *struct{ Body cardBody }) (*customerCreated, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	b := in.Body
	made, err := a.Customers.Create(ctx, by, issue.Card{
		Contact: issue.Contact{Name: b.Name, Phone: b.Phone, Email: b.Email, Locale: b.Locale, TaxID: b.TaxID}, Notes: b.Notes, Metadata: b.Metadata,
	}, c.claim)
	if err != nil {
		return nil, err
	}
	return &customerCreated{"/v1/customers/" + string(made.ID), etag(made.Revision), viewCustomer(made)}, nil
}

func (a *API) listCustomers(ctx context.Context, c *call, in *customerFilter) (*listAnswer[customerView], error) {
	from, err := in.position(c)
	if err != nil {
		return nil, err
	}
	read := a.Store.Read(ctx)
	m, err := read.Merchant(c.Merchant)
	if err != nil {
		return nil, err
	}
	f := store.PersonFilter{Merchant: c.Merchant, Live: c.Live, From: from, Limit: in.limit(), Email: in.Email}
	if in.Phone != "" {
		f.Phone = number(m, in.Phone)
	}
	f = customer.Asked(m, f, in.Text)
	found, err := read.People(f)
	out := &listAnswer[customerView]{Body: listOf[customerView]{Data: each(found.People, viewCustomer)}}
	if found.Next != "" {
		next := respond.Cursor(c.filters(), found.Next)
		out.Body.NextCursor = &next
	}
	return out, err
}

func (a *API) getCustomer(ctx context.Context, c *call, in *CustomerPath) (*customerAnswer, error) {
	read := a.Store.Read(ctx)
	p, err := read.Person(c.Merchant, c.Live, paylink.CustomerID(in.ID))
	if err != nil {
		return nil, err
	}
	m, err := read.Merchant(c.Merchant)
	if err != nil {
		return nil, err
	}
	s, err := a.Customers.Standing(ctx, p, m.Now(c.Live, a.now()))
	v := viewCustomer(p)
	v.Standing = viewStanding(s)
	return &customerAnswer{etag(p.Revision), v}, err
}

func (a *API) updateCustomer(ctx context.Context, c *call, in *changeCustomerIn) (*customerAnswer, error) {
	revision, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	b := in.Body
	made, err := a.Customers.Change(ctx, by, paylink.CustomerID(in.ID), customer.Change{
		Name: b.Name, Phone: b.Phone, Email: b.Email, Locale: b.Locale, TaxID: b.TaxID, Notes: b.Notes, Metadata: b.Metadata, IfRevision: revision,
	})
	var refused *paylink.Conflict
	if errors.As(err, &refused) && refused.Code == "wrong_revision" {
		return nil, respond.NewProblem(http.StatusPreconditionFailed, refused.Code, refused.Detail)
	}
	return &customerAnswer{etag(made.Revision), viewCustomer(made)}, err
}

func (a *API) mergeCustomer(ctx context.Context, c *call, in *struct {
	CustomerPath
	Body mergeBody
}) (*customerAnswer, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	if !paylink.HasTag(string(in.Body.From), "cust") {
		wrong := &paylink.Invalid{}
		wrong.Add("/from", "unknown_value", "Name the customer that turned out to be the same person by its id, cust_….")
		return nil, wrong
	}
	made, err := a.Customers.Merge(ctx, by, paylink.CustomerID(in.ID), in.Body.From, c.claim)
	return &customerAnswer{etag(made.Revision), viewCustomer(made)}, err
}

func (a *API) eraseCustomer(ctx context.Context, c *call, in *struct {
	CustomerPath
	Body *erasureBody
}) (*customerAnswer, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	gone, err := a.Customers.Erase(ctx, by, paylink.CustomerID(in.ID), in.Body != nil && in.Body.CancelLinks, c.claim)
	return &customerAnswer{etag(gone.Revision), viewCustomer(gone)}, err
}
