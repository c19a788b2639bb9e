package cli

import (
	"context"
	"io"
	"os"
	"strings"

	"paylink/client"
)

// restrict puts the flags over what the file says about who may open the link. A PIN comes from a file:
// on the command line every process of the machine could read it.
func (c *linkCreateCommand) restrict(t *Terminal, l *client.NewPaymentLink) error {
	if c.Proof == "" && c.PINFile == "" && len(c.Country) == 0 {
		return nil
	}
	if l.Restrict == nil {
		l.Restrict = &client.NewRestriction{}
	}
	over(&l.Restrict.Proof, c.Proof)
	if len(c.Country) > 0 {
		l.Restrict.Countries = c.Country
	}
	if c.PINFile == "" {
		return nil
	}
	pin, err := readPIN(t, c.PINFile)
	l.Restrict.PIN = pin
	return err
}

func readPIN(t *Terminal, name string) (string, error) {
	file := t.In
	if name != "-" {
		opened, err := os.Open(name)
		if err != nil {
			return "", usage("read the PIN: %w", err)
		}
		defer opened.Close()
		file = opened
	}
	text, err := io.ReadAll(io.LimitReader(file, 64))
	if err != nil {
		return "", usage("read the PIN of %s: %w", name, err)
	}
	return strings.TrimSpace(string(text)), nil
}

type linkResetProofCommand struct{ linkChange }

func (c *linkResetProofCommand) Run(ctx context.Context, t *Terminal) error {
	return c.run(t, func(api *client.Client, o []client.Option) (client.PaymentLink, error) {
		return api.ResetPaymentLinkProof(ctx, c.ID, o...)
	})
}
