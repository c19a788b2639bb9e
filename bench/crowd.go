package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"paylink/bench/baseline"
)

// crowd is a database that is filled with links of many merchants, while nobody serves it. They are copies
// of one link that was made over the API, with customers, codes and, when they are to expire, jobs of
// their own, as paylink would have written them but for two things: their tokens are the first link's, so
// none of them could be opened, and nothing was told about them, so they have no events. Half of them
// belong to the merchant whose key the bench has, the rest to all in turn.
type crowd struct {
	p         *program
	kind      string
	db        *sql.DB
	merchants int64
	links     int64 // so far
	secrets   []string
}

func (b *bench) newCrowd(ctx context.Context, kind string, merchants int64) (*crowd, error) {
	dir := filepath.Join(b.dir, "crowd-on-"+kind)
	address := filepath.Join(dir, "paylink.db")
	database := "sqlite://" + address
	if kind == "PostgreSQL" {
		database = b.postgres.url("crowd", nil)
		address = database
		if _, err := b.postgres.sql(ctx, "CREATE DATABASE crowd"); err != nil {
			return nil, err
		}
	}
	p, err := newProgram(ctx, b.binary, dir, database)
	if err != nil {
		return nil, err
	}
	c := &crowd{p: p, kind: kind, merchants: merchants}
	if err := p.serve(ctx); err != nil {
		return nil, err
	}
	_, err = b.create(ctx, p)
	time.Sleep(time.Second) // its event is sealed
	if err := errors.Join(err, p.stop()); err != nil {
		return nil, err
	}
	if c.db, err = baseline.Open(address); err != nil {
		return nil, err
	}
	c.secrets = append(c.secrets, p.key)
	for i := range min(merchants, 100) - 1 {
		c.secrets = append(c.secrets, fmt.Sprintf("sk_test_%043d", i+1))
	}
	return c, c.addMerchants(ctx)
}

// id is an SQL expression: the id of a kind with the number that is the other expression. It sorts after
// the template's, since its letters are of the same time and its digits are higher.
func (c *crowd) id(tag, number string) string {
	hex := fmt.Sprintf(`printf('%%017x', %s)`, number)
	if c.kind == "PostgreSQL" {
		hex = fmt.Sprintf(`lpad(to_hex(%s), 17, '0')`, number)
	}
	const prefix = "06h000000" // of November 2026
	return fmt.Sprintf(`'%s_%s' || %s`, tag, prefix, hex)
}

// copies inserts rows like the first one of a table, one for each number from from below to; columns in
// replaced have the expressions over i there.
func (c *crowd) copies(ctx context.Context, table, where string, from, to int64, replaced map[string]string) error {
	names, err := c.columns(ctx, table)
	if err != nil {
		return err
	}
	values := make([]string, len(names))
	for i, name := range names {
		if values[i] = "t." + name; replaced[name] != "" {
			values[i] = replaced[name]
		}
	}
	q := fmt.Sprintf(`
		INSERT INTO %s (%s)
		WITH RECURSIVE n (i) AS (SELECT CAST(%d AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d),
			t AS (SELECT * FROM %[1]s WHERE %[5]s LIMIT 1)
		SELECT %[6]s FROM n CROSS JOIN t`, table, strings.Join(names, ", "), from, to-1, where, strings.Join(values, ", "))
	if _, err := c.db.ExecContext(ctx, q); err != nil {
		return fmt.Errorf("fill %s: %w", table, err)
	}
	return nil
}

func (c *crowd) columns(ctx context.Context, table string) (names []string, err error) {
	rows, err := c.db.QueryContext(ctx, `SELECT * FROM `+table+` LIMIT 0`)
	if err != nil {
		return nil, err
	}
	names, err = rows.Columns()
	return names, errors.Join(err, rows.Close())
}

func (c *crowd) addMerchants(ctx context.Context) error {
	if err := c.copies(ctx, "merchants", "id = '"+c.p.merchant+"'", 1, c.merchants, map[string]string{"id": c.id("mer", "i")}); err != nil {
		return err
	}
	for i, secret := range c.secrets[1:] {
		hash := sha256.Sum256([]byte(secret))
		blob := "X'" + hex.EncodeToString(hash[:]) + "'"
		if c.kind == "PostgreSQL" {
			blob = `'\x` + hex.EncodeToString(hash[:]) + `'::bytea`
		}
		err := c.copies(ctx, "api_keys", "livemode = 0", int64(i+1), int64(i+2), map[string]string{"id": c.id("key", "i"), "merchant_id": c.id("mer", "i"), "hash": blob})
		if err != nil {
			return err
		}
	}
	return nil
}

// fill adds links until there are so many. They expired just now, in effect; what marks them is to come.
func (c *crowd) fill(ctx context.Context, links int64) error {
	from, to := c.links+1, links+1
	merchant := fmt.Sprintf(`CASE WHEN i %% 2 = 0 OR i / 2 %% %d = 0 THEN '%s' ELSE %s END`, c.merchants, c.p.merchant, c.id("mer", fmt.Sprintf("i / 2 %% %d", c.merchants)))
	text := func(before string) string { return `'` + before + `' || CAST(i AS TEXT)` }
	now := fmt.Sprint(time.Now().UnixMicro())
	customer, link := c.id("cust", "i"), c.id("plink", "i")
	for _, t := range []struct {
		table, where string
		replaced     map[string]string
	}{
		{"customers", "phone <> ''", map[string]string{"merchant_id": merchant, "id": customer, "phone": `'+91' || CAST(7000000000 + i AS TEXT)`, "email": text("c") + ` || '@example.com'`}},
		{"links", "status = 'pending' AND customer_id IS NOT NULL", map[string]string{"merchant_id": merchant, "id": link, "customer_id": customer, "reference": text("crowd-"),
			"amount": "10000 + (i * 7919) % 500000", "description": text("Instalment "), "code_key": "i", "expires_at": now}},
		{"codes", "link_id <> ''", map[string]string{"merchant_id": merchant, "link_id": link, "key": "i"}},
	} {
		if err := c.copies(ctx, t.table, t.where, from, to, t.replaced); err != nil {
			return err
		}
	}
	c.links = links
	return c.settle(ctx)
}

// settle does what a database does by itself by and by.
func (c *crowd) settle(ctx context.Context) error {
	q := `PRAGMA wal_checkpoint(TRUNCATE)`
	if c.kind == "PostgreSQL" {
		q = `VACUUM ANALYZE`
	}
	_, err := c.db.ExecContext(ctx, q)
	return err
}

// ripen gives every link the job that expires it.
func (c *crowd) ripen(ctx context.Context) error {
	const like = "kind = 'issue.expire'"
	now := fmt.Sprint(time.Now().UnixMicro())
	merchant := `(SELECT merchant_id FROM codes WHERE key = i)`
	err := c.copies(ctx, "jobs", like, 1, c.links+1, map[string]string{
		"id": c.id("job", "i"), "merchant_id": merchant, "key": c.id("plink", "i"), "payload": `'{"link":"' || ` + c.id("plink", "i") + ` || '"}'`, "run_at": now, "turn": now,
	})
	return errors.Join(err, c.settle(ctx))
}
