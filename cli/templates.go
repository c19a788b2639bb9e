package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"

	"paylink/client"
)

type templatesCommand struct {
	List   templateListCommand   `cmd:"" help:"List templates, newest first."`
	Show   templateShowCommand   `cmd:"" help:"Show what a template says about a link."`
	Save   templateSaveCommand   `cmd:"" help:"Save settings of links under a name, in the place of those that it had."`
	Rename templateRenameCommand `cmd:"" help:"Give a template another name."`
	Delete templateDeleteCommand `cmd:"" help:"Remove a template. Links that were made of it keep what they have."`
}

type templateListCommand struct {
	Server
	Output
}

func (c *templateListCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	return list(t, c.Output, []string{"NAME", "SAYS", "ID", "CHANGED"}, func(s client.Template) []string {
		return []string{s.Name, strings.Join(slices.Sorted(maps.Keys(s.Settings)), ", "), s.ID, local(&s.UpdatedAt)}
	}, func(o ...client.Option) iter.Seq2[client.Template, error] {
		return api.ListTemplates(ctx, client.Page{Limit: 100}, o...)
	})
}

// templateNamed finds a template by its name, or by tmpl_…; ok is false when there is none.
func templateNamed(ctx context.Context, api *client.Client, name string, options ...client.Option) (found client.Template, ok bool, err error) {
	for s, err := range api.ListTemplates(ctx, client.Page{Limit: 100}, options...) {
		if err != nil {
			return s, false, err
		}
		if s.Name == name || s.ID == name {
			return s, true, nil
		}
	}
	return found, false, nil
}

// templateOf is templateNamed where there must be one.
func templateOf(ctx context.Context, t *Terminal, api *client.Client, name string, options ...client.Option) (client.Template, error) {
	s, ok, err := templateNamed(ctx, api, name, append(options, client.OnTrouble(t.trouble))...)
	if err == nil && !ok {
		err = fmt.Errorf("there is no template %q", name)
	}
	return s, err
}

type templateShowCommand struct {
	Server
	Output
	Name string `arg:"" help:"The template's name, or tmpl_…"`
}

func (c *templateShowCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	var text json.RawMessage
	s, err := templateOf(ctx, t, api, c.Name, client.Verbatim(&text))
	if err != nil {
		return err
	}
	if c.JSON {
		return line(t.Out, text)
	}
	return printTemplate(t, s)
}

func printTemplate(t *Terminal, s client.Template) error {
	fmt.Fprintf(t.Out, "%s  %s\n", clean(s.Name), clean(s.ID))
	w := newTable(t.Out)
	for _, field := range slices.Sorted(maps.Keys(s.Settings)) {
		value, err := json.Marshal(s.Settings[field])
		if err != nil {
			return fmt.Errorf("write %s of template %s: %w", field, s.ID, err)
		}
		w.row(field, string(value))
	}
	return w.flush()
}

type templateSaveCommand struct {
	Server
	Output
	Name string `arg:"" help:"Under which it is saved, such as \"Monthly fee\"."`
	From string `required:"" placeholder:"FILE" help:"Fields of a link as JSON, as the API takes them; - for standard input."`
}

func (c *templateSaveCommand) Run(ctx context.Context, t *Terminal) error {
	settings, err := readSettings(t, c.From)
	if err != nil {
		return err
	}
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	before, there, err := templateNamed(ctx, api, c.Name, client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	return showTemplate(t, c.Output, func(o ...client.Option) (client.Template, error) {
		if there {
			return api.UpdateTemplate(ctx, before.ID, client.NewTemplate{Settings: settings}, o...)
		}
		return api.CreateTemplate(ctx, client.NewTemplate{Name: c.Name, Settings: settings}, o...)
	})
}

// readSettings reads fields of a link. What they may be is judged by the server.
func readSettings(t *Terminal, name string) (settings map[string]any, err error) {
	file := t.In
	if name != "-" {
		if file, err = os.Open(name); err != nil {
			return nil, usage("read the settings: %w", err)
		}
		defer func() { _ = file.Close() }() // it is only read
	}
	d := json.NewDecoder(io.LimitReader(file, mostLink))
	d.UseNumber() // an amount is never rounded
	if err := d.Decode(&settings); err != nil {
		return nil, usage("read the settings of %s: %w", name, err)
	}
	if _, err := d.Token(); err != io.EOF || settings == nil {
		return nil, usage("read the settings of %s: this is not one JSON object of at most %d KB", name, mostLink>>10)
	}
	return settings, nil
}

type templateRenameCommand struct {
	Server
	Output
	Name string `arg:"" help:"The template's name, or tmpl_…"`
	To   string `arg:"" help:"Its new name."`
}

func (c *templateRenameCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	s, err := templateOf(ctx, t, api, c.Name)
	if err != nil {
		return err
	}
	return showTemplate(t, c.Output, func(o ...client.Option) (client.Template, error) {
		return api.UpdateTemplate(ctx, s.ID, client.NewTemplate{Name: c.To}, o...)
	})
}

type templateDeleteCommand struct {
	Server
	Name string `arg:"" help:"The template's name, or tmpl_…"`
}

func (c *templateDeleteCommand) Run(ctx context.Context, t *Terminal) error {
	api, _, err := c.open(t)
	if err != nil {
		return err
	}
	s, err := templateOf(ctx, t, api, c.Name)
	if err != nil {
		return err
	}
	return api.DeleteTemplate(ctx, s.ID, client.OnTrouble(t.trouble))
}

// showTemplate makes a call that answers a template, and shows it.
func showTemplate(t *Terminal, how Output, call func(...client.Option) (client.Template, error)) error {
	var text json.RawMessage
	s, err := call(client.Verbatim(&text), client.OnTrouble(t.trouble))
	if err != nil {
		return err
	}
	if how.JSON {
		return line(t.Out, text)
	}
	return printTemplate(t, s)
}
