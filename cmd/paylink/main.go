// Command paylink asks for money by link: one binary that makes payment links, sends them, shows the
// customer a page, takes the gateway's word and tells the merchant.
//
// It is for operators. It reads the settings, wires the rooms together (package node) and leaves
// everything else to them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // merchants have time zones, and an image may hold nothing but this program

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"paylink/cli"
)

// Exit codes of the program.
const (
	exitFailed = 1
	exitUsage  = 2
)

// program is the command line.
type program struct {
	Demo        demoCommand        `cmd:"" help:"Everything on one machine: SQLite, the sandbox connected, a sample merchant. Prints the addresses."`
	Serve       serveCommand       `cmd:"" help:"The server for real, by PAYLINK_* environment, flags or paylink.toml."`
	Sandbox     sandboxCommand     `cmd:"" help:"The pretend bank and carriers in a process of their own."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database up to this version and stop."`
	Verify      verifyCommand      `cmd:"" help:"Prove the hash chains, the signed checkpoints and the states of a database, also while it is served."`
	Backup      backupCommand      `cmd:"" help:"Write the whole database into one file, while it is served."`
	Restore     restoreCommand     `cmd:"" help:"Fill an empty database, SQLite or PostgreSQL, from a backup."`
	Admin       adminCommand       `cmd:"" help:"Merchants and their first access."`
	Doctor      doctorCommand      `cmd:"" help:"Look at an installation and say what to mend; changes nothing, also beside a running server."`
	Bounce      bounceCommand      `cmd:"" help:"Hand a returned mail, on standard input, to a server: for a mail server's pipe."`
	Config      configCommand      `cmd:"" help:"The settings, judged and printed."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running server whether it is ready."`
	Version     versionCommand     `cmd:"" help:"Print the version."`

	cli.Commands
}

func main() {
	if os.Getenv("GOGC") == "" {
		keepHeapInBounds()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once: whoever repeats it means it
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	var p program
	options := []kong.Option{
		kong.Name("paylink"), kong.Description("Pay by link, on your own machine."),
		kong.BindTo(ctx, (*context.Context)(nil)), cli.Bind(), kong.UsageOnError(),
	}
	resolver, err := settingsFile("paylink.toml")
	if err != nil {
		fmt.Fprintln(os.Stderr, "paylink:", err)
		return exitUsage
	}
	parser, err := kong.New(&p, append(options, kong.Resolvers(resolver))...)
	if err != nil {
		panic(err) // the command line above is wrong, not the caller's
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "paylink:", err)
		return exitUsage
	}
	if err := command.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "paylink:", err)
		var usage *usageError
		var theirs *cli.UsageError
		if errors.As(err, &usage) || errors.As(err, &theirs) {
			return exitUsage
		}
		var later *laterError
		if errors.As(err, &later) {
			return exitLater
		}
		return exitFailed
	}
	return 0
}

// settingsFile answers for flags from a TOML file whose keys are the flags' names, where it exists.
func settingsFile(path string) (kong.Resolver, error) {
	values := map[string]any{}
	if _, err := toml.DecodeFile(path, &values); err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		return values[flag.Name], nil
	}), nil
}
