package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/connect"
	"paylink/web/respond"
)

// accountBody is what a merchant may say about a new account.
type accountBody struct {
	Provider string            `json:"provider,omitempty" maxLength:"40" doc:"as list_providers names it" example:"twilio"`
	Channel  paylink.Channel   `json:"channel,omitempty" doc:"keep the account to one channel of those that the provider carries; absent: each"`
	Name     string            `json:"name,omitempty" maxLength:"100" doc:"in your words, to tell it from others with the same provider" example:"India"`
	BaseURL  string            `json:"base_url,omitempty" maxLength:"2048" doc:"absent: the provider's own; private addresses only as the operator of this server allows"`
	Fields   map[string]string `json:"fields,omitempty" doc:"what the provider asks for, by the names that list_providers gives; secrets are sealed and never shown again"`
	Rank     *int64            `json:"rank,omitempty" minimum:"0" maximum:"1000" doc:"the lower, the sooner it is chosen; absent: after all others"`
	Off      bool              `json:"switched_off,omitempty" doc:"do not use it for anything new"`
}

// accountChange is what is to be different about an account. What is absent stays as it is.
type accountChange struct {
	Channel nullable[paylink.Channel] `json:"channel,omitempty" doc:"null: each that the provider carries"`
	Name    *string                   `json:"name,omitempty" maxLength:"100" doc:"in your words"`
	BaseURL nullable[string]          `json:"base_url,omitempty" doc:"null: the provider's own; another address needs every secret again"`
	Fields  map[string]string         `json:"fields,omitempty" doc:"the fields to change; one that is not sent stays, secrets too, and an empty text takes one away"`
	Rank    *int64                    `json:"rank,omitempty" minimum:"0" maximum:"1000" doc:"the lower, the sooner it is chosen"`
	Off     *bool                     `json:"switched_off,omitempty" doc:"do not use it for anything new"`

	KeepPrevious *int64 `json:"previous_secrets_for,omitempty" minimum:"0" maximum:"604800" doc:"of an account with a gateway: for how many seconds notices that are signed with the secrets that this change replaces are still believed; absent: a day"`
}

type accountView struct {
	ID         paylink.AccountID `json:"id" doc:"acct_…"`
	Object     string            `json:"object" enum:"account"`
	Kind       string            `json:"kind" enum:"channel,gateway" doc:"channel: it carries messages; gateway: it takes payments"`
	Livemode   bool              `json:"livemode"`
	Provider   string            `json:"provider" doc:"as list_providers names it"`
	Title      string            `json:"title" doc:"of the provider, as people write it"`
	Channels   []paylink.Channel `json:"channels" doc:"that it carries"`
	Methods    []paylink.Method  `json:"methods" doc:"that its gateway takes"`
	Name       string            `json:"name" doc:"in your words"`
	BaseURL    *string           `json:"base_url" doc:"null: the provider's own"`
	Fields     map[string]string `json:"fields" doc:"what is set and is no secret"`
	SecretsSet []string          `json:"secrets_set" doc:"the names of the secrets that are set; the secrets themselves never come back"`
	Rank       int64             `json:"rank" doc:"the lower, the sooner it is chosen"`
	Off        bool              `json:"switched_off" doc:"not used for anything new"`
	ReceiptURL *string           `json:"receipt_url" doc:"where the provider is to post its receipts, a gateway its notices: paste it into its console; null: it posts none"`
	Sandbox    bool              `json:"sandbox" doc:"the server's own, which cannot be changed"`

	PreviousUntil *time.Time `json:"previous_secrets_until" doc:"until then notices that are signed with the secrets before are believed; null: they are not"`
}

// AccountPath is the id in a path; exported for the same reason as Page.
type AccountPath struct {
	ID string `path:"id" doc:"acct_…"`
}

type accountAnswer struct {
	ETag string `header:"ETag" doc:"another one after each change"`
	Body accountView
}

type accountCreated struct {
	Location string `header:"Location" doc:"path of the new account"`
	ETag     string `header:"ETag" doc:"another one after each change"`
	Body     accountView
}

// trialView is what a provider says of credentials.
type trialView struct {
	Works      bool    `json:"works" doc:"whether the provider accepts the credentials"`
	Reason     string  `json:"reason,omitempty" enum:"invalid_address,opted_out,blocked,unreachable,not_on_channel,expired,bad_template,bad_credentials,no_balance,throttled,bad_request,provider_down,not_testable,not_allowed,no_answer,refused,unreadable" doc:"why not"`
	Detail     string  `json:"detail" doc:"a sentence for people"`
	Code       string  `json:"code,omitempty" doc:"the provider's own"`
	Words      string  `json:"words,omitempty" doc:"the provider's own, without addresses and long numbers"`
	ReceiptURL *string `json:"receipt_url" doc:"where the provider is to post its receipts; null: it posts none"`
}

func (a *API) accountOperations() {
	about := func(id, method, path, summary string, status int) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: method, Path: "/v1/accounts" + path, Tags: []string{"Providers"}, DefaultStatus: status, Summary: summary,
		}
	}
	list := about("list_providers", http.MethodGet, "", "List the providers that you can connect, and what each asks for", http.StatusOK)
	list.Path = "/v1/providers"
	add(a, list, a.listProviders)
	add(a, about("connect_account", http.MethodPost, "", "Connect your own account with a provider", http.StatusCreated), a.connectAccount)
	add(a, about("list_accounts", http.MethodGet, "", "List your accounts with providers, the preferred first", http.StatusOK), a.listAccounts)
	add(a, about("get_account", http.MethodGet, "/{id}", "Read an account", http.StatusOK), a.getAccount)
	add(a, about("update_account", http.MethodPatch, "/{id}", "Change an account, or switch it off", http.StatusOK), a.updateAccount)
	add(a, about("disconnect_account", http.MethodDelete, "/{id}", "Disconnect an account and forget its secrets", http.StatusNoContent), a.disconnectAccount)
	add(a, about("test_account", http.MethodPost, "/{id}/test", "Ask the provider whether the credentials are good", http.StatusOK), a.testAccount)
}

func (c *call) by() connect.By {
	return connect.By{Merchant: c.Merchant, Live: c.Live, ID: string(c.KeyID)}
}

func (a *API) connectAccount(ctx context.Context, c *call, in *struct{ Body accountBody }) (*accountCreated, error) {
	b := in.Body
	made, err := a.Accounts.Connect(ctx, c.by(), connect.Draft{
		Provider: b.Provider, Channel: b.Channel, Name: b.Name, BaseURL: b.BaseURL, Fields: b.Fields, Rank: b.Rank, Off: b.Off,
	}, c.claim)
	if err != nil {
		return nil, err
	}
	return &accountCreated{"/v1/accounts/" + string(made.ID), strconv.Quote(made.Version), viewAccount(made)}, nil
}

func (a *API) listAccounts(ctx context.Context, c *call, in *Page) (*listAnswer[accountView], error) {
	after, err := in.position(c)
	if err != nil {
		return nil, err
	}
	all, err := a.Accounts.List(ctx, c.Merchant, c.Live)
	if err != nil {
		return nil, err
	}
	id := func(v accountView) string { return string(v.ID) }
	return answer(c, *in, behind(each(all, viewAccount), after, id), id), nil
}

// behind is the rest of a short list after the item at a place; nothing when that item has gone.
func behind[T any](all []T, place string, at func(T) string) []T {
	if place == "" {
		return all
	}
	for i, item := range all {
		if at(item) == place {
			return all[i+1:]
		}
	}
	return nil
}

func (a *API) getAccount(ctx context.Context, c *call, in *AccountPath) (*accountAnswer, error) {
	found, err := a.Accounts.Get(ctx, c.Merchant, c.Live, paylink.AccountID(in.ID))
	return answerAccount(found), err
}

func (a *API) updateAccount(ctx context.Context, c *call, in *struct {
	AccountPath
	IfMatch string `header:"If-Match" doc:"the ETag of the account as you read it; another one answers 412"`
	Body    accountChange
}) (*accountAnswer, error) {
	version, err := sameVersion(in.IfMatch)
	if err != nil {
		return nil, err
	}
	b, none := in.Body, ""
	change := connect.Change{Name: b.Name, Rank: b.Rank, Off: b.Off, Channel: b.Channel.Value, BaseURL: b.BaseURL.Value, Fields: b.Fields, Version: version}
	if b.KeepPrevious != nil {
		keep := time.Duration(*b.KeepPrevious) * time.Second
		change.KeepPrevious = &keep
	}
	if b.Channel.Null {
		change.Channel = new(paylink.Channel)
	}
	if b.BaseURL.Null {
		change.BaseURL = &none
	}
	changed, err := a.Accounts.Change(ctx, c.by(), paylink.AccountID(in.ID), change)
	var stale *paylink.Conflict
	if errors.As(err, &stale) && stale.Code == "wrong_revision" {
		return nil, respond.NewProblem(http.StatusPreconditionFailed, stale.Code, stale.Detail)
	}
	return answerAccount(changed), err
}

// sameVersion reads the ETag that a caller wants to change: empty for any.
func sameVersion(header string) (string, error) {
	text := strings.TrimSpace(header)
	if text == "" || text == "*" {
		return "", nil
	}
	inner, err := strconv.Unquote(text)
	if err != nil || strconv.Quote(inner) != text || len(inner) != 16 {
		return "", respond.NewProblem(http.StatusBadRequest, "bad_if_match", `If-Match holds one ETag as it was answered, such as "3".`)
	}
	return inner, nil
}

func (a *API) disconnectAccount(ctx context.Context, c *call, in *AccountPath) (*struct{}, error) {
	return nil, a.Accounts.Disconnect(ctx, c.by(), paylink.AccountID(in.ID))
}

func (a *API) testAccount(ctx context.Context, c *call, in *AccountPath) (*struct{ Body trialView }, error) {
	found, err := a.Accounts.Get(ctx, c.Merchant, c.Live, paylink.AccountID(in.ID))
	if err != nil {
		return nil, err
	}
	t, err := a.Accounts.Test(ctx, c.by(), found.ID, c.claim)
	if err != nil {
		return nil, err
	}
	return &struct{ Body trialView }{trialView{t.Works, string(t.Reason), t.Detail, t.Code, t.Words, textOrNil(found.ReceiptURL)}}, nil
}

func answerAccount(found connect.Account) *accountAnswer {
	return &accountAnswer{ETag: strconv.Quote(found.Version), Body: viewAccount(found)}
}

func viewAccount(v connect.Account) accountView {
	channels := v.Channels
	if channels == nil {
		channels = []paylink.Channel{}
	}
	shown := accountView{
		ID: v.ID, Object: "account", Kind: string(v.Kind), Methods: append([]paylink.Method{}, v.Methods...), Livemode: v.Live, Provider: v.Provider, Title: v.Title, Channels: channels, Name: v.Name, BaseURL: textOrNil(v.BaseURL),
		Fields: v.Fields, SecretsSet: v.Secrets, Rank: v.Rank, Off: v.Off, ReceiptURL: textOrNil(v.ReceiptURL), Sandbox: v.Fixed,
	}
	if !v.PreviousUntil.IsZero() {
		shown.PreviousUntil = &v.PreviousUntil
	}
	return shown
}

// textOrNil gives null for no text.
func textOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
