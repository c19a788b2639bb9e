package client_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"paylink/client"
)

// The client and the server are both made for the document; whether they understand each other is only
// known when they speak. Here a link lives its life through the client.
func TestLinkLivesThroughTheClient(t *testing.T) {
	each(t, func(w *town) {
		c, ctx := w.client, t.Context()
		merchant, err := c.GetMerchant(ctx)
		if w.must(err); merchant.ID != w.merchant || merchant.Livemode || merchant.Currency != "INR" {
			t.Errorf("%+v", merchant)
		}
		order := client.NewPaymentLink{
			Amount: 245000, Currency: "INR", Description: "Order 1042", Reference: "order-1042", Channels: []string{"sms", "email"},
			Customer:  &client.NewCustomer{Name: "Asha", Phone: "+919812345642", Email: "asha@example.com"},
			ExpiresIn: client.Value[int64](86400), Metadata: map[string]string{"k": "v"},
		}
		made, err := c.CreatePaymentLink(ctx, order, client.IdempotencyKey("order-1042"))
		w.must(err)
		again, err := c.CreatePaymentLink(ctx, order, client.IdempotencyKey("order-1042"))
		if w.must(err); again.ID != made.ID || made.Token == "" || made.Status != "pending" || made.ExpiresAt == nil || made.Customer.Name != "Asha" || len(made.Deliveries) != 2 {
			t.Errorf("%+v\nagain %+v", made, again)
		}
		_, err = c.CreatePaymentLink(ctx, order)
		var p *client.Problem
		if !errors.As(err, &p) || p.Code != "reference_in_use" || p.Other != made.ID || p.RequestID == "" || !strings.HasSuffix(p.Instance, p.RequestID) {
			t.Errorf("the same reference again: %+v", err)
		}
		if _, err = c.CreatePaymentLink(ctx, client.NewPaymentLink{Amount: -1}); !errors.As(err, &p) || p.Status != 422 || len(p.Errors) == 0 {
			t.Errorf("a negative amount: %+v", err)
		}

		extended, err := c.ExtendPaymentLink(ctx, made.ID, client.NewExpiry{ExpiresIn: 2 * 86400})
		if w.must(err); !extended.ExpiresAt.After(*made.ExpiresAt) {
			t.Errorf("extended to %v", extended.ExpiresAt)
		}
		sent, err := c.SendPaymentLink(ctx, made.ID, client.SendPaymentLink{Channels: []string{"whatsapp"}, To: map[string]string{"whatsapp": "+919812345643"}})
		if w.must(err); len(sent.Deliveries) != 1 || sent.URL != made.URL {
			t.Errorf("%+v", sent)
		}
		cancelled, err := c.CancelPaymentLink(ctx, made.ID)
		w.must(err)
		active, err := c.ReactivatePaymentLink(ctx, made.ID)
		if w.must(err); cancelled.Status != "cancelled" || active.Status != "pending" {
			t.Errorf("%s, then %s", cancelled.Status, active.Status)
		}
		_, err = c.AdvanceSandboxClock(ctx, client.ClockAdvance{Advance: "72h"})
		w.must(err)
		clock, err := c.ReadSandboxClock(ctx)
		if w.must(err); clock.Now.Before(time.Now().Add(71 * time.Hour)) {
			t.Errorf("the clock shows %v", clock.Now)
		}
		refreshed, err := c.RefreshPaymentLink(ctx, made.ID, client.NewExpiry{ExpiresIn: 3600})
		if w.must(err); refreshed.Status != "pending" {
			t.Errorf("refreshed: %s", refreshed.Status)
		}
		paid, err := c.PayInSandbox(ctx, client.SandboxPayment{URL: made.URL, Method: "card", Outcome: "success"})
		if w.must(err); paid.LinkStatus != "paid" {
			t.Errorf("%+v", paid)
		}
		w.pictures(made.ID)
		w.afterwards(made)
	})
}

func (w *town) pictures(id string) {
	w.Helper()
	png, err := w.client.GetPaymentLinkQRPNG(w.Context(), id)
	w.must(err)
	svg, err := w.client.GetPaymentLinkQRSVG(w.Context(), id)
	if w.must(err); !bytes.HasPrefix(png, []byte("\x89PNG")) || !bytes.Contains(svg, []byte("<svg")) {
		w.Errorf("%q and %q are no pictures", png[:min(8, len(png))], svg[:min(40, len(svg))])
	}
}

// afterwards reads everything that is known of a link that was paid.
func (w *town) afterwards(made client.PaymentLink) {
	w.Helper()
	c, ctx := w.client, w.Context()
	link, err := c.GetPaymentLink(ctx, made.ID, client.Shown{Include: "token"})
	if w.must(err); link.Status != "paid" || link.AmountPaid != 245000 || len(link.Payments) != 1 || len(link.Deliveries) < 3 || link.Token == "" || link.URL != made.URL {
		w.Errorf("%+v", link)
	}
	for i, d := range link.Deliveries { // the receipt may still be on its way
		if (d.Kind == "request") != (i < 3) {
			w.Errorf("message %d is a %s", i+1, d.Kind)
		}
	}
	for token, want := range map[string]client.VerifiedToken{link.Token: {Genuine: true, Current: true}, made.Token: {Genuine: true}, "nonsense": {}} {
		got, err := c.VerifyToken(ctx, client.TokenToVerify{Token: token})
		if w.must(err); got.Genuine != want.Genuine || got.Current != want.Current || got.Genuine && got.Claims.LinkID != made.ID {
			w.Errorf("%+v, want %+v", got, want)
		}
	}
	payment, err := c.GetPayment(ctx, link.Payments[0].ID)
	if w.must(err); payment.LinkID != made.ID || payment.Status != "captured" || payment.AmountCaptured != 245000 {
		w.Errorf("%+v", payment)
	}
	timeline, err := c.GetPaymentLinkTimeline(ctx, made.ID)
	if w.must(err); len(timeline) < 8 || timeline[0].Type != "payment_link.created" || timeline[0].Data.PaymentLink.ID != made.ID {
		w.Errorf("%+v", timeline)
	}
	w.is("links", 1, count(w, c.ListPaymentLinks(ctx, client.LinkFilter{Status: "paid", Phone: "+919812345642", AmountMin: 245000, CreatedAfter: made.CreatedAt.Add(-time.Second)})))
	w.is("links of nobody", 0, count(w, c.ListPaymentLinks(ctx, client.LinkFilter{Reference: "order-1"})))
	w.is("payments", 1, count(w, c.ListPayments(ctx, client.PaymentFilter{Status: "captured"})))
	w.is("notices", 1, count(w, c.ListGatewayNotices(ctx, client.Page{})))
	for events := -1; ; { // receipts may still be coming in, each of them an event
		threes := count(w, c.ListEvents(ctx, client.Page{Limit: 3}))
		if now := count(w, c.ListEvents(ctx, client.Page{Limit: 100})); now != events {
			events = now
			continue
		}
		w.is("events by threes", events, threes)
		break
	}
}

// A merchant's webhooks are set up, tried and repaired through the client.
func TestWebhooksThroughTheClient(t *testing.T) {
	each(t, func(w *town) {
		c, ctx, told := w.client, t.Context(), w.receiver()
		made, err := c.CreateWebhookEndpoint(ctx, client.NewWebhookEndpoint{URL: told.url, Description: "shop"})
		w.must(err)
		rotated, err := c.RotateWebhookEndpointSecret(ctx, made.ID)
		if w.must(err); made.Secret == "" || rotated.Secret == made.Secret {
			t.Errorf("%+v, rotated %+v", made, rotated)
		}
		tried, err := c.TestWebhookEndpoint(ctx, made.ID)
		w.must(err)
		told.wait("webhook_endpoint.test")
		_, err = c.CreatePaymentLink(ctx, client.NewPaymentLink{Amount: 100, Currency: "INR"})
		w.must(err)
		told.wait("payment_link.created")
		w.is("deliveries", 2, count(w, c.ListWebhookDeliveries(ctx, client.DeliveryFilter{Endpoint: made.ID})))
		resent, err := c.ResendWebhookDelivery(ctx, tried.ID)
		if w.must(err); resent.EndpointID != made.ID {
			t.Errorf("%+v", resent)
		}
		delivery, err := c.GetWebhookDelivery(ctx, tried.ID)
		if w.must(err); delivery.EventType != "webhook_endpoint.test" {
			t.Errorf("%+v", delivery)
		}
		replayed, err := c.ReplayWebhookEndpoint(ctx, made.ID, client.WebhookReplay{Since: time.Now().Add(-time.Hour)})
		if w.must(err); replayed.Status != "started" {
			t.Errorf("%+v", replayed)
		}
		got, err := c.GetWebhookEndpoint(ctx, made.ID)
		if w.must(err); got.Secret != "" || got.URL != told.url {
			t.Errorf("%+v", got)
		}
		w.must(c.DeleteWebhookEndpoint(ctx, made.ID))
		w.is("endpoints", 0, count(w, c.ListWebhookEndpoints(ctx, client.Page{})))
	})
}

// A program that follows the events must see each of them once, also those that happen while the server is
// restarted under it.
func TestStreamOutlivesARestart(t *testing.T) {
	each(t, func(w *town) {
		made := make(chan string, 10)
		create := func() {
			link, err := w.client.CreatePaymentLink(t.Context(), client.NewPaymentLink{Amount: 100, Currency: "INR"})
			w.must(err)
			made <- link.ID
		}
		create() // of the past, which is not asked for
		<-made
		for w.lastSequence() == 0 {
			time.Sleep(10 * time.Millisecond)
		}
		seen := 0
		create()
		for e, err := range w.client.StreamEvents(t.Context(), 1) {
			if w.must(err); e.Type != "payment_link.created" {
				t.Errorf("%+v", e)
			}
			if want := <-made; e.Data.PaymentLink.ID != want {
				t.Errorf("told of %s, want %s", e.Data.PaymentLink.ID, want)
			}
			if seen++; seen == 4 {
				break
			}
			if seen == 2 {
				w.restart()
			}
			create()
		}
	})
}
