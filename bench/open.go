package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"paylink/bench/baseline"
)

// pagesOpened is over how many links the opening goes round.
const pagesOpened = 1000

// openPage is the third row. The bare handler answers with the page that we answered, byte for byte,
// from a process of its own like ours, on the same file.
func (b *bench) openPage(ctx context.Context) (row, error) {
	r := row{what: "open a payment page, SQLite, 64 clients", hold: 0.7}
	p := b.onSQLite
	if err := p.serve(ctx); err != nil {
		return r, err
	}
	codes, err := b.codes(ctx, p)
	if err != nil {
		return r, errors.Join(err, p.stop())
	}
	shown, err := fetch(ctx, p.pageURL(codes[0]))
	if err != nil {
		return r, errors.Join(err, p.stop())
	}
	shown.header.Del("Date") // the bare server dates its answers itself
	bare, err := startBare(ctx, baseline.Page{
		Database: filepath.Join(p.dir, "paylink.db"), Query: b.pageRead, Header: shown.header, Body: shown.body,
	})
	if err != nil {
		return r, errors.Join(err, p.stop())
	}
	opening := func(addr string, codes []string) load {
		requests := make([]string, len(codes))
		for i, code := range codes {
			requests[i] = "GET /" + code + " HTTP/1.1\r\nHost: " + addr + "\r\nAccept: text/html\r\n\r\n"
		}
		return load{addr: addr, clients: b.clients, want: http.StatusOK, request: func(buf []byte, n int64) []byte {
			return append(buf, requests[n%int64(len(requests))]...)
		}}
	}
	err = b.pairs(ctx, &r, opening(p.listen, codes), p, func() (float64, error) {
		t, err := opening(bare.Address, bare.Keys).run(ctx, b.window, &b.serial)
		return t.rate(), err
	})
	return r, errors.Join(err, bare.stop(), p.stop())
}

// codes makes links and gives their codes.
func (b *bench) codes(ctx context.Context, p *program) ([]string, error) {
	var made collected
	making := b.creating(p)
	making.keep = made.add
	for len(made.links) < pagesOpened {
		if _, err := making.run(ctx, time.Second, &b.serial); err != nil {
			return nil, err
		}
	}
	codes := make([]string, pagesOpened)
	for i, l := range made.links[:pagesOpened] {
		codes[i] = l.Code
	}
	return codes, nil
}

// bareServer is our own program once more, as the bare handler.
type bareServer struct {
	Address string   `json:"address"`
	Keys    []string `json:"keys"` // of codes that can be asked for
	cmd     *exec.Cmd
	input   io.Closer
}

// bareArgument makes the program the bare server of the page that comes on its input.
const bareArgument = "serve-bare-page"

func startBare(ctx context.Context, page baseline.Page) (*bareServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &bareServer{cmd: exec.CommandContext(ctx, self, bareArgument)}
	s.cmd.Stderr = os.Stderr
	input, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	s.input = input
	output, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err = json.NewEncoder(input).Encode(page); err == nil {
		err = json.NewDecoder(output).Decode(s)
	}
	if err == nil && len(s.Keys) == 0 {
		err = errors.New("no code can be asked for")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the bare page: %w", err), s.stop())
	}
	return s, nil
}

func (s *bareServer) stop() error { return errors.Join(s.input.Close(), s.cmd.Wait()) }

// serveBare is the other process: it serves until its input ends.
func serveBare(ctx context.Context, in io.Reader, out io.Writer) error {
	var page baseline.Page
	words := json.NewDecoder(in)
	if err := words.Decode(&page); err != nil {
		return err
	}
	keys, slot, err := baseline.Keys(ctx, page.Database, pagesOpened)
	if err != nil {
		return err
	}
	page.Slot = slot
	handler, err := page.Handler(ctx, max(4, 2*runtime.GOMAXPROCS(0))) // as many readers as paylink's store has
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	texts := make([]string, len(keys))
	for i, key := range keys {
		texts[i] = strconv.FormatInt(key, 10)
	}
	if err := json.NewEncoder(out).Encode(bareServer{Address: listener.Addr().String(), Keys: texts}); err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, in) // its end is all that matters
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
