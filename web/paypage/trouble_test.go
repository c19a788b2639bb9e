package paypage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paylink/store"
	"paylink/web/respond"
)

// A customer who comes while the disk is full, the server flooded or the database slow is asked to try
// again, on a page; only a mistake of ours is called one.
func TestPageInTroubleAsksToTryAgain(t *testing.T) {
	h := New(Deps{PublicURL: "https://pay.example", Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)})
	for _, c := range []struct {
		err  error
		want int
	}{
		{fmt.Errorf("open a link: %w", store.ErrUnavailable), http.StatusServiceUnavailable},
		{fmt.Errorf("open a link: %w", context.DeadlineExceeded), http.StatusServiceUnavailable},
		{respond.NewProblem(http.StatusServiceUnavailable, "overloaded", ""), http.StatusServiceUnavailable},
		{errors.New("a mistake of ours"), http.StatusInternalServerError},
	} {
		w := httptest.NewRecorder()
		h.Refuse(w, httptest.NewRequest(http.MethodGet, "/"+fixtureCode, nil), c.err)
		again := w.Header().Get("Retry-After") != ""
		if w.Code != c.want || again != (c.want == http.StatusServiceUnavailable) || !strings.Contains(w.Body.String(), "<title>✕ Something went wrong") {
			t.Errorf("%v: %d, Retry-After %t\n%.600s", c.err, w.Code, again, w.Body)
		}
	}
}
