package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"paylink/web/respond"
)

// streamBulk follows an upload: it is told as it is, and again whenever it has come further.
func (a *API) streamBulk(ctx context.Context, c *call, in *BulkPath) (*streamAnswer, error) {
	if _, err := a.bulk(ctx, c, in.ID); err != nil {
		return nil, err
	}
	if !a.streams.enter(c.KeyID, keyStreams) {
		return nil, respond.NewProblem(http.StatusTooManyRequests, "too_many_streams", fmt.Sprintf("One key has at most %d streams open.", keyStreams))
	}
	return &streamAnswer{func(hc huma.Context) {
		defer a.streams.leave(c.KeyID)
		r, w := humago.Unwrap(hc)
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Accel-Buffering", "no")
		w.WriteHeader(http.StatusOK)
		ctx, cancel := context.WithTimeout(r.Context(), streamLife)
		defer cancel()
		s := &stream{api: a, call: c, w: w, control: http.NewResponseController(w)}
		if s.write("retry: 1000\n\n") {
			s.followBulk(ctx, in.ID)
		}
	}}, nil
}

func (s *stream) followBulk(ctx context.Context, id string) {
	look, beat := time.NewTicker(lookEvery), time.NewTicker(heartbeat)
	defer look.Stop()
	defer beat.Stop()
	told := ""
	for {
		b, err := s.api.bulk(ctx, s.call, id)
		if err != nil {
			return
		}
		v, err := s.api.plainBulk(ctx, b)
		if err != nil {
			return
		}
		data, err := json.Marshal(v)
		if err != nil {
			return
		}
		if text := string(data); text != told {
			told = text
			if !s.write("event: bulk\ndata: " + text + "\n\n") {
				return
			}
		}
		if !b.Open() {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-s.api.Stop:
			s.write(respond.Farewell())
			return
		case <-beat.C:
			if _, err := s.api.Access.Identify(ctx, s.call.secret); err != nil || !s.write(": \n\n") {
				return
			}
		case <-look.C:
		}
	}
}
