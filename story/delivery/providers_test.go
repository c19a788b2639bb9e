package delivery_test

import (
	"crypto/tls"
	"strings"
	"time"
)

// connect opens two providers for each channel and has the merchant connect an account with each.
func (w *world) connect() {
	w.t.Helper()
	begun := time.Now()
	down := trouble{begun.Add(w.plan.over / 4), begun.Add(w.plan.over/4 + 30*time.Minute), begun.Add(w.plan.over/4 + time.Hour)}

	sms := &twilio{far: w.newFar("twilio", "twilio", strings.Repeat("7", 32), 400), sid: "AC" + strings.Repeat("0a", 16), held: map[string][]map[string]any{}}
	sms.trouble = down
	w.web("api.twilio.example.com", sms.far, sms)
	w.account(sms.far, "sms", "https://api.twilio.example.com", map[string]string{"account_sid": sms.sid, "from": "+447400000001"})

	other := &vonage{far: w.newFar("vonage", "vonage", strings.Repeat("v", 32), 400), key: "0a0a0a0a", password: "right-password"}
	w.web("api.vonage.example.com", other.far, other)
	w.account(other.far, "sms", "https://api.vonage.example.com", map[string]string{"api_key": other.key, "api_secret": other.password, "from": "447400000002"})

	for i, label := range []string{"meta-a", "meta-b"} {
		m := &meta{far: w.newFar(label, "whatsapp", "app-secret-"+label, 120), number: "1063403522429" + string(rune('1'+i)), token: "EAAJB.token_" + label}
		m.absent = func(customer int) bool { return !w.onWhatsApp(customer) }
		w.web(label+".example.com", m.far, m)
		m.inbox = w.account(m.far, "whatsapp", "https://"+label+".example.com", map[string]string{
			"phone_number_id": m.number, "business_account_id": "102290129340398", "access_token": m.token, "verify_token": "open-sesame-1",
			"template_base_url": w.origin + "/",
		})
	}
	for _, label := range []string{"mail-a", "mail-b"} {
		m := &mail{far: w.newFar(label, "smtp", strings.Repeat("m", 20)+label, 2), tls: &tls.Config{Certificates: []tls.Certificate{identity}, SessionTicketsDisabled: true}}
		m.silent = true
		l := w.network.listen(label+".example.com", nil)
		w.running.Go(func() { m.serve(l) })
		w.closers = append(w.closers, l)
		m.inbox = w.account(m.far, "email", "smtp://"+label+".example.com:587", map[string]string{
			"username": "payments", "password": "right", "from_address": "payments@acme.example", "bounce_domain": "bounces.acme.example",
		})
	}
	w.must("PATCH", "/v1/merchant", map[string]any{"settings": map[string]any{"message_prices": map[string]int{"sms": 400, "whatsapp": 120, "email": 2}}}, nil)
	w.must("POST", "/v1/message_templates", map[string]any{
		"channel": "whatsapp", "kind": "request", "language": "en", "text": "Here is a payment request: {merchant} asks you for {amount}. Thank you.", "active": true,
		"registered_as": map[string]any{"whatsapp_name": "pay_link", "whatsapp_language": "en", "variables": []string{"merchant", "amount"}},
	}, nil)
}

func (w *world) newFar(label, provider, secret string, price int64) *far {
	f := &far{
		label: label, provider: provider, secret: secret, price: price, world: w, seed: w.plan.seed + uint64(len(w.fars))<<32,
		burst: 10, rate: 10, losses: draw(w.plan.seed, len(w.fars), w.plan.links), calls: map[int]int{}, known: map[string]bool{}, refused: map[string]int64{},
	}
	w.fars = append(w.fars, f)
	return f
}

// account has the merchant connect an account, and gives where the provider is to post its receipts.
func (w *world) account(f *far, channel, base string, fields map[string]string) string {
	w.t.Helper()
	fields["secret"] = f.secret
	var made struct {
		ID      string
		Receipt string `json:"receipt_url"`
	}
	w.must("POST", "/v1/accounts", map[string]any{"provider": f.provider, "channel": channel, "name": f.label, "base_url": base, "fields": fields}, &made)
	f.id = made.ID
	return made.Receipt
}
