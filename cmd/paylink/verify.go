package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"paylink/audit"
	"paylink/keyring"
	"paylink/store"
)

type verifyCommand struct {
	Config
	Checkpoints []string `type:"existingfile" help:"Files of checkpoints that were kept outside the database."`
	JSON        bool     `name:"json" help:"Print one JSON object."`
}

// verified is what a verification prints.
type verified struct {
	Database        string            `json:"database"`
	PublicKeys      map[string]string `json:"public_keys"` // base64, by the slot of the key ring
	Took            float64           `json:"took_seconds"`
	EventsPerSecond int64             `json:"events_per_second"`
	audit.Report
}

// Run proves the database, also while a server is working on it. It makes neither a database nor a key
// ring: what does not exist cannot be proven.
func (c *verifyCommand) Run(ctx context.Context) error {
	s, err := c.settings()
	if err != nil {
		return &usageError{err}
	}
	if _, err := os.Stat(s.KeyFile); err != nil {
		return fmt.Errorf("find the key ring: %w", err)
	}
	ring, err := keyring.Open(s.KeyFile, time.Now())
	if err != nil {
		return err
	}
	keys, err := audit.PublicKeys(ring)
	if err != nil {
		return err
	}
	files, closeFiles, err := openAll(c.Checkpoints)
	defer closeFiles()
	if err != nil {
		return err
	}
	db, err := store.OpenReader(ctx, s.DatabaseURL, store.Options{Log: logger(s.LogLevel)})
	if err != nil {
		return err
	}
	began := time.Now()
	report, err := (&audit.Verifier{Store: db, Ring: ring, Now: time.Now}).Verify(ctx, files...)
	took := time.Since(began)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	v := verified{Database: store.Redacted(s.DatabaseURL), PublicKeys: map[string]string{}, Took: took.Seconds(), Report: report}
	v.EventsPerSecond = int64(float64(report.Events) / took.Seconds())
	for slot, key := range keys {
		v.PublicKeys[fmt.Sprint(slot)] = base64.StdEncoding.EncodeToString(key)
	}
	if !c.JSON {
		v.print()
	} else if err := printJSON(v); err != nil {
		return err
	}
	if report.Broken != nil {
		return fmt.Errorf("broken at %s", report.Broken)
	}
	return nil
}

func (v verified) print() {
	fmt.Printf("%d chains, %d events in %.1f s (%d events/s)\n", v.Chains, v.Events, v.Took, v.EventsPerSecond)
	fmt.Printf("%d checkpoints of %d heads, %d links, %d payments\n", v.Checkpoints, v.Heads, v.Links, v.Payments)
	fmt.Printf("%d entries with %d postings, %d ledger accounts\n", v.Entries, v.Postings, v.Accounts)
	for _, note := range []struct {
		n    int64
		text string
	}{
		{v.Unsealed, "events wait for their place and are not judged"},
		{v.Unhashed, "events were sealed by an older version and have no hash yet"},
		{v.Unposted, "payments are from before there were books, and are not entered yet"},
		{v.Unverifiable, "checkpoints are signed by a key that is no longer in the key ring"},
		{v.Unreadable, "lines of the files are no checkpoints"},
	} {
		if note.n > 0 {
			fmt.Printf("Note: %d %s\n", note.n, note.text)
		}
	}
	slots := make([]string, 0, len(v.PublicKeys))
	for slot := range v.PublicKeys {
		slots = append(slots, slot)
	}
	slices.Sort(slots)
	for _, slot := range slots {
		fmt.Printf("Checkpoints are proven by the public key of slot %s: %s\n", slot, v.PublicKeys[slot])
	}
	if v.Broken == nil {
		fmt.Println("Everything holds.")
	}
}

// openAll opens the files of checkpoints.
func openAll(names []string) (files []audit.CheckpointFile, closeAll func(), err error) {
	var open []*os.File
	closeAll = func() {
		for _, f := range open {
			_ = f.Close() // it was only read
		}
	}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return nil, closeAll, err
		}
		open = append(open, f)
		files = append(files, audit.CheckpointFile{Name: name, Text: f})
	}
	return files, closeAll, nil
}
