package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	booksYears = 5
	booksDays  = booksYears * 365
	dayMicros  = int64(24 * time.Hour / time.Microsecond)
)

// balance measures how quickly the balance of an account with very many postings is told, each of which stands in
// the books as paylink would have posted it over five years, one after the other.
func (b *bench) balance(ctx context.Context) (facts []fact, err error) {
	for _, kind := range strings.Split(b.on, ",") {
		t, err := b.newTill(ctx, kind, "balance")
		if err != nil {
			return nil, fmt.Errorf("balance on %s: %w", kind, err)
		}
		more, err := b.balanced(ctx, t)
		if err = errors.Join(err, t.close()); err != nil {
			return nil, fmt.Errorf("balance on %s: %w", kind, err)
		}
		facts = append(facts, more...)
	}
	return facts, nil
}

func (b *bench) balanced(ctx context.Context, t *till) (facts []fact, err error) {
	start := time.Now()
	if err := t.post(ctx, b.postings, start); err != nil {
		return nil, err
	}
	b.say("%s: %d postings to an account filled in %.0f s", t.kind, b.postings, time.Since(start).Seconds())
	if err := t.p.serve(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.p.stop()) }()
	if err := t.gathered(ctx, start); err != nil {
		return nil, err
	}
	if err := t.checkBalance(ctx, b.postings); err != nil {
		return nil, err
	}
	noon := func(daysAgo int) string {
		return "?at=" + url.QueryEscape(start.AddDate(0, 0, -daysAgo).Truncate(24*time.Hour).Add(12*time.Hour).UTC().Format(time.RFC3339))
	}
	for _, of := range []struct {
		what, hold, query string
		clients           int
	}{
		{"balance", "p99 < 5 ms", "", 1}, {"balance", "—", "", 4},
		{"balance as it stood yesterday at noon", "—", noon(1), 1}, {"balance as it stood three years ago at noon", "—", noon(3 * 365), 1},
	} {
		asking := load{addr: t.p.listen, clients: of.clients, want: http.StatusOK, request: func(buf []byte, _ int64) []byte {
			return append(buf, "GET /v1/ledger/accounts"+of.query+" HTTP/1.1\r\nHost: "+t.p.listen+"\r\nAuthorization: Bearer "+t.p.key+"\r\n\r\n"...)
		}}
		used := t.p.cpu()
		m, err := asking.run(ctx, b.window, &b.serial)
		if err != nil {
			return nil, err
		}
		facts = append(facts, fact{fmt.Sprintf("%s: %s of an account with %d postings over %d years, with the book's others, %d at a time", t.kind, of.what, b.postings, booksYears, of.clients),
			of.hold, fmt.Sprintf("p99 **%s**, p50 %s (%.0f/s, %s of processor each)", ms(m.p99), ms(m.p50), m.rate(), ms((t.p.cpu()-used)/time.Duration(max(1, m.done))))})
	}
	return facts, nil
}

// post writes n captures of 100 minor units without a fee, spread evenly over the days until now, and their totals day
// by day; the payments that they name are not there. It goes on in pieces, so that no transaction is larger than a
// disk bears.
func (t *till) post(ctx context.Context, n int64, now time.Time) error {
	step := booksDays * dayMicros / n
	if step < 1 {
		return errors.New("there is no room for so many postings")
	}
	first := now.UnixMicro() - n*step
	at := fmt.Sprintf("(%d + i * %d)", first, step)
	stripe := "0"
	if t.kind == "PostgreSQL" { // the days that are not gathered yet stand in many rows there
		stripe = fmt.Sprintf("CASE WHEN %s / %d >= %d THEN 1 + i %% 16 ELSE 0 END", at, dayMicros, now.UnixMicro()/dayMicros-1)
	}
	for from := int64(1); from <= n; from += 250_000 {
		to := min(from+250_000, n+1)
		numbers := fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT CAST(%d AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d)`, from, to-1)
		book := fmt.Sprintf(`'%s', 0, '%s', 'INR'`, t.p.merchant, t.account)
		entry := t.entryID(at)
		for _, q := range []string{
			fmt.Sprintf(`INSERT INTO ledger_entries (merchant_id, livemode, account_id, currency, id, kind, payment_id, cause, link_id, at)
				%s SELECT %s, %s, 'capture', %s, '', '%s', %s FROM n`, numbers, book, entry, t.id("pay", "i"), t.link, at),
			fmt.Sprintf(`INSERT INTO ledger_postings (merchant_id, livemode, account_id, currency, entry_id, line, account, amount)
				%s SELECT %s, %s, 0, 'gateway_receivable', 100 FROM n`, numbers, book, entry),
			fmt.Sprintf(`INSERT INTO ledger_postings (merchant_id, livemode, account_id, currency, entry_id, line, account, amount)
				%s SELECT %s, %s, 1, 'receipts', -100 FROM n`, numbers, book, entry),
			fmt.Sprintf(`INSERT INTO ledger_totals (merchant_id, livemode, account_id, currency, account, day, stripe, debits, credits, postings)
				%s SELECT %s, a.account, %s / %d AS on_day, %s AS in_stripe, SUM(a.debit), SUM(a.credit), COUNT(*)
				FROM n CROSS JOIN (SELECT 'gateway_receivable' AS account, 100 AS debit, 0 AS credit UNION ALL SELECT 'receipts', 0, 100) a
				GROUP BY a.account, on_day, in_stripe
				ON CONFLICT (merchant_id, livemode, account_id, currency, account, day, stripe) DO UPDATE SET
					debits = ledger_totals.debits + excluded.debits, credits = ledger_totals.credits + excluded.credits,
					postings = ledger_totals.postings + excluded.postings`, numbers, book, at, dayMicros, stripe),
		} {
			if _, err := t.db.ExecContext(ctx, q); err != nil {
				return fmt.Errorf("post %d entries: %w", n, err)
			}
		}
	}
	return t.settle(ctx)
}

// entryID is an SQL expression: the id of an entry that was made at a time, which is one too, in microseconds.
func (t *till) entryID(at string) string {
	id := `'entry_'`
	for shift := 45; shift >= 0; shift -= 5 { // milliseconds in 48 bits, and two zeros
		id += fmt.Sprintf(` || substr('0123456789abcdefghjkmnpqrstvwxyz', CAST(((%s / 1000 * 4) >> %d) & 31 AS INTEGER) + 1, 1)`, at, shift)
	}
	if t.kind == "PostgreSQL" {
		return id + ` || lpad(to_hex(i), 15, '0') || '0'`
	}
	return id + ` || printf('%015x0', i)`
}

// gathered returns when the server has gathered the totals of past days.
func (t *till) gathered(ctx context.Context, now time.Time) error {
	q := fmt.Sprintf(`SELECT COUNT(*) FROM ledger_totals WHERE day %% 32 > 0 AND day < %d`, now.UnixMicro()/dayMicros-63)
	for late := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		var left int64
		if err := t.db.QueryRowContext(ctx, q).Scan(&left); err != nil || left == 0 {
			return err
		}
		if time.Now().After(late) {
			return fmt.Errorf("%d rows of the totals are not gathered", left)
		}
	}
}

// checkBalance fails unless the API tells the balance that was posted.
func (t *till) checkBalance(ctx context.Context, n int64) error {
	var told struct {
		Data []struct {
			Account  string `json:"account"`
			Balance  int64  `json:"balance"`
			Postings int64  `json:"postings"`
		} `json:"data"`
	}
	if err := t.p.get(ctx, "/v1/ledger/accounts", &told); err != nil {
		return err
	}
	for _, a := range told.Data {
		if a.Account == "receipts" && a.Balance == 100*n && a.Postings == n {
			return nil
		}
	}
	return fmt.Errorf("the balance of %d postings is told as %+v", n, told.Data)
}
