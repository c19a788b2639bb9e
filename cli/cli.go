// Package cli is the command line that speaks to any paylink server: links, events, and what a developer
// needs to try an integration out.
//
// It is for merchants' people at a terminal and for their scripts. To people it shows tables, money in major
// units and local times; with --json it writes the API's JSON as it is, one object a line. What it says
// about its own work (progress, notices) goes to standard error. It knows a server by package client alone,
// keeps keys in files that nobody else can read, and neither prints them nor puts them into the arguments
// of a process. Rules about links and money are the server's.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"paylink/client"
)

// Commands are the commands that speak to a server; the program embeds them into its own.
type Commands struct {
	Login       loginCommand       `cmd:"" group:"Commands for any server:" help:"Keep a server's address and an API key for the commands below."`
	Links       linksCommand       `cmd:"" group:"Commands for any server:" help:"Payment links."`
	Attachments attachmentsCommand `cmd:"" group:"Commands for any server:" help:"Files that links hand over."`
	Templates   templatesCommand   `cmd:"" group:"Commands for any server:" help:"Saved settings of links."`
	Discounts   discountsCommand   `cmd:"" group:"Commands for any server:" help:"Discount codes."`
	Balance     balanceCommand     `cmd:"" group:"Commands for any server:" help:"How you stand: what gateways hold for you, what is on its way, what is on hold."`
	Ledger      ledgerCommand      `cmd:"" group:"Commands for any server:" help:"Your own books."`
	Capture     captureCommand     `cmd:"" group:"Commands for any server:" help:"Take money that is reserved, as when it is delivered."`
	Void        voidCommand        `cmd:"" group:"Commands for any server:" help:"Give money back that is reserved."`
	Disputes    disputesCommand    `cmd:"" group:"Commands for any server:" help:"What customers object to, and your answer."`
	Accounts    accountsCommand    `cmd:"" group:"Commands for any server:" help:"Your own accounts with the providers that carry messages."`
	Settings    settingsCommand    `cmd:"" group:"Commands for any server:" help:"What you have decided for all links that do not say."`
	Events      eventsCommand      `cmd:"" group:"Commands for any server:" help:"What happens."`
	Listen      listenCommand      `cmd:"" group:"Commands for any server:" help:"Hand every event on to a program on this machine, signed as webhooks are."`
	Trigger     triggerCommand     `cmd:"" group:"Commands for any server:" help:"Make an event really happen in the test world; without one, list those that can be."`
	Open        openCommand        `cmd:"" group:"Commands for any server:" help:"Open the dashboard, or a link in it, in the browser."`
	Completion  completionCommand  `cmd:"" group:"Commands for any server:" help:"Print the completion of commands for a shell."`

	MessageTemplates messageTemplatesCommand `cmd:"" group:"Commands for any server:" help:"How your messages read. (Saved settings of links are 'templates'.)"`

	Inbox        inboxCommand        `cmd:"" group:"Commands for any server:" help:"Customers' inboxes in your own app, and their devices."`
	Customers    customersCommand    `cmd:"" group:"Commands for any server:" help:"People, what they allowed, and forgetting them."`
	Refund       refundCommand       `cmd:"" group:"Commands for any server:" help:"Money that goes back to customers."`
	Suppressions suppressionsCommand `cmd:"" group:"Commands for any server:" help:"Addresses that get no more messages."`
}

// UsageError is a mistake of the caller, whom the exit code 2 tells so.
type UsageError struct{ error }

func (e *UsageError) Unwrap() error { return e.error }

func usage(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// Terminal is where a command reads and writes.
type Terminal struct {
	In  *os.File
	Out io.Writer // what was asked for
	Err io.Writer // what is said about the work
	Now func() time.Time
}

// Bind gives the commands the process's own terminal and its clock.
func Bind() kong.Option {
	return kong.Bind(&Terminal{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now})
}

// Server is which server a command speaks to. PAYLINK_SERVER and PAYLINK_API_KEY, where they are set, stand
// before the profile.
type Server struct {
	Profile string `env:"PAYLINK_PROFILE" default:"default" help:"Which kept server to speak to (see paylink login)."`
}

// Output is how an answer is shown.
type Output struct {
	JSON bool `name:"json" help:"The API's JSON as it is, one object a line."`
}

// open makes the client of a command.
func (s Server) open(t *Terminal) (*client.Client, Profile, error) {
	p, err := s.profile()
	if err != nil {
		return nil, p, err
	}
	c, err := p.client(t)
	return c, p, err
}

// profile is the server of the environment, or the one that was kept.
func (s Server) profile() (Profile, error) {
	p := Profile{Server: strings.TrimRight(os.Getenv("PAYLINK_SERVER"), "/"), Key: os.Getenv("PAYLINK_API_KEY")}
	if p.Server != "" && p.Key != "" {
		return p, nil
	}
	kept, err := readProfile(s.Profile)
	if err != nil {
		return p, err
	}
	if p.Server != "" && p.Server != kept.Server {
		return p, usage("PAYLINK_SERVER is set without PAYLINK_API_KEY, and the kept key belongs to another server")
	}
	if p.Key != "" {
		kept.Key = p.Key
	}
	return kept, nil
}

func (p Profile) client(t *Terminal) (*client.Client, error) {
	c, err := client.New(client.Config{Server: p.Server, Key: p.Key, Plain: p.PlainHTTP, Sandbox: p.Sandbox, Agent: "paylink-cli", Now: t.Now})
	if err != nil {
		return nil, &UsageError{err}
	}
	return c, nil
}

// ended is the outcome of following a stream: whoever breaks it off has seen what was wanted.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}
