package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"

	"paylink/client"
)

type accountListCommand struct {
	Server
	Output
}

func (c *accountListCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return list(t, c.Output, []string{"RANK", "PROVIDER", "NAME", "FOR", "ON", "ID"}, func(a client.Account) []string {
		return []string{fmt.Sprint(a.Rank), a.Provider, a.Name, strings.Join(append(a.Channels, a.Methods...), " "), yesNo(!a.SwitchedOff), a.ID}
	}, func(o ...client.Option) iter.Seq2[client.Account, error] {
		return api.ListAccounts(ctx, client.Page{Limit: 100}, o...)
	})
}

// accountOf is what the commands take that act on one account.
type accountOf struct {
	Server
	Output
	Account string `arg:"" help:"acct_…, or the provider where you have just one account with it."`
}

// find gives the id of an account as somebody named it.
func (c accountOf) find(ctx context.Context, t *Terminal, api *client.Client) (string, error) {
	if strings.HasPrefix(c.Account, "acct_") {
		return c.Account, nil
	}
	var found []string
	for a, err := range api.ListAccounts(ctx, client.Page{Limit: 100}, client.OnTrouble(t.trouble)) {
		if err != nil {
			return "", err
		}
		if strings.EqualFold(a.Provider, c.Account) {
			found = append(found, a.ID)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("you have no account with %q", c.Account)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("you have %d accounts with %q; name one by its id", len(found), c.Account)
}

type accountTestCommand struct{ accountOf }

// errNotWorking ends the command with 1, so that a script sees it.
var errNotWorking = errors.New("the account does not work")

func (c *accountTestCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	id, err := c.find(ctx, t, api)
	if err != nil {
		return err
	}
	var text json.RawMessage
	said, err := api.TestAccount(ctx, id, client.Verbatim(&text), client.OnTrouble(t.trouble))
	switch {
	case err != nil:
		return err
	case c.JSON:
		if err := line(t.Out, text); err != nil {
			return err
		}
	default:
		fmt.Fprintln(t.Out, clean(said.Detail))
		if said.Words != "" {
			fmt.Fprintf(t.Out, "The provider says: %s (%s)\n", clean(said.Words), clean(said.Code))
		}
		if said.ReceiptURL != nil {
			fmt.Fprintf(t.Out, "It posts receipts to: %s\n", clean(*said.ReceiptURL))
		}
	}
	if !said.Works {
		return errNotWorking
	}
	return nil
}

type accountOffCommand struct{ accountOf }

func (c *accountOffCommand) Run(ctx context.Context, t *Terminal) error { return c.turn(ctx, t, true) }

type accountOnCommand struct{ accountOf }

func (c *accountOnCommand) Run(ctx context.Context, t *Terminal) error { return c.turn(ctx, t, false) }

func (c accountOf) turn(ctx context.Context, t *Terminal, off bool) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	id, err := c.find(ctx, t, api)
	if err != nil {
		return err
	}
	return showAccount(t, c.Output, func(o ...client.Option) (client.Account, error) {
		return api.UpdateAccount(ctx, id, client.AccountChange{SwitchedOff: &off}, o...)
	})
}

type accountDisconnectCommand struct {
	Server
	Account string `arg:"" help:"acct_…"`
}

func (c *accountDisconnectCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	if err := api.DisconnectAccount(ctx, c.Account, client.OnTrouble(t.trouble)); err != nil {
		return err
	}
	fmt.Fprintf(t.Out, "%s is disconnected, and its secrets are forgotten.\n", clean(c.Account))
	return nil
}
