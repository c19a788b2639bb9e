package delivery_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"paylink"
	"paylink/store"
)

// judge holds the handsets against the promise, and then paylink's own tables against the handsets.
func (w *world) judge() {
	w.t.Helper()
	w.judgeHandsets()
	w.judgeTables()
	for _, f := range w.fars {
		lost := 0
		for _, l := range f.losses {
			if l != kept {
				lost++
			}
		}
		w.t.Logf("%s: took %d, calls %v; it would lose %.2f %% of the customers", f.label, f.taken, f.refused, percent(lost, len(w.links)))
	}
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(of) }

func (w *world) judgeHandsets() {
	w.t.Helper()
	var reached, first, copies int
	codes, missed := make([]string, len(w.links)), []int{}
	for n, l := range w.links {
		codes[n] = l.code()
		got := w.handsets.of(n, codes[n])
		copies += len(got)
		if len(got) > 0 {
			reached++
		} else {
			missed = append(missed, n)
		}
		if w.fars[0].losses[n] == kept {
			first++
		}
	}
	if strays := w.handsets.strays(codes); strays > 0 {
		w.t.Errorf("%d messages open no link of the customer who got them", strays)
	}
	w.t.Logf("seed %d: %d links, %d delivered: %.4f %%; by the first provider alone it would be %.2f %%; %.3f messages each", w.plan.seed, len(w.links), reached,
		percent(reached, len(w.links)), percent(first, len(w.links)), float64(copies)/float64(max(reached, 1)))
	for _, n := range missed {
		w.t.Logf("customer %d got nothing: %s", n, w.whoLost(n))
	}
	if len(missed)*10000 > len(w.links) {
		w.t.Errorf("%d of %d links reached nobody; 99.99 %% is promised", len(missed), len(w.links))
	}
	for _, f := range w.fars {
		if f.clashes > 0 {
			w.t.Errorf("%s was given %d messages a second time", f.label, f.clashes)
		}
	}
	w.handOff()
}

// whoLost says what each provider does to a customer's messages.
func (w *world) whoLost(customer int) string {
	var all []string
	for _, f := range w.fars {
		all = append(all, fmt.Sprintf("%s %s", f.label, [...]string{"delivers", "loses it", "fails it"}[f.losses[customer]]))
	}
	return strings.Join(all, ", ")
}

// handOff tells how long it took from the API's answer until a provider had the message: of all links, and of
// those made while every provider worked. Nothing takes time here but providers and waiting.
func (w *world) handOff() {
	w.t.Helper()
	var all, calm []time.Duration
	for n, l := range w.links {
		at, ok := w.first[n]
		if !ok {
			w.t.Errorf("no provider was given link %s", l.ID)
			continue
		}
		took := max(0, at.Sub(l.accepted))
		all = append(all, took)
		if down := w.fars[0].trouble; l.accepted.Before(down.from) || l.accepted.After(down.to) {
			calm = append(calm, took)
		}
	}
	w.t.Logf("from the API's answer until a provider has the first message: %s; without the hour in which one is down: %s", spread(all), spread(calm))
	if len(calm) > 0 && calm[len(calm)/2] > 250*time.Millisecond {
		w.t.Errorf("half of the links take %v and more", calm[len(calm)/2])
	}
}

// spread sorts times and says how they lie.
func spread(took []time.Duration) string {
	if len(took) == 0 {
		return "none"
	}
	slices.Sort(took)
	at := func(thousandths int) time.Duration { return took[len(took)*thousandths/1000].Round(time.Millisecond) }
	return fmt.Sprintf("p50 %v, p99 %v, longest %v", at(500), at(990), took[len(took)-1].Round(time.Millisecond))
}

// judgeTables reads what paylink knows of each message when all is over.
func (w *world) judgeTables() {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), w.plan.database, store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	read, stands, cost := s.Read(w.t.Context()), map[paylink.MessageStatus]int{}, int64(0)
	for n, l := range w.links {
		messages, err := read.MessagesOf(w.merchant, l.ID, 100)
		if err != nil || len(messages) == 0 {
			w.t.Fatalf("link %s has %d messages (%v)", l.ID, len(messages), err)
		}
		got := w.handsets.of(n, l.code())
		for _, m := range messages {
			stands[m.Status]++
			if wrong := contradicts(m, got); wrong != "" {
				w.t.Errorf("link %s, step %d, message %s by %s: %s", l.ID, m.Step, m.ID, m.Provider, wrong)
			}
			attempts, err := read.AttemptsOf(w.merchant, l.ID, m.ID)
			if err != nil {
				w.t.Fatal(err)
			}
			for _, a := range attempts {
				cost += a.Cost
			}
		}
	}
	var theirs int64
	for _, f := range w.fars {
		theirs += f.taken * f.price
	}
	w.t.Logf("messages: %v", stands)
	w.t.Logf("cost of a link: %.2f pence by our books, %.2f by the providers'", float64(cost)/100/float64(len(w.links)), float64(theirs)/100/float64(len(w.links)))
}

// contradicts says what is wrong with how a message stands at the end, by what the customer got; empty:
// nothing is.
func contradicts(m paylink.Message, got []arrival) string {
	arrived := slices.ContainsFunc(got, func(a arrival) bool {
		return a.message == string(m.ID) || strings.Contains(a.message, strings.TrimPrefix(string(m.ID), "msg_"))
	})
	switch m.Status {
	case paylink.MessageScheduled, paylink.MessageQueued:
		return "it is still " + string(m.Status)
	case paylink.MessageDelivered, paylink.MessageRead:
		if !arrived {
			return "it is delivered, and no handset got it"
		}
	case paylink.MessageFailed, paylink.MessageBlocked, paylink.MessageSkipped:
		if arrived {
			return "it is " + string(m.Status) + ", and a handset got it"
		}
		if m.ErrorCode == "" {
			return "it is " + string(m.Status) + " without a reason"
		}
	}
	return ""
}
