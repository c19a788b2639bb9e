package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// bounceCommand hands one returned mail to a server's door for receipts. It is made for a mail server's pipe:
// see docs/email.md.
type bounceCommand struct {
	URLFile   string `type:"path" placeholder:"FILE" help:"A file with the account's receipt address, its secret included. PAYLINK_BOUNCE_URL stands in for it; as an argument anyone on the machine could read it."`
	Recipient string `placeholder:"ADDRESS" help:"To whom the mail was addressed: $${recipient} of Postfix, $$local_part@$$domain of Exim."`
}

const (
	// exitLater is EX_TEMPFAIL of sysexits.h: a mail server keeps the mail and tries again.
	exitLater = 75
	// longestBounce is as much as the door takes, in bytes. Reports stand before the letter that they return.
	longestBounce = 256 << 10
)

// laterError is a mistake that may be over, or mended, when the mail server tries again.
type laterError struct{ error }

func (e *laterError) Unwrap() error { return e.error }

func (c *bounceCommand) Run(ctx context.Context) error { return c.hand(ctx, os.Stdin) }

// hand posts the mail. Every mistake is one that the mail server may try again after: somebody mends it, and
// the mail is not lost meanwhile.
func (c *bounceCommand) hand(ctx context.Context, in io.Reader) error {
	to, err := c.address()
	if err != nil {
		return &laterError{err}
	}
	mail, err := io.ReadAll(io.LimitReader(in, longestBounce))
	if err != nil {
		return &laterError{fmt.Errorf("read the mail: %w", err)}
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(mail))
	if err != nil {
		return &laterError{errors.New("the address of the account's receipts is none")}
	}
	req.Header.Set("Content-Type", "message/rfc822")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		var outer *url.Error
		if errors.As(err, &outer) {
			err = outer.Err // without the address, whose query is a secret
		}
		return &laterError{fmt.Errorf("hand over the mail: %w", err)}
	}
	_ = res.Body.Close() // the status says it all
	if res.StatusCode != http.StatusOK {
		return &laterError{fmt.Errorf("hand over the mail: the server answers %d", res.StatusCode)}
	}
	return nil
}

// address is where the mail goes, with its recipient.
func (c *bounceCommand) address() (string, error) {
	text := os.Getenv("PAYLINK_BOUNCE_URL")
	if c.URLFile != "" {
		file, err := os.ReadFile(c.URLFile)
		if err != nil {
			return "", err
		}
		text = string(file)
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Query().Get("secret") == "" {
		return "", errors.New("give --url-file or PAYLINK_BOUNCE_URL: https://…/inbound/channel/smtp/acct_…?secret=…")
	}
	if c.Recipient != "" {
		q := u.Query()
		q.Set("recipient", c.Recipient)
		u.RawQuery = q.Encode()
	}
	return u.String(), nil
}
