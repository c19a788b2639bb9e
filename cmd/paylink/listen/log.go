package listen

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// told are the fields of certmagic's log that may stand in ours. Its others hold the address of
// whoever shook hands, or the operator's e-mail.
var told = []string{"identifier", "identifiers", "subject", "subjects", "issuer", "challenge_type", "attempt", "retrying_in", "elapsed", "ca", "error"}

// warnings is a log for certmagic: from warnings on, one line of ours for one of theirs.
type warnings struct {
	log    *slog.Logger
	fields []zap.Field
}

// Enabled implements zapcore.Core.
func (warnings) Enabled(level zapcore.Level) bool { return level >= zapcore.WarnLevel }

// With implements zapcore.Core.
func (w warnings) With(fields []zap.Field) zapcore.Core {
	return warnings{w.log, append(slices.Clone(w.fields), fields...)}
}

// Check implements zapcore.Core.
func (w warnings) Check(e zapcore.Entry, c *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if w.Enabled(e.Level) {
		return c.AddCore(e, w)
	}
	return c
}

// Write implements zapcore.Core.
func (w warnings) Write(e zapcore.Entry, fields []zap.Field) error {
	all := zapcore.NewMapObjectEncoder()
	for _, f := range append(slices.Clone(w.fields), fields...) {
		if slices.Contains(told, f.Key) {
			f.AddTo(all)
		}
	}
	if why, _ := all.Fields["error"].(string); strings.HasSuffix(why, context.Canceled.Error()) {
		return nil // the server stops in the middle of an order; the next start goes on
	}
	args := []any{"what", e.Message}
	for _, name := range told {
		if value, ok := all.Fields[name]; ok {
			args = append(args, name, value)
		}
	}
	if e.Level >= zapcore.ErrorLevel {
		w.log.Error("tls.acme", args...)
	} else {
		w.log.Warn("tls.acme", args...)
	}
	return nil
}

// Sync implements zapcore.Core.
func (warnings) Sync() error { return nil }

// Lines is where the standard library's log goes, by log.SetOutput: net/http reports there what went
// wrong below a request. Each becomes a line of ours, without the stranger's address that stands in it.
func Lines(log *slog.Logger) io.Writer { return lines{log} }

type lines struct{ log *slog.Logger }

// Write takes one line of the standard log.
func (l lines) Write(b []byte) (int, error) {
	text := strings.TrimSpace(string(b))
	if rest, ok := strings.CutPrefix(text, "http: TLS handshake error from "); ok {
		_, why, _ := strings.Cut(rest, ": ")
		l.log.Debug("tls.refused", "error", why) // every scanner of the internet leaves some
		return len(b), nil
	}
	if rest, ok := strings.CutPrefix(text, "http: panic serving "); ok {
		_, why, _ := strings.Cut(rest, ": ")
		text = "http: panic serving: " + why
	}
	l.log.Warn("http.server", "what", text)
	return len(b), nil
}
