package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// bulkMost is how many rows the file has, unless -rows says otherwise. A shorter window means a quick look, and
// fewer.
const bulkMost = 1_000_000

// bulkEvery is how often it is looked how far the file has come.
const bulkEvery = 200 * time.Millisecond

// uploaded is what we need of the answer about an upload.
type uploaded struct {
	ID      string `json:"id"`
	Status  string `json:"status"`
	Summary string `json:"summary"`
	Created int64  `json:"created"`
}

// bulkUpload has a file of links made on each database: sent, validated and created, with the sealing of
// their events beside it. The rows have a reference and a customer with a phone number, and send nothing:
// that would measure the sandbox's carriers.
func (b *bench) bulkUpload(ctx context.Context) ([]fact, error) {
	rows := min(bulkMost, int64(b.window/time.Millisecond)*250)
	if b.bulkRows > 0 {
		rows = min(bulkMost, b.bulkRows)
	}
	file := bulkFile(rows)
	var facts []fact
	for _, on := range []struct {
		kind string
		p    *program
	}{{"SQLite", b.onSQLite}, {"PostgreSQL", b.onPostgres}} {
		if err := on.p.serve(ctx); err != nil {
			return nil, err
		}
		measured, err := b.bulkOn(ctx, on.p, file, rows)
		if err = errors.Join(err, on.p.stop()); err != nil {
			return nil, fmt.Errorf("bulk upload on %s: %w", on.kind, err)
		}
		facts = append(facts, fact{on.kind + ": bulk upload, validated and created", "≥ 5,000 rows/s, peak ≤ 250 MB at 1,000,000 rows", measured})
	}
	return facts, nil
}

func bulkFile(rows int64) []byte {
	var file bytes.Buffer
	file.WriteString("reference,amount,currency,name,phone,description\n")
	for i := range rows {
		fmt.Fprintf(&file, "bulk-%d,%d,INR,Asha Rao,+9198%08d,Instalment %d\n", i, 10000+i, 10000000+i, i)
	}
	return file.Bytes()
}

func (b *bench) bulkOn(ctx context.Context, p *program, file []byte, rows int64) (string, error) {
	start, used := time.Now(), p.cpu()
	up, err := p.upload(ctx, file)
	if err != nil {
		return "", err
	}
	var validated time.Duration
	for open := true; open; {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(bulkEvery):
		}
		if err = p.get(ctx, "/v1/bulk/"+up.ID, &up); err != nil {
			return "", err
		}
		if validated == 0 && up.Status != "validating" {
			validated = time.Since(start)
		}
		open = up.Status == "validating" || up.Status == "creating"
	}
	took := time.Since(start)
	peak, err := p.peak()
	if err != nil {
		return "", err
	}
	if up.Created != rows {
		return "", fmt.Errorf("of %d rows: %s", rows, up.Summary)
	}
	return fmt.Sprintf("%.0f rows/s (%d rows in %.1f s, of which %.1f s to the end of validating; %.0f µs of processor a row); peak %.0f MB",
		float64(rows)/took.Seconds(), rows, took.Seconds(), validated.Seconds(), float64((p.cpu()-used).Microseconds())/float64(rows), float64(peak)/(1<<20)), nil
}

func (p *program) upload(ctx context.Context, file []byte) (up uploaded, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.listen+"/v1/payment_links/bulk", bytes.NewReader(file))
	if err != nil {
		return up, err
	}
	r.Header.Set("Content-Type", "text/csv")
	return up, p.ask(r, http.StatusAccepted, &up)
}
