package dispatch

import (
	"cmp"
	"sync"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/locale"
	"paylink/rules"
	"paylink/store"
	"paylink/token"
	"paylink/wording"
)

// words is a message in words, and by whom they are.
type words struct {
	locale.Text
	url      string
	language locale.Language
	own      *paylink.MessageTemplate // by which the merchant has worded it; nil: the words of this house
	values   map[string]string        // of the template's variables
}

// words writes the message in the customer's language, else in the merchant's: by the merchant's own
// template where one is in use and all of its variables have values, else in the words of this house.
func (d *Dispatch) words(p *parcel) (words, error) {
	spoken := ""
	if p.customer != nil {
		spoken = p.customer.Locale
	}
	w := words{language: locale.Pick(spoken, p.merchant.Locale)}
	if p.proof {
		code, err := token.ProofCode(d.ring, p.link.CodeSlot, string(p.message.ID))
		return d.proofWords(p, w, code), err
	}
	kind := p.kind(d.now())
	var err error
	if w.url, err = d.linkURL(*p, ""); err != nil {
		return w, err
	}
	facts := wording.Facts(p.link, p.customer, p.merchant, w.url)
	if facts.Kind = wording.Kind(kind); !p.message.Asks() {
		facts = tidingFacts(facts, p.message, p.link)
	}
	for _, l := range []locale.Language{w.language, locale.Pick(p.merchant.Locale)} {
		t := inUse(p.templates, p.message.Channel, kind, l.Tag)
		if t == nil {
			continue
		}
		if facts.URL, err = d.linkURL(*p, headerOf(p.merchant, *t)); err != nil {
			return w, err
		}
		values := l.Values(p.message.Channel, facts)
		if wording.Lacks(*t, values) != "" {
			continue
		}
		text := l.Own(p.message.Channel, facts, wording.Fill(t.Subject, values), wording.Fill(t.Text, values))
		return words{text, facts.URL, l, t, values}, nil
	}
	facts.URL = w.url
	w.Text = w.language.Message(p.message.Channel, facts)
	return w, nil
}

// proofWords writes the message that carries a code, by the merchant's own template where one is in use.
func (d *Dispatch) proofWords(p *parcel, w words, code string) words {
	for _, l := range []locale.Language{w.language, locale.Pick(p.merchant.Locale)} {
		if t := inUse(p.templates, p.message.Channel, paylink.TemplateCode, l.Tag); t != nil {
			values := l.ProofValues(p.message.Channel, p.merchant.Name, code)
			text := l.OwnProof(p.message.Channel, p.merchant.Name, wording.Fill(t.Subject, values), wording.Fill(t.Text, values))
			return words{text, "", l, t, values}
		}
	}
	w.Text = w.language.Proof(p.message.Channel, p.merchant.Name, code)
	return w
}

// inUse finds the template of a channel, kind and language; nil when there is none.
func inUse(all []paylink.MessageTemplate, c paylink.Channel, k paylink.TemplateKind, language string) *paylink.MessageTemplate {
	for i, t := range all {
		if t.Channel == c && t.Kind == k && t.Language == language {
			return &all[i]
		}
	}
	return nil
}

// headerOf is the header under which the text of a template is registered; empty: under none of its own.
func headerOf(m paylink.Merchant, t paylink.MessageTemplate) string {
	if m.Settings.DLT != nil && t.As.DLT != "" {
		for _, r := range m.Settings.DLT.Templates {
			if r.ID == t.As.DLT {
				return r.Header
			}
		}
	}
	return ""
}

// template says as what a letter is registered with the operators or the provider; nil: as nothing.
func (w words) template(p *parcel, registered *rules.Registered) *channel.Template {
	var as paylink.RegisteredAs
	if w.own != nil {
		as = w.own.As
	}
	named := func(name, language string) *channel.Template {
		t := &channel.Template{Name: name, Language: language}
		for _, v := range as.Variables {
			t.Variables = append(t.Variables, channel.Variable{Name: v, Value: w.values[v]})
		}
		return t
	}
	switch {
	case p.message.Channel == paylink.ChannelWhatsApp && as.WhatsApp != "":
		return named(as.WhatsApp, cmp.Or(as.WhatsAppLanguage, w.language.Tag))
	case p.message.Channel != paylink.ChannelSMS:
		return nil
	}
	var t *channel.Template
	if as.Flow != "" && p.account.Provider == "msg91" {
		t = named(as.Flow, "")
	}
	if registered == nil {
		return t
	}
	if t == nil {
		t = &channel.Template{Name: registered.Template.ID}
		for _, value := range registered.Values {
			t.Variables = append(t.Variables, channel.Variable{Value: value})
		}
	}
	t.Entity, t.Header = p.merchant.Settings.DLT.Entity, registered.Template.Header
	return t
}

// wordings keeps for a moment which templates merchants have in use, so that many messages ask once.
type wordings struct {
	mu   sync.Mutex
	kept map[string]keptWordings
}

type keptWordings struct {
	templates []paylink.MessageTemplate
	until     time.Time
}

// Templates are asked for again after a moment: whoever puts one into use sees it in the next messages. The
// bound keeps many merchants from filling the memory.
const (
	wordingsLife = 3 * time.Second
	wordingsMost = 10_000
)

// of gives the templates that a merchant has in use.
func (w *wordings) of(read store.Reader, m paylink.MerchantID, live bool, now time.Time) ([]paylink.MessageTemplate, error) {
	key := string(m)
	if live {
		key += " live"
	}
	w.mu.Lock()
	kept, found := w.kept[key]
	w.mu.Unlock()
	if found && now.Before(kept.until) {
		return kept.templates, nil
	}
	templates, err := read.ActiveMessageTemplates(m, live)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.kept == nil || len(w.kept) >= wordingsMost {
		w.kept = map[string]keptWordings{}
	}
	w.kept[key] = keptWordings{templates, now.Add(wordingsLife)}
	return templates, nil
}
