package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"time"

	"paylink/client"
)

// browserWithin is how long a browser may take to come for the address.
const browserWithin = 30 * time.Second

type openCommand struct {
	Server
	ID    string `arg:"" optional:"" help:"A link: plink_…"`
	Page  bool   `help:"The customer's page of the link rather than the dashboard's."`
	Print bool   `help:"Print the address and open nothing."`
}

func (c *openCommand) Run(ctx context.Context, t *Terminal) error {
	if c.Page && c.ID == "" {
		return usage("--page needs a link")
	}
	api, p, err := c.open(t)
	if err != nil {
		return err
	}
	at := p.Server + "/dashboard"
	if c.ID != "" {
		l, err := api.GetPaymentLink(ctx, c.ID, client.Shown{})
		if err != nil {
			return err
		}
		if at += "/test/links/" + l.ID; l.Livemode {
			at = p.Server + "/dashboard/live/links/" + l.ID
		}
		if c.Page {
			at = l.URL
		}
	}
	browser := browserCommand()
	if c.Print || browser == "" {
		_, err := fmt.Fprintln(t.Out, at)
		return err
	}
	if c.Page {
		return lead(ctx, browser, at)
	}
	return exec.CommandContext(ctx, browser, at).Run()
}

// browserCommand is the program that opens addresses; empty where there is no screen.
func browserCommand() string {
	name := "xdg-open"
	switch {
	case runtime.GOOS == "darwin":
		name = "open"
	case os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		return ""
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}

// lead brings the browser to an address that is a secret. In a program's arguments every process could read
// it; so the browser is given an address of ours, which leads there once.
func lead(ctx context.Context, browser, to string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	path, came := "/"+rand.Text(), make(chan struct{})
	var used atomic.Bool
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		if !used.CompareAndSwap(false, true) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		http.Redirect(w, r, to, http.StatusSeeOther)
		close(came)
	})
	server := &http.Server{Handler: mux, ReadTimeout: browserWithin, WriteTimeout: browserWithin}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	ctx, stop := context.WithTimeout(ctx, browserWithin)
	defer stop()
	err = exec.CommandContext(ctx, browser, "http://"+listener.Addr().String()+path).Run()
	if err == nil {
		select {
		case <-came:
		case <-ctx.Done():
			err = fmt.Errorf("the browser did not come within %v", browserWithin)
		}
	}
	_ = server.Shutdown(context.WithoutCancel(ctx)) // lets the answer under way be written
	<-served
	return err
}
