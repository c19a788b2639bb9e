package node

import (
	"context"
	"errors"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/gateway"
	"paylink/provider"
	"paylink/telemetry"
)

// watchedGateway is a gateway whose calls are counted.
type watchedGateway struct {
	gateway.Gateway
	see *seeing
}

func (g watchedGateway) Start(ctx context.Context, a gateway.Account, o gateway.Order) (gateway.Started, error) {
	began := g.see.now()
	started, err := g.Gateway.Start(ctx, a, o)
	g.see.called(g.Capabilities().Name, "start", string(o.Method), began, err)
	return started, err
}

func (g watchedGateway) Lookup(ctx context.Context, a gateway.Account, k gateway.Known) (gateway.Word, error) {
	began := g.see.now()
	word, err := g.Gateway.Lookup(ctx, a, k)
	g.see.called(g.Capabilities().Name, "lookup", "", began, err)
	return word, err
}

// Unwrap lets gateway.As find what else the gateway can do.
func (g watchedGateway) Unwrap() any { return g.Gateway }

// Able is what does those things, watched.
func (g watchedGateway) Able() any { return watchedAbilities{g} }

// watchedSender is a carrier whose calls are counted.
type watchedSender struct {
	channel.Sender
	see *seeing
}

func (s watchedSender) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	began := s.see.now()
	sent, err := s.Sender.Send(ctx, a, l)
	s.see.called(s.Capabilities().Name, "send", string(l.Channel), began, err)
	if asked := paylink.MadeAt(l.ID); err == nil && !asked.IsZero() {
		s.see.metrics.HandedOff(string(l.Channel), s.see.now().Sub(asked))
	}
	return sent, err
}

// Unwrap lets channel.As find what else the carrier can do.
func (s watchedSender) Unwrap() any { return s.Sender }

func (see *seeing) called(name, operation, about string, began time.Time, err error) {
	see.metrics.Called(telemetry.Call{
		Provider: name, Operation: operation, About: about, Outcome: callOutcome(err), Took: see.now().Sub(began),
	})
}

// callOutcome is how a call to a provider ended, as package provider tells the ways apart.
func callOutcome(err error) string {
	var rejected *provider.Rejected
	var broken *provider.Broken
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &rejected) && rejected.Temporary:
		return "rejected_for_now"
	case errors.As(err, &rejected):
		return "rejected"
	case paylink.IsNotFound(err):
		return "not_found"
	case errors.As(err, &broken) && broken.When == provider.NotSent:
		return "not_sent"
	}
	return "unknown"
}
