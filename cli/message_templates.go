package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"

	"paylink/client"
)

// messageTemplatesCommand is about the words of messages; templatesCommand is about links.
type messageTemplatesCommand struct {
	List    wordingListCommand    `cmd:"" help:"List all versions of how your messages read, newest first."`
	Show    wordingShowCommand    `cmd:"" help:"Show a version, word for word."`
	Create  wordingCreateCommand  `cmd:"" help:"Keep a new version; with --activate it is used at once."`
	Preview wordingPreviewCommand `cmd:"" help:"Show how a text reads, what it takes and what is wrong with it. Nothing is kept."`
	Use     wordingUseCommand     `cmd:"" name:"activate" help:"Use a version, in the place of the one before."`
	Retire  wordingRetireCommand  `cmd:"" help:"Use a version no more; our own words are sent, or another version that you use."`
}

type wordingListCommand struct {
	Server
	Output
	Active bool `help:"Only those that are used."`
}

func (c *wordingListCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return list(t, c.Output, []string{"CHANNEL", "KIND", "LANGUAGE", "VERSION", "STATE", "ID", "CHANGED"}, func(m client.MessageTemplate) []string {
		if c.Active && m.State != "active" {
			return nil
		}
		return []string{m.Channel, m.Kind, m.Language, strconv.FormatInt(m.Version, 10), m.State, m.ID, local(&m.UpdatedAt)}
	}, func(o ...client.Option) iter.Seq2[client.MessageTemplate, error] {
		return api.ListMessageTemplates(ctx, client.Page{Limit: 100}, o...)
	})
}

type wordingShowCommand struct {
	Server
	Output
	ID string `arg:"" help:"mtmpl_…"`
}

func (c *wordingShowCommand) Run(ctx context.Context, t *Terminal) error {
	return c.Output.wording(ctx, t, c.Server, func(api *client.Client, o ...client.Option) (client.MessageTemplate, error) {
		return api.GetMessageTemplate(ctx, c.ID, o...)
	})
}

type wordingCreateCommand struct {
	Server
	Output
	From     string `required:"" placeholder:"FILE" help:"channel, kind, language, text, and subject or registered_as, as JSON, as the API takes them; - for standard input."`
	Activate bool   `help:"Use it at once. Without it, it is a draft, unless the file says active."`
}

func (c *wordingCreateCommand) Run(ctx context.Context, t *Terminal) error {
	var m client.NewMessageTemplate
	if err := readObject(t, c.From, "the message template", &m); err != nil {
		return err
	}
	m.Active = m.Active || c.Activate
	return c.Output.wording(ctx, t, c.Server, func(api *client.Client, o ...client.Option) (client.MessageTemplate, error) {
		return api.CreateMessageTemplate(ctx, m, o...)
	})
}

type wordingPreviewCommand struct {
	Server
	Output
	From string `required:"" placeholder:"FILE" help:"A file as create takes it; - for standard input."`
	Link string `placeholder:"ID" help:"Fill it with the facts of this link: plink_… Default: with an example."`
}

func (c *wordingPreviewCommand) Run(ctx context.Context, t *Terminal) error {
	var m client.NewMessageTemplate
	if err := readObject(t, c.From, "the message template", &m); err != nil {
		return err
	}
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	p, err := api.PreviewMessageTemplate(ctx, client.NewMessagePreview{
		Channel: m.Channel, Kind: m.Kind, Language: m.Language, Subject: m.Subject, Text: m.Text, RegisteredAs: m.RegisteredAs, LinkID: c.Link,
	}, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if c.JSON {
		return line(t.Out, text)
	}
	currency := ""
	if p.Cost != nil {
		merchant, err := api.GetMerchant(ctx)
		if err != nil {
			return err
		}
		currency = merchant.Currency
	}
	return printPreview(t, p, currency)
}

// printPreview shows a text as customers get it, and below it what there is to know. A flaw is an error to a
// script: the text could not be used.
func printPreview(t *Terminal, p client.MessagePreview, currency string) error {
	if p.Subject != "" {
		fmt.Fprintln(t.Out, clean(p.Subject))
		fmt.Fprintln(t.Out)
	}
	fmt.Fprintln(t.Out, cleanLines(p.Text))
	fmt.Fprintln(t.Out)
	w := newTable(t.Out)
	w.fact("Button", p.Button)
	if p.Segments > 0 {
		w.fact("Text messages", fmt.Sprintf("%d (%d characters, %s)", p.Segments, p.Units, p.Encoding))
	}
	if p.Cost != nil {
		w.fact("Costs", money(*p.Cost, currency))
	}
	if p.Lacks != "" {
		w.fact("Without", "{"+p.Lacks+"}, our own words are sent")
	}
	for _, f := range p.Flaws {
		w.fact("Wrong: "+f.Field, f.Detail)
	}
	if err := w.flush(); err != nil {
		return err
	}
	if len(p.Flaws) > 0 {
		return fmt.Errorf("this text cannot be used as it is")
	}
	return nil
}

type wordingUseCommand struct {
	Server
	Output
	ID string `arg:"" help:"mtmpl_…"`
}

func (c *wordingUseCommand) Run(ctx context.Context, t *Terminal) error {
	return c.Output.wording(ctx, t, c.Server, func(api *client.Client, o ...client.Option) (client.MessageTemplate, error) {
		return api.UpdateMessageTemplate(ctx, c.ID, client.MessageTemplateChange{State: "active"}, o...)
	})
}

type wordingRetireCommand struct {
	Server
	Output
	ID string `arg:"" help:"mtmpl_…"`
}

func (c *wordingRetireCommand) Run(ctx context.Context, t *Terminal) error {
	return c.Output.wording(ctx, t, c.Server, func(api *client.Client, o ...client.Option) (client.MessageTemplate, error) {
		return api.UpdateMessageTemplate(ctx, c.ID, client.MessageTemplateChange{State: "retired"}, o...)
	})
}

// wording makes a call that answers a version, and shows it.
func (how Output) wording(ctx context.Context, t *Terminal, at Server, call func(*client.Client, ...client.Option) (client.MessageTemplate, error)) error {
	api, _, err := at.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	m, err := call(api, client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if how.JSON {
		return line(t.Out, text)
	}
	fmt.Fprintf(t.Out, "%s  %s\n", clean(m.ID), clean(m.State))
	w := newTable(t.Out)
	w.fact("Channel", m.Channel)
	w.fact("Kind", m.Kind)
	w.fact("Language", m.Language)
	w.fact("Version", strconv.FormatInt(m.Version, 10))
	w.fact("DLT template", m.RegisteredAs.DLTTemplateID)
	w.fact("WhatsApp name", m.RegisteredAs.WhatsAppName)
	w.fact("MSG91 flow", m.RegisteredAs.MSG91Flow)
	w.fact("Subject", m.Subject)
	if err := w.flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.Out, "\n%s\n", cleanLines(m.Text))
	return err
}
