package respond

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"paylink/store"
)

// Trouble that passes must look like it: 503 with Retry-After, for which every client tries again. As
// 500 it would be reported as a bug, and the payment forgotten.
func TestTroubleThatPassesIsAskedToComeBack(t *testing.T) {
	for code, err := range map[string]error{
		"unavailable": fmt.Errorf("insert a link: %w: disk I/O error", store.ErrUnavailable),
		"busy":        fmt.Errorf("update a link: %w", store.ErrLocked),
		"internal":    errors.New("disk I/O error"),
	} {
		w := httptest.NewRecorder()
		Fail(w, httptest.NewRequest(http.MethodPost, "/", nil), err)
		var p Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		passes := code != "internal"
		if p.Code != code || (w.Code == http.StatusServiceUnavailable) != passes || (w.Header().Get("Retry-After") != "") != passes {
			t.Errorf("%v: %d %s, Retry-After %q", err, w.Code, p.Code, w.Header().Get("Retry-After"))
		}
	}
}
