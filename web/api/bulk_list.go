package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/web/respond"
)

// maxListed is how many links one list may have.
const maxListed = 100

// bulkResults is what became of a list of links, each by itself.
type bulkResults struct {
	Object  string       `json:"object" enum:"bulk_results"`
	DryRun  bool         `json:"dry_run"`
	Created int64        `json:"created"`
	Failed  int64        `json:"failed"`
	Results []bulkResult `json:"results" doc:"in the order of the list"`
}

type bulkResult struct {
	Index  int              `json:"index" doc:"in the list, from 0"`
	Status int              `json:"status" doc:"as the request for this link alone would have been answered; 200 in a dry run" example:"201"`
	Link   *linkView        `json:"payment_link" doc:"null when none was made"`
	Error  *respond.Problem `json:"error" doc:"null when nothing is wrong; pointers lead into the link"`
}

// createListed makes the links of a JSON list, each in a transaction of its own and several at a time: a bad
// one does not hold up the others. With an Idempotency-Key each link has a claim of its own, so that a list that was broken
// off is sent again without making any link twice.
func (a *API) createListed(ctx context.Context, c *call, dry bool) (*bulkTaken, error) {
	body, err := respond.ReadBody(c.writer, c.request)
	if err != nil {
		return nil, err
	}
	var items []json.RawMessage
	if err := json.Unmarshal(body, &items); err != nil {
		return nil, respond.NewProblem(http.StatusBadRequest, "malformed_json", "The body is not a JSON list of payment links.")
	}
	if len(items) == 0 || len(items) > maxListed {
		bad := &paylink.Invalid{}
		bad.Add("", "wrong_length", fmt.Sprintf("A list has 1 to %d links. Send more as a file.", maxListed))
		return nil, bad
	}
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	out := bulkResults{Object: "bulk_results", DryRun: dry, Results: make([]bulkResult, len(items))}
	replayed := make([]bool, len(items))
	together, after := waves(items)
	inWaves(together, after, func(i int) {
		var claim *store.Claim
		if c.claim != nil && !dry {
			one := *c.claim
			one.Key += fmt.Sprintf("#%d", i)
			claim = &one
		}
		out.Results[i] = a.resultOf(ctx, by, i, items[i], claim, dry)
		replayed[i] = claim != nil && claim.Replayed
	})
	for _, r := range out.Results {
		switch {
		case r.Status >= http.StatusInternalServerError && ctx.Err() != nil:
			return nil, ctx.Err() // the caller has gone, or our time is over
		case r.Error != nil:
			out.Failed++
		case !dry:
			out.Created++
		}
	}
	if c.claim != nil {
		c.claim.Replayed = !slices.Contains(replayed, false)
	}
	return &bulkTaken{Status: http.StatusOK, Body: out}, nil
}

// resultOf makes one link of the list, or says what is wrong with it.
func (a *API) resultOf(ctx context.Context, by issue.Actor, i int, item json.RawMessage, claim *store.Claim, dry bool) bulkResult {
	link, err := a.createOne(ctx, by, item, claim, dry)
	r := bulkResult{Index: i, Status: http.StatusCreated, Link: link}
	if dry {
		r.Status = http.StatusOK
	}
	if err != nil {
		r.Error = respond.ProblemOf(err)
		r.Error.Instance = "urn:paylink:request:" + respond.LineOf(ctx).ID
		r.Status = r.Error.Status
	}
	return r
}

// atOnce is how many links of a list are made at a time: SQLite commits them together, and PostgreSQL has
// connections left for everybody else.
const atOnce = 16

// waves puts the links of a list in order: those that can be made at the same time, and then one after the
// other those that may meet an earlier one, because of the same reference or of a link that they replace.
func waves(items []json.RawMessage) (together, after []int) {
	used := map[string]bool{"": true}
	for i, item := range items {
		var names struct{ Reference, Replaces string }
		// What cannot be read is refused where it is made.
		if json.Unmarshal(item, &names) == nil && (names.Replaces != "" || names.Reference != "" && used[names.Reference]) {
			after = append(after, i)
			continue
		}
		used[names.Reference] = true
		together = append(together, i)
	}
	return together, after
}

// inWaves does the work for each index and comes back when all of it is done. A panic comes back with it.
func inWaves(together, after []int, work func(int)) {
	var fell atomic.Pointer[any]
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(atOnce, len(together)) {
		workers.Go(func() {
			for i := range next {
				func() {
					defer func() {
						if p := recover(); p != nil {
							fell.Store(&p)
						}
					}()
					work(i)
				}()
			}
		})
	}
	for _, i := range together {
		next <- i
	}
	close(next)
	workers.Wait()
	if p := fell.Load(); p != nil {
		panic(*p)
	}
	for _, i := range after {
		work(i)
	}
}

func (a *API) createOne(ctx context.Context, by issue.Actor, item json.RawMessage, claim *store.Claim, dry bool) (*linkView, error) {
	if !strings.HasPrefix(string(item), "{") {
		return nil, respond.NewProblem(http.StatusBadRequest, "wrong_type", "A payment link is a JSON object.")
	}
	strict, err := respond.ParseStrict(item, reflect.TypeFor[linkBody]())
	if err != nil {
		return nil, err
	}
	var body linkBody
	if err := json.Unmarshal(strict.Text, &body); err != nil {
		return nil, fmt.Errorf("read a link of a list: %w", err)
	}
	filled, from, err := a.filled(ctx, by, body, strict.Text)
	if err != nil {
		return nil, err
	}
	if dry {
		_, _, err := a.Issuer.Check(by, filled.draft())
		return nil, ofTemplate(err, from)
	}
	if claim != nil {
		claim.Request = sha256.Sum256(strict.Digest[:])
	}
	if err := a.hidePIN(claim, body); err != nil {
		return nil, err
	}
	made, err := a.Issuer.Create(ctx, by, filled.draft(), claim)
	if err != nil {
		return nil, a.named(ctx, &call{claim: claim}, ofTemplate(err, from))
	}
	v, err := a.viewWhole(ctx, made.Link, made.Customer)
	if err != nil {
		return nil, err
	}
	queued := each(made.Messages, viewMessage)
	v.Token, v.Deliveries = made.Link.Token, &queued
	return &v, nil
}
