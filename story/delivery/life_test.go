package delivery_test

import (
	"slices"
	"time"
)

// One customer in ten has no WhatsApp, which nobody knows before, and another one no e-mail address.

func (w *world) onWhatsApp(customer int) bool { return customer%10 != 3 }
func (w *world) hasMail(customer int) bool    { return customer%10 != 7 }

// deliveryPlan is how every link goes out: what did not arrive by one provider goes by another.
func (w *world) deliveryPlan() map[string]any {
	step := func(channel, after string, providers ...string) map[string]any {
		s := map[string]any{"channel": channel, "providers": providers}
		if after != "" {
			s["after"], s["unless"] = after, "delivered"
		}
		return s
	}
	id := map[string]string{}
	for _, f := range w.fars {
		id[f.label] = f.id
	}
	return map[string]any{"steps": []any{
		step("sms", "", id["twilio"], id["vonage"]), step("sms", "2m", id["vonage"], id["twilio"]),
		step("whatsapp", "2m", id["meta-a"], id["meta-b"]), step("whatsapp", "2m", id["meta-b"], id["meta-a"]),
		step("email", "2m", id["mail-a"], id["mail-b"]), step("email", "10m", id["mail-b"], id["mail-a"]),
	}}
}

// live makes the links: two thirds at any time, one third many at once.
func (w *world) live() {
	w.t.Helper()
	times := make([]time.Duration, w.plan.links)
	for i := range times {
		switch {
		case i%3 != 0 || i == 0:
			times[i] = time.Duration(w.dice.Int64N(int64(w.plan.over)))
		case i%75 == 0:
			times[i] = time.Duration(w.dice.Int64N(int64(w.plan.over)))
		default:
			times[i] = times[i/75*75]
		}
	}
	slices.Sort(times)
	begun, delivery := time.Now(), w.deliveryPlan()
	for n := range w.plan.links {
		time.Sleep(time.Until(begun.Add(times[n])))
		customer := map[string]string{"name": "Asha", "phone": w.phones[n]}
		if w.hasMail(n) {
			customer["email"] = mailOf(n)
		}
		in := map[string]any{"amount": 100 + n, "currency": "GBP", "customer": customer, "delivery": delivery, "expires_in": 5 * 24 * 3600}
		w.must("POST", "/v1/payment_links", in, &w.links[n])
		w.links[n].accepted = time.Now()
	}
	// Receipts come up to an hour late, and a provider is tried for more than two hours.
	time.Sleep(3 * time.Hour)
	w.events.Wait()
	time.Sleep(5 * time.Minute)
}
