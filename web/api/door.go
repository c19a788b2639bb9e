package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"paylink"
	"paylink/access"
	"paylink/issue"
	"paylink/store"
	"paylink/token"
	"paylink/web/respond"
)

// call is one request that was let in.
type call struct {
	access.Principal
	secret string       // the API key, for a stream that outlives its check
	claim  *store.Claim // of the Idempotency-Key; nil when none came
	header http.Header  // of the answer
	query  url.Values
	body   []byte // as it came, once it is found to fit
	route  string

	request *http.Request // whose body an operation with metaRaw reads itself
	writer  http.ResponseWriter

	customer paylink.CustomerID // whose inbox is open; empty: an API key let the request in
}

type callKey struct{}

// The keys of an operation's Metadata: what its body is read into, and whether it may be empty; and
// that it may be called without a key by those whom Keyless knows.
const (
	metaBody     = "body"
	metaOptional = "optional"
	metaKeyless  = "keyless"
	metaSecond   = "second" // only somebody else may
	metaRaw      = "raw"    // the operation reads the body itself
)

// add registers an operation. Its input holds parameters and, for a POST, a Body; a Body that is a
// pointer may be left out.
func add[I, O any](a *API, op huma.Operation, run func(ctx context.Context, c *call, in *I) (*O, error)) {
	if op.Metadata == nil {
		op.Metadata = map[string]any{}
	}
	body, optional := reflect.TypeFor[struct{}](), true
	if f, ok := reflect.TypeFor[I]().FieldByName("Body"); ok {
		body, optional = f.Type, f.Type.Kind() == reflect.Pointer
	}
	op.Metadata[metaBody], op.Metadata[metaOptional] = body, optional
	op.SkipValidateParams, op.SkipValidateBody = true, true // both are done by enter, with pointers
	op.MaxBodyBytes, op.BodyReadTimeout = respond.MaxBody+1, -1
	document(&op)
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		c := ctx.Value(callKey{}).(*call)
		out, err := run(ctx, c, in)
		if c.claim != nil && c.claim.Replayed {
			c.header.Set("Idempotent-Replayed", "true")
		}
		if err != nil {
			return nil, c.problem(ctx, err)
		}
		return out, nil
	})
}

func (c *call) problem(ctx context.Context, err error) *respond.Problem {
	p := respond.ProblemOf(err)
	respond.Prepare(c.header, ctx, p)
	return p
}

// enter settles everything that is the same for all operations, in the order in which a caller can do
// something about it, and lets the request in.
func (a *API) enter(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	op := ctx.Operation()
	respond.LineOf(r.Context()).Route = op.Method + " " + op.Path
	c, err := a.admit(r, w, op)
	if err != nil {
		respond.Fail(w, r, err)
		return
	}
	next(huma.WithValue(ctx, callKey{}, c))
}

func (a *API) admit(r *http.Request, w http.ResponseWriter, op *huma.Operation) (*call, error) {
	c := &call{header: w.Header(), route: op.Method + " " + op.Path}
	if err := a.identify(r, c, op); err != nil {
		return nil, err
	}
	line := respond.LineOf(r.Context())
	line.Merchant, line.Actor = c.Merchant, string(c.KeyID)+string(c.customer)
	limiter := a.limiter
	if c.customer != "" {
		limiter = a.customers
	}
	if err := limiter.Take(w.Header(), string(c.Merchant)+string(c.KeyID)+string(c.customer)); err != nil {
		return nil, err
	}
	if versions := r.Header.Values("Paylink-Version"); len(versions) > 1 || len(versions) == 1 && versions[0] != Version {
		return nil, respond.NewProblem(http.StatusBadRequest, "unknown_version", "There is no such version of the API. The Paylink-Version header of the answer names the one there is.")
	}
	var err error
	if c.query, err = screen(r, op); err != nil {
		return nil, err
	}
	if op.Method != http.MethodPost && op.Method != http.MethodPatch {
		return c, nil
	}
	return c, a.open(r, w, op, c)
}

// open reads the body, and the Idempotency-Key of a POST.
func (a *API) open(r *http.Request, w http.ResponseWriter, op *huma.Operation, c *call) error {
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	if op.Metadata[metaRaw] != nil {
		c.request, c.writer = r, w
		if key != "" { // what was asked is known when the body has been read
			c.claim = &store.Claim{Merchant: c.Merchant, Live: c.Live, Route: c.route, Key: key}
		}
		return nil
	}
	body, err := respond.StrictBody(w, r, op.Metadata[metaBody].(reflect.Type), op.Metadata[metaOptional].(bool))
	if err != nil {
		return err
	}
	r.Body, c.body = newBody(body.Text), body.Text
	r.Header.Set("Content-Type", "application/json")
	if key != "" && op.Method == http.MethodPost { // a PATCH twice is a PATCH; If-Match guards it
		c.claim = &store.Claim{
			Merchant: c.Merchant, Live: c.Live, Route: c.route, Key: key,
			Request: sha256.Sum256(append([]byte(r.URL.Path+"\x00"), body.Digest[:]...)),
		}
	}
	return nil
}

// identify tells who is asking. Whoever fails too often from one address is not listened to for a
// while.
func (a *API) identify(r *http.Request, c *call, op *huma.Operation) error {
	if op.Metadata[metaInbox] != nil {
		return a.identifyCustomer(r, c)
	}
	var given bool
	if c.secret, given = respond.Credentials(r); !given && op.Metadata[metaKeyless] != nil && a.Keyless != nil {
		if merchant, ok := a.Keyless(r); ok {
			c.Principal = access.Principal{Merchant: merchant}
			return nil
		}
	}
	if strings.HasPrefix(c.secret, token.InboxPrefix) {
		return errKey
	}
	client := respond.LineOf(r.Context()).Client.String()
	if a.strangers.Empty(client) {
		return a.strangers.Take(c.header, client)
	}
	var err error
	c.Principal, err = a.Access.Identify(r.Context(), c.secret)
	var refused *paylink.Refused
	if errors.As(err, &refused) {
		if limited := a.strangers.Take(http.Header{}, client); limited != nil {
			return limited
		}
	}
	return err
}

// idempotencyKey is a merchant's own text of up to 255 visible characters; empty when none came.
func idempotencyKey(r *http.Request) (string, error) {
	keys := r.Header.Values("Idempotency-Key")
	if len(keys) == 0 {
		return "", nil
	}
	visible := func(c rune) bool { return c <= ' ' || c > '~' }
	if len(keys) > 1 || keys[0] == "" || len(keys[0]) > 255 || strings.ContainsFunc(keys[0], visible) {
		return "", respond.NewProblem(http.StatusBadRequest, "bad_idempotency_key", "An Idempotency-Key has 1 to 255 visible ASCII characters, and comes once.")
	}
	return keys[0], nil
}

// readable tells whether a text from a URL may reach the database.
func readable(s string) bool {
	return len(s) <= 500 && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// actor is who asks a step for a change. The merchant is read anew, because its sandbox clock moves.
func (a *API) actor(ctx context.Context, c *call) (issue.Actor, error) {
	m, err := a.Store.Read(ctx).Merchant(c.Merchant)
	return issue.Actor{Merchant: m, Live: c.Live, ID: string(c.KeyID)}, err
}
