package node_test

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"paylink/cmd/paylink/node"
	"paylink/store/storetest"
)

// Words in SQL that no server understands would be found by an operator with another problem at hand.
func TestDoctorAsksARealServer(t *testing.T) {
	s := node.Settings{DatabaseURL: storetest.URL(t, "postgres"), KeyFile: filepath.Join(t.TempDir(), "keys")}
	n, err := node.Open(t.Context(), s, node.World{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(n.Prepare(t.Context()), n.Close()); err != nil {
		t.Fatal(err)
	}
	found := map[string]node.Level{}
	for _, f := range node.Doctor(t.Context(), node.Patient{Settings: s, AdminListen: "127.0.0.1:1"}, time.Now) {
		found[f.About] = f.Level
	}
	for about, level := range map[string]node.Level{
		"database": node.LevelOK, "database.primary": node.LevelOK, "database.version": node.LevelOK, "clock": node.LevelOK, "keys": node.LevelOK,
		"database.autovacuum": node.LevelOK, "work.due": node.LevelOK, "backup": node.LevelWarn,
		"database.fsync": node.LevelFail, // the server of the tests does not care for power cuts
	} {
		if found[about] != level {
			t.Errorf("%s: %q, want %s", about, found[about], level)
		}
	}
}
