package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"paylink/client"
)

type accountsCommand struct {
	Providers  accountProvidersCommand  `cmd:"" help:"List the providers that can be connected, or what one asks for."`
	List       accountListCommand       `cmd:"" help:"List your accounts, the preferred first."`
	Connect    accountConnectCommand    `cmd:"" help:"Connect your account with a provider."`
	Test       accountTestCommand       `cmd:"" help:"Ask the provider whether the credentials are good."`
	Off        accountOffCommand        `cmd:"" help:"Do not use an account for anything new."`
	On         accountOnCommand         `cmd:"" help:"Use an account again."`
	Disconnect accountDisconnectCommand `cmd:"" help:"Disconnect an account and forget its secrets."`
}

type accountProvidersCommand struct {
	Server
	Output
	Provider string `arg:"" optional:"" help:"Show what this one asks for."`
}

func (c *accountProvidersCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	if c.Provider != "" {
		return c.one(ctx, t, api)
	}
	return list(t, c.Output, []string{"PROVIDER", "TITLE", "FOR", "ASKS FOR", "JUDGED BY"}, func(p client.Provider) []string {
		var asks []string
		for _, f := range p.Fields {
			if f.Required {
				asks = append(asks, f.Name)
			}
		}
		judge := "unverified"
		if p.JudgedBy != nil {
			judge = *p.JudgedBy
		}
		return []string{p.Name, p.Title, strings.Join(append(p.Channels, p.Methods...), " "), strings.Join(asks, " "), judge}
	}, func(o ...client.Option) iter.Seq2[client.Provider, error] {
		return api.ListProviders(ctx, client.Page{Limit: 100}, o...)
	})
}

func (c *accountProvidersCommand) one(ctx context.Context, t *Terminal, api *client.Client) error {
	p, err := providerNamed(ctx, t, api, c.Provider)
	if err != nil {
		return err
	}
	if c.JSON {
		text, err := json.Marshal(p)
		if err != nil {
			return err
		}
		return line(t.Out, text)
	}
	w := newTable(t.Out, "FIELD", "NEEDED", "SECRET", "WHAT")
	for _, f := range p.Fields {
		what := f.Label
		if f.Help != "" {
			what += ": " + f.Help
		}
		if f.Example != "" {
			what += " Such as " + f.Example
		}
		w.row(f.Name, yesNo(f.Required), yesNo(f.Secret), what)
	}
	return w.flush()
}

func providerNamed(ctx context.Context, t *Terminal, api *client.Client, name string) (client.Provider, error) {
	for p, err := range api.ListProviders(ctx, client.Page{Limit: 100}, client.OnTrouble(t.trouble)) {
		if err != nil {
			return client.Provider{}, err
		}
		if strings.EqualFold(p.Name, name) {
			return p, nil
		}
	}
	return client.Provider{}, fmt.Errorf("there is no provider %q; paylink accounts providers lists them", name)
}

type accountConnectCommand struct {
	Server
	Output
	Provider string            `arg:"" help:"As paylink accounts providers names it."`
	Field    map[string]string `placeholder:"NAME=VALUE" help:"What the provider asks for and is no secret. Can be given several times."`
	FromFile map[string]string `placeholder:"NAME=FILE" help:"A field whose value is in a file, such as a secret or a key; - for standard input. A secret that is needed and not named is asked for without an echo."`
	Name     string            `help:"In your words, to tell it from others with the same provider."`
	Channel  string            `help:"Keep it to one channel."`
	BaseURL  string            `name:"base-url" help:"Default: the provider's own."`
	Rank     *int64            `help:"The lower, the sooner it is chosen. Default: after all others."`
}

func (c *accountConnectCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	p, err := providerNamed(ctx, t, api, c.Provider)
	if err != nil {
		return err
	}
	fields, err := c.fields(t, p)
	if err != nil {
		return err
	}
	made := client.NewAccount{Provider: p.Name, Channel: c.Channel, Name: c.Name, BaseURL: c.BaseURL, Fields: fields, Rank: c.Rank}
	return showAccount(t, c.Output, func(o ...client.Option) (client.Account, error) { return api.ConnectAccount(ctx, made, o...) })
}

// fields gathers what the provider asks for. Secrets come from files, standard input or the terminal, never
// from the command line, which every process can see.
func (c *accountConnectCommand) fields(t *Terminal, p client.Provider) (map[string]string, error) {
	fields := map[string]string{}
	for name, value := range c.Field {
		if slices.ContainsFunc(p.Fields, func(f client.ProviderField) bool { return f.Name == name && f.Secret }) {
			return nil, usage("%s is a secret, which other processes could see here: write it to a file and give --from-file %s=FILE", name, name)
		}
		fields[name] = value
	}
	in := bufio.NewReader(io.LimitReader(t.In, 4*mostSecret))
	for name, file := range c.FromFile {
		text, err := secretFrom(file, in)
		if err != nil {
			return nil, fmt.Errorf("read the field %s: %w", name, err)
		}
		fields[name] = text
	}
	for _, f := range p.Fields {
		if !f.Secret || !f.Required || fields[f.Name] != "" || !isTerminal(t.In) {
			continue
		}
		text, err := unseen(t.In, in, func() { fmt.Fprintf(t.Err, "%s: ", clean(f.Label)) })
		if err != nil {
			return nil, fmt.Errorf("read the secret %s: %w", f.Name, err)
		}
		fields[f.Name] = strings.TrimSpace(text)
	}
	return fields, nil
}

// mostSecret bounds what is read as a secret, in bytes: the longest are whole key files.
const mostSecret = 64 << 10

func secretFrom(file string, in io.Reader) (string, error) {
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return "", err
		}
		defer func() { _ = opened.Close() }()
		in = opened
	}
	text, err := io.ReadAll(io.LimitReader(in, mostSecret+1))
	if len(text) > mostSecret {
		return "", fmt.Errorf("there are more than %d bytes in it", mostSecret)
	}
	return strings.TrimSpace(string(text)), err
}

// showAccount makes a call that answers an account, and shows it.
func showAccount(t *Terminal, how Output, call func(...client.Option) (client.Account, error)) error {
	var text json.RawMessage
	a, err := call(client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if how.JSON {
		return line(t.Out, text)
	}
	fmt.Fprintf(t.Out, "%s  %s\n", clean(a.Title), clean(a.ID))
	w := newTable(t.Out)
	w.fact("Name", a.Name)
	if a.Kind == "gateway" {
		w.fact("Takes", strings.Join(a.Methods, " "))
	} else {
		w.fact("Carries", strings.Join(a.Channels, " "))
	}
	w.fact("Rank", fmt.Sprint(a.Rank))
	w.fact("On", yesNo(!a.SwitchedOff))
	w.fact("Secrets", strings.Join(a.SecretsSet, " "))
	if a.ReceiptURL != nil {
		w.fact(map[bool]string{true: "Notices to", false: "Receipts to"}[a.Kind == "gateway"], *a.ReceiptURL)
	}
	if a.PreviousSecretsUntil != nil {
		w.fact("Secrets before", "believed until "+a.PreviousSecretsUntil.UTC().Format("2006-01-02 15:04 MST"))
	}
	return w.flush()
}
