package respond

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"paylink"
)

// Line is what the log says about a request when it is answered. The doors fill in what they learn.
type Line struct {
	ID       string     // the request's id, on every answer as X-Request-Id
	Client   netip.Addr // as far as the trusted proxies tell
	Route    string     // the pattern that matched, never the path: a path may hold a link's code
	Merchant paylink.MerchantID
	Actor    string // key_… or usr_…
	Code     string // of the problem, if it was one
	Cause    error  // of the problem, for the log alone
}

type lineKey struct{}

// LineOf gives the line of the request; outside Around, one that nobody reads.
func LineOf(ctx context.Context) *Line {
	if line, ok := ctx.Value(lineKey{}).(*Line); ok {
		return line
	}
	return &Line{}
}

// Edge is what stands around all doors.
type Edge struct {
	Log     *slog.Logger
	Now     func() time.Time
	Proxies Proxies
	Secure  bool // the public URL is https: browsers are told to stay there
	Watch   Watch
}

// Around gives every request an id and a log line, and turns a panic into a problem.
func (e Edge) Around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := e.Now()
		line := &Line{ID: requestID(r.Header.Get("X-Request-Id")), Client: e.Proxies.Client(r)}
		w.Header().Set("X-Request-Id", line.ID)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if e.Secure {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		told := &answer{ResponseWriter: w}
		r = r.WithContext(e.Watch.begin(context.WithValue(r.Context(), lineKey{}, line), r))
		defer func() {
			p := recover()
			if p != nil && p != http.ErrAbortHandler {
				e.Log.Error("http.panic", "id", line.ID, "stack", string(debug.Stack()))
				if told.status == 0 {
					Fail(told, r, fmt.Errorf("panic: %v", p))
					p = nil
				} else {
					p = http.ErrAbortHandler // half an answer must not look like a whole one
				}
			}
			took := e.Now().Sub(start)
			e.log(r, line, told, took)
			e.Watch.end(r, line, told, took)
			if p != nil {
				panic(p)
			}
		}()
		next.ServeHTTP(told, r)
	})
}

func (e Edge) log(r *http.Request, line *Line, told *answer, took time.Duration) {
	if line.Route == "" {
		line.Route = r.Pattern
	}
	level := slog.LevelInfo
	switch {
	case told.status == http.StatusServiceUnavailable:
		level = slog.LevelWarn // asked to come back: the answer is right, and under a flood there are many
	case told.status >= http.StatusInternalServerError:
		level = slog.LevelError
	}
	fields := []slog.Attr{
		slog.String("id", line.ID), slog.String("method", method(r.Method)), slog.String("route", line.Route),
		slog.Int("status", told.code()), slog.Int64("bytes", told.bytes), slog.Duration("took", took),
	}
	for _, f := range []slog.Attr{slog.String("merchant", string(line.Merchant)), slog.String("actor", line.Actor), slog.String("code", line.Code)} {
		if f.Value.String() != "" {
			fields = append(fields, f)
		}
	}
	if line.Cause != nil && told.status >= http.StatusInternalServerError {
		fields = append(fields, slog.String("error", line.Cause.Error()))
	}
	e.Log.LogAttrs(r.Context(), level, "http.request", fields...)
}

// method keeps words that a stranger made up out of the log.
func method(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return m
	}
	return "other"
}

// requestID takes over a sane id, so that a merchant can follow a call through his own logs, and makes
// one otherwise.
func requestID(given string) string {
	const sane = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	if n := len(given); n >= 8 && n <= 64 && strings.Trim(given, sane) == "" {
		return given
	}
	var b [15]byte
	rand.Read(b[:]) // never fails since Go 1.24
	return "req_" + strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// answer notes what was answered. http.ResponseController finds the connection through Unwrap.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader passes on what comes before the answer and the answer itself. Huma writes a second status
// when the caller has gone in the middle of the body, which net/http would complain about in the log.
func (a *answer) WriteHeader(status int) {
	if a.status != 0 {
		return
	}
	if status >= http.StatusOK {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

func (a *answer) Flush() {
	_ = http.NewResponseController(a.ResponseWriter).Flush() // where flushing is impossible, it is not needed
}

func (a *answer) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}
