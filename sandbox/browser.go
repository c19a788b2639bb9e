package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"paylink"
)

// browser is a customer's browser as far as paying needs one: cookies, forms and redirects. It stays
// with paylink and the sandbox; a redirect to any other place ends where it is.
type browser struct{ client *http.Client }

// agent is what the browser calls itself: honest, and a phone's.
const agent = "Mozilla/5.0 (Linux; Android 14; Mobile) PaylinkSandbox/1"

func (s *Sandbox) newBrowser() *browser {
	jar, _ := cookiejar.New(nil) // fails on no input
	return &browser{client: &http.Client{
		Transport: s.cfg.Transport, Jar: jar, Timeout: walkWithin,
		CheckRedirect: func(to *http.Request, via []*http.Request) error {
			if len(via) >= 10 {
				return errors.New("redirected in a circle")
			}
			if !under(to.URL, s.paylink) && !under(to.URL, s.own) {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}}
}

// webPage is what a request ended at.
type webPage struct {
	URL  *url.URL
	Code int
	root *html.Node
}

// webForm is a form with the values that a browser would send.
type webForm struct {
	action *url.URL
	values url.Values
	fields map[string][]string // each field's name with the values that it offers
}

func (b *browser) open(ctx context.Context, u *url.URL) (*webPage, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("open page: %w", err)
	}
	return b.load(req)
}

func (b *browser) submit(ctx context.Context, f *webForm) (*webPage, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.action.String(), strings.NewReader(f.values.Encode()))
	if err != nil {
		return nil, fmt.Errorf("submit form: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", f.action.Scheme+"://"+f.action.Host)
	return b.load(req)
}

func (b *browser) load(req *http.Request) (*webPage, error) {
	req.Header.Set("User-Agent", agent)
	req.Header.Set("Accept", "text/html")
	res, err := b.client.Do(req)
	if err != nil {
		return nil, withoutURL("load page", err)
	}
	defer res.Body.Close()
	root, err := html.Parse(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	return &webPage{URL: res.Request.URL, Code: res.StatusCode, root: root}, nil
}

// linkState is the link's own short word about itself.
type linkState struct {
	Status   string           `json:"status"`
	Currency paylink.Currency `json:"currency"`
	Payment  *struct {
		Status paylink.PaymentStatus `json:"status"`
	} `json:"payment"`
}

// shows tells whether the link's page has heard the bank's answer; a success may have overtaken it. A
// link that is done with its payment need not show it any more; then its status tells, or that
// paylink took the notice a while ago.
func (st linkState) shows(answer paylink.PaymentStatus, told bool) bool {
	if st.Payment != nil {
		return st.Payment.Status == answer || st.Payment.Status == paylink.PaymentCaptured
	}
	switch st.Status {
	case "paid", "partially_paid":
		return true
	case "failed":
		return answer == paylink.PaymentFailed
	}
	return told
}

func (b *browser) state(ctx context.Context, link *url.URL) (st linkState, err error) {
	at := link.JoinPath("state")
	if code := link.Query().Get("c"); code != "" { // the form /p?c={code}
		at = link.JoinPath("..", code, "state")
	}
	at.RawQuery = ""
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return st, fmt.Errorf("read link state: %w", err)
	}
	req.Header.Set("User-Agent", agent)
	res, err := b.client.Do(req)
	if err != nil {
		return st, withoutURL("read link state", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return st, fmt.Errorf("read link state: answered %d", res.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxBody)).Decode(&st); err != nil {
		return st, fmt.Errorf("read link state: %w", err)
	}
	return st, nil
}

// withoutURL leaves the URL out of an error that will be logged: it holds the link's code.
func withoutURL(doing string, err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// under tells whether a URL is at or below another, on the same host.
func under(u, base *url.URL) bool {
	path := strings.TrimRight(base.Path, "/")
	return u.Scheme == base.Scheme && u.Host == base.Host && u.User == nil && !strings.Contains(u.Path, "/../") &&
		(u.Path == path || strings.HasPrefix(u.Path, path+"/"))
}
