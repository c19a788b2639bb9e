package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"paylink/cmd/paylink/listen"
	"paylink/cmd/paylink/node"
	"paylink/cmd/paylink/systemd"
)

type serveCommand struct{ Config }

// Run opens the addresses, then the node behind them, and tells the service manager how far it is.
func (c *serveCommand) Run(ctx context.Context) error {
	s, err := c.settings()
	if err != nil {
		return &usageError{err}
	}
	world := node.World{Now: time.Now, Log: logger(s.LogLevel)}
	log.SetFlags(0)
	log.SetOutput(listen.Lines(world.Log))

	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	o := c.listening()
	o.Reload, o.Log = reload, world.Log
	at, err := listen.Open(o)
	if err != nil {
		return err
	}
	if s.PublicURL == "" {
		s.PublicURL = "http://" + at.Public.Addr().String()
	}
	return errors.Join(c.serve(ctx, s, world, at), at.Close())
}

func (c *serveCommand) serve(ctx context.Context, s node.Settings, world node.World, at *listen.Listeners) error {
	beside, stop := context.WithCancel(context.WithoutCancel(ctx))
	starting, started := context.WithCancel(ctx)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer stop()
	defer started()
	wait.Go(func() { at.Work(beside) })
	wait.Go(func() { systemd.Starting(starting, world.Log) })
	defer context.AfterFunc(ctx, func() {
		if err := systemd.Notify(systemd.Stopping); err != nil {
			world.Log.Error("systemd.not_told", "error", err)
		}
	})()

	world.CertificateEnds = at.NotAfter
	n, err := node.Open(ctx, s, world)
	if err != nil {
		return err
	}
	return n.Serve(ctx, at.Public, at.Admin, func() error {
		started()
		wait.Go(func() { systemd.Watch(beside, alive(at.Admin.Addr()), world.Log) })
		return systemd.Notify(systemd.Ready)
	})
}

// alive asks the server itself, over the network, whether it still answers.
func alive(admin net.Addr) func(context.Context) error {
	return func(ctx context.Context) error { return ask(ctx, admin.String(), "/livez") }
}

// ask wants a 200 from a path of the admin address.
func ask(ctx context.Context, admin, path string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+path, nil)
	if err != nil {
		return &usageError{err}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("ask %s: %w", admin, err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", admin, answer.Status)
	}
	return nil
}
