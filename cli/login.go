package cli

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"paylink/client"
)

// mostKey bounds what is read as a key, in bytes.
const mostKey = 1024

type loginCommand struct {
	Server
	Address   string `name:"server" env:"PAYLINK_SERVER" help:"The server's address: https://pay.example. Asked for when it is not given."`
	KeyFile   string `help:"File that holds the API key; - for standard input. Default: PAYLINK_API_KEY, or asked for without an echo."`
	Sandbox   string `help:"A sandbox in a process of its own, such as http://127.0.0.1:9090/sandbox, for paylink trigger."`
	PlainHTTP bool   `name:"plain-http" help:"Let the key travel unencrypted to another machine, in a network of your own."`
}

// Run proves the key by a call before anything is kept.
func (c *loginCommand) Run(ctx context.Context, t *Terminal) error {
	if _, err := profilePath(c.Profile); err != nil {
		return err
	}
	p := Profile{Server: c.Address, PlainHTTP: c.PlainHTTP, Sandbox: c.Sandbox}
	in := bufio.NewReader(io.LimitReader(t.In, 4*mostKey))
	if p.Server == "" {
		if !isTerminal(t.In) {
			return usage("there is no terminal to ask at; give --server")
		}
		fmt.Fprint(t.Err, "Server [http://127.0.0.1:8080]: ")
		line, err := in.ReadString('\n')
		if err != nil {
			return fmt.Errorf("read the server's address: %w", err)
		}
		p.Server = cmp.Or(strings.TrimSpace(line), "http://127.0.0.1:8080")
	}
	p.Server = strings.TrimRight(p.Server, "/")
	var err error
	if p.Key, err = c.key(t, in); err != nil {
		return err
	}
	api, err := p.client(t)
	if err != nil {
		return err
	}
	m, err := api.GetMerchant(ctx)
	if err != nil {
		return err
	}
	path, err := writeProfile(c.Profile, p)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.Out, "%s knows you as %s (%s, %s mode).\nKept in %s for your account alone.\n", p.Server, clean(m.Name), m.ID, mode(m), path)
	return nil
}

func mode(m client.Merchant) string {
	if m.Livemode {
		return "live"
	}
	return "test"
}

// key reads the key from where it is given, never from the command line, which every process can see.
func (c *loginCommand) key(t *Terminal, in *bufio.Reader) (string, error) {
	var text string
	var err error
	switch given := os.Getenv("PAYLINK_API_KEY"); {
	case c.KeyFile == "-":
		text, err = in.ReadString('\n')
		if err == io.EOF {
			err = nil
		}
	case c.KeyFile != "":
		text, err = readKey(c.KeyFile)
	case given != "":
		text = given
	case !isTerminal(t.In):
		return "", usage("there is no terminal to ask at; give --key-file or PAYLINK_API_KEY")
	default:
		text, err = unseen(t.In, in, func() { fmt.Fprint(t.Err, "API key (it is not shown): ") })
		fmt.Fprintln(t.Err)
	}
	if err != nil {
		return "", fmt.Errorf("read the API key: %w", err)
	}
	return strings.TrimSpace(text), nil
}

func readKey(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, mostKey))
	return string(text), err
}
