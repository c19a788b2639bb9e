package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// sendingFor is how long a rate of sending is watched, in windows.
const sendingFor = 3

// sending measures how messages leave for providers that need 50 ms for each: how long after the API's answer,
// how many a second, and what many of them that wait cost in memory.
func (b *bench) sending(ctx context.Context) (facts []fact, err error) {
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		queued := 100_000
		if kind == "PostgreSQL" {
			queued = 20_000 // what waits is in the database; making them takes the longer there
		}
		if b.window < 2*time.Second {
			queued /= 10
		}
		more, err := b.sendingOn(ctx, kind, queued)
		if err != nil {
			return nil, fmt.Errorf("sending on %s: %w", kind, err)
		}
		for _, f := range more {
			f.what = kind + ": " + f.what
			facts = append(facts, f)
		}
	}
	return facts, nil
}

func (b *bench) sendingOn(ctx context.Context, kind string, queued int) (facts []fact, err error) {
	c, err := newCarriers()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	dir := filepath.Join(b.dir, "sending-on-"+kind)
	database := "sqlite://" + filepath.Join(dir, "paylink.db")
	if kind == "PostgreSQL" {
		database = b.postgres.url("sending", nil)
		if _, err := b.postgres.sql(ctx, "CREATE DATABASE sending"); err != nil {
			return nil, err
		}
	}
	p, err := newProgram(ctx, b.binary, dir, database)
	if err != nil {
		return nil, err
	}
	p.settings = []string{"PAYLINK_PROVIDER_HOSTS=" + strings.Join([]string{c.twilio, c.whatsapp, c.smpp}, ",")}
	if err := p.serve(ctx); err != nil {
		return nil, err
	}
	twilio, err := c.connect(ctx, p)
	if err != nil {
		return nil, errors.Join(err, p.stop())
	}
	handed, err := b.handedOver(ctx, p, c)
	if err != nil {
		return nil, errors.Join(err, p.stop())
	}
	bind, err := b.throughSMPP(ctx, p, c, twilio, max(2000, queued/10))
	if err != nil {
		return nil, err
	}
	rest, err := b.throughHTTP(ctx, p, c, queued)
	return append([]fact{handed, bind}, rest...), err
}

// connect has the merchant connect accounts with Twilio and Meta, and a template for WhatsApp. It gives the
// path of the first.
func (c *carriers) connect(ctx context.Context, p *program) (twilio string, err error) {
	var made struct{ ID string }
	account := fmt.Sprintf(`{"provider":"whatsapp","channel":"whatsapp","base_url":"http://%s","rank":0,"fields":{"phone_number_id":"106340352242921","business_account_id":"102290129340398",`+
		`"access_token":"EAAJB.bench","secret":"app-secret-of-the-bench","verify_token":"open-sesame-1","template_base_url":"http://%s/"}}`, c.whatsapp, p.listen)
	if err := p.post(ctx, "/v1/accounts", account, http.StatusCreated, &made); err != nil {
		return "", err
	}
	const template = `{"channel":"whatsapp","kind":"request","language":"en","text":"A payment request: {merchant} asks you for {amount}. Thank you.","active":true,` +
		`"registered_as":{"whatsapp_name":"pay_link","whatsapp_language":"en","variables":["merchant","amount"]}}`
	if err := p.post(ctx, "/v1/message_templates", template, http.StatusCreated, new(any)); err != nil {
		return "", err
	}
	account = fmt.Sprintf(`{"provider":"twilio","channel":"sms","base_url":"http://%s","rank":0,"fields":{"account_sid":"AC%032x","secret":"12345678901234567890123456789012","from":"+15005550006"}}`, c.twilio, 0)
	err = p.post(ctx, "/v1/accounts", account, http.StatusCreated, &made)
	return "/v1/accounts/" + made.ID, err
}

// handedOver makes links for two channels at a steady rate and compares each one's created_at with the time at
// which the slower of both carriers had answered.
func (b *bench) handedOver(ctx context.Context, p *program, c *carriers) (fact, error) {
	f := fact{what: fmt.Sprintf("link created → taken by both carriers (SMS, WhatsApp), which need %s, at %d links/s", ms(carrierTakes), dispatchRate), hold: "p99 < 250 ms"}
	var made collected
	steady := p.steady([]byte(`["sms","whatsapp"]`))
	steady.keep = made.add
	t, err := steady.run(ctx, dispatchFor, &b.serial)
	if err != nil {
		return f, err
	}
	time.Sleep(promisedToMerchants)
	last, n := map[string]time.Time{}, map[string]int{}
	for len(c.answered) > 0 {
		a := <-c.answered
		n[a.to]++
		last[a.to] = a.at // they come in the order of their times
	}
	var took []time.Duration
	for _, l := range made.links {
		if n[l.Customer.Phone] >= 2 {
			took = append(took, last[l.Customer.Phone].Sub(l.CreatedAt))
		}
	}
	slices.Sort(took)
	f.measured = fmt.Sprintf("p50 %s, p99 %s (%d links at %.0f/s", ms(quantile(took, 50)), ms(quantile(took, 99)), len(made.links), t.rate())
	if missing := len(made.links) - len(took); missing > 0 {
		f.measured += fmt.Sprintf("; **%d of them were not complete %s after the last**", missing, promisedToMerchants)
	}
	f.measured += ")"
	return f, nil
}

// throughSMPP sends through one bind whose operator needs 50 ms for each message and allows a window of 100.
func (b *bench) throughSMPP(ctx context.Context, p *program, c *carriers, twilio string, queued int) (fact, error) {
	f := fact{what: fmt.Sprintf("messages through one SMPP bind, window 100, answers after %s", ms(carrierTakes)), hold: "≥ 1,000 /s"}
	account := fmt.Sprintf(`{"provider":"smpp","channel":"sms","base_url":"smpp://%s","rank":0,"fields":{"system_id":"bench","secret":"s3cret","sender":"ACMEIN","window":"100"}}`, c.smpp)
	var made struct{ ID string }
	err := p.patch(ctx, twilio, `{"switched_off":true}`)
	if err == nil {
		err = p.post(ctx, "/v1/accounts", account, http.StatusCreated, &made)
	}
	if err = errors.Join(err, p.stop()); err != nil {
		return f, err
	}
	rate, cpu, _, err := b.drain(ctx, p, c, `["sms"]`, queued, queued, func() error {
		return errors.Join(p.patch(ctx, twilio, `{"switched_off":false}`), p.patch(ctx, "/v1/accounts/"+made.ID, `{"switched_off":true}`))
	})
	f.measured = fmt.Sprintf("%.0f /s, %s of processor each (%d messages)", rate, ms(cpu), queued)
	return f, err
}

// throughHTTP has very many messages wait, and sends of them for a while.
func (b *bench) throughHTTP(ctx context.Context, p *program, c *carriers, queued int) ([]fact, error) {
	rate, cpu, peak, err := b.drain(ctx, p, c, `["sms","whatsapp"]`, queued/2, queued, func() error { return nil })
	return []fact{
		{fmt.Sprintf("messages through HTTP carriers that need %s", ms(carrierTakes)), "≥ 2,000 /s", fmt.Sprintf("%.0f /s, %s of processor each (of %d that waited)", rate, ms(cpu), queued)},
		{fmt.Sprintf("memory at most while %d messages wait and are sent", queued), "≤ 150 MB", fmt.Sprintf("%.0f MB", float64(peak)/(1<<20))},
	}, err
}

// drain makes links while nothing sends, then starts the program anew and watches how fast their messages
// leave, for as long as sendingFor says, or until none is left. after is called before it stops. It gives messages
// a second, the processor time of each, and the most memory that the program held.
func (b *bench) drain(ctx context.Context, p *program, c *carriers, channels string, links, messages int, after func() error) (rate float64, cpu time.Duration, peak int64, err error) {
	settings := p.settings
	p.settings = append(slices.Clone(settings), "PAYLINK_ROLES=api")
	if err := p.serve(ctx); err != nil {
		return 0, 0, 0, err
	}
	err = b.queue(ctx, p, channels, int64(links))
	p.settings = settings
	if err = errors.Join(err, p.stop()); err != nil {
		return 0, 0, 0, err
	}
	if err := p.serve(ctx); err != nil {
		return 0, 0, 0, err
	}
	before := c.taken.Load()
	for c.taken.Load()-before < min(500, int64(messages)/10) && ctx.Err() == nil { // it has got going
		time.Sleep(10 * time.Millisecond)
	}
	from, begun, used := c.taken.Load(), time.Now(), p.cpu()
	for time.Since(begun) < sendingFor*b.window && c.taken.Load()-before < int64(messages) && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	sent, took := c.taken.Load()-from, time.Since(begun)
	cpu = (p.cpu() - used) / time.Duration(max(sent, 1))
	peak, err = p.peak()
	time.Sleep(time.Second) // what is on its way ends
	for len(c.answered) > 0 {
		<-c.answered
	}
	return float64(sent) / took.Seconds(), cpu, peak, errors.Join(err, after(), p.stop())
}

// queue makes links, as fast as they can be made, whose messages nobody sends yet.
func (b *bench) queue(ctx context.Context, p *program, channels string, links int64) error {
	l := p.steady([]byte(channels))
	l.clients, l.pace = b.clients, 0
	for made := int64(0); made < links; {
		t, err := l.run(ctx, time.Second, &b.serial)
		if err != nil {
			return err
		}
		made += t.done
	}
	return nil
}
