package dashboard

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"paylink"
	"paylink/issue"
	"paylink/locale"
)

// create is the form for a new link. What every link needs stands in sight; the rest is folded into a few
// groups, each of which says in its own line what is chosen in it.
type create struct {
	frame
	flaws
	Form       form
	Key        string
	Templates  []choice // with the addresses of forms that begin with them
	Beyond     string   // what the template says that the form does not show
	Currencies []choice
	Channels   []channelChoice
	Expiries   []choice
	Methods    []choice
	Languages  []choice
	Reminders  []choice
	Files      []choice
	Surcharged string   // the ways to pay for which a surcharge may be asked; empty: for none
	Codes      []string // some of the discount codes that there are
	Origins    []string // where customers may be led back to
	Earliest   string   // the least custom end, as the field writes it
	Zone       string
	Placed     bool // a link can be kept to countries
	NoGateway  bool // nothing could be paid: the merchant has no gateway in this mode
}

// channelChoice is a channel that a link can be sent on, or cannot yet.
type channelChoice struct {
	choice
	Needs     string // "a phone number"
	Connected bool
}

// NewLink shows the form, filled with what a template says when the address names one:
// GET /dashboard/{mode}/links/new.
func (d *Dashboard) NewLink(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		fresh, wrong := s.blankForm(), flaws{}
		if name := r.URL.Query().Get("template"); name != "" {
			like, err := d.likeTemplate(r, s, name)
			if paylink.IsNotFound(err) {
				wrong = flaws{[]problem{{"template", "There is no template of this name any more."}}}
			} else if err != nil {
				return err
			} else {
				fresh = s.formLike(like)
			}
		}
		return d.showForm(w, r, s, http.StatusOK, fresh, wrong)
	})
}

// blankForm is what a form begins with.
func (s scene) blankForm() form {
	f := form{
		Currency: string(s.Merchant.Currency), Expiry: "259200", Mode: string(paylink.UsageSingle), sums: blankSums(), payForm: blankPay(),
		pageForm: pageForm{Questions: make([]questionForm, questionRows)}, Steps: blankSteps(),
	}
	if s.Merchant.Settings.Delivery != nil {
		f.Send = sendLike
	}
	for _, c := range s.Merchant.Settings.Channels {
		f.Channels = append(f.Channels, string(c))
	}
	return f
}

// Create makes a link of the form: POST /dashboard/{mode}/links. The form's hidden key makes sure that
// two presses of the button make one link.
func (d *Dashboard) Create(w http.ResponseWriter, r *http.Request) { d.enter(w, r, d.create) }

func (d *Dashboard) create(w http.ResponseWriter, r *http.Request, s scene) error {
	f := readForm(r)
	like, err := d.likeTemplate(r, s, f.Template)
	if err != nil && !paylink.IsNotFound(err) {
		return err
	}
	draft, own := f.draft(s, like)
	draft.NoTemplate = err != nil
	var made issue.Created
	err = once(r.Context(), func() (err error) {
		made, err = d.Issuer.Create(r.Context(), s.actor(), draft, s.claim(r, "POST "+Root+"/links", ""))
		return err
	})
	var invalid *paylink.Invalid
	var conflict *paylink.Conflict
	switch {
	case err == nil:
		d.goToLink(w, r, s, made.Link.ID, "created")
		return nil
	case errors.As(err, &invalid):
		return d.showForm(w, r, s, http.StatusUnprocessableEntity, f, merge(own, invalid))
	case errors.As(err, &conflict) && conflict.Code == "reference_in_use":
		taken := problem{"reference", "Another link uses this reference. References of cancelled and expired links can be used again."}
		return d.showForm(w, r, s, http.StatusConflict, f, flaws{[]problem{taken}})
	}
	return err
}

func (d *Dashboard) showForm(w http.ResponseWriter, r *http.Request, s scene, status int, f form, wrong flaws) error {
	v := create{frame: d.frame(s, "Create a payment link", "create"), flaws: wrong, Form: f, Key: newFormKey()}
	v.Zone = s.World.In(locale.Zone(s.Merchant.TimeZone)).Format("MST")
	v.Earliest = s.World.In(locale.Zone(s.Merchant.TimeZone)).Format(fieldTime)
	var err error
	if v.After, err = d.newest(r, s); err != nil {
		return err
	}
	gateways, err := d.Store.Read(r.Context()).Accounts(s.Merchant.ID, s.Live, paylink.AccountGateway)
	if err != nil {
		return err
	}
	v.NoGateway, v.Placed = len(gateways) == 0, d.Issuer.Placed()
	v.Form.Like = planSaid(s.Merchant.Settings.Delivery)
	if v.Channels, err = d.channelChoices(r.Context(), s, f.Channels); err != nil {
		return err
	}
	v.Currencies, v.Expiries, v.Methods, v.Languages = f.currencies(s), f.expiries(), f.methods(), f.languages()
	v.Reminders, v.Origins, v.Surcharged = f.reminderChoices(), s.Merchant.Settings.ReturnOrigins, named(methodWords, s.surcharged())
	if err := d.offer(r.Context(), s, &v); err != nil {
		return err
	}
	return d.render(w, r, status, createPage(v))
}

const (
	offeredFiles = 20
	namedCodes   = 8
)

// offer reads what the merchant has prepared: templates, files and discount codes.
func (d *Dashboard) offer(ctx context.Context, s scene, v *create) error {
	read := d.Store.Read(ctx)
	templates, err := read.Templates(s.Merchant.ID, s.Live)
	if err != nil {
		return err
	}
	for _, t := range templates {
		v.Templates = append(v.Templates, choice{t.Name, locale.Plain(t.Name, 100), t.Name == v.Form.Template})
		if t.Name == v.Form.Template {
			if like, err := readTemplate(t); err == nil {
				v.Beyond = like.beyond()
				if like.Delivery != nil {
					v.Form.Like = planSaid(like.Delivery)
				}
			}
		}
	}
	files, err := read.Attachments(s.Merchant.ID, s.Live, "", offeredFiles)
	if err != nil {
		return err
	}
	for _, a := range files {
		name, err := a.Unseal(d.Ring.Unseal, -1, a.SealedName)
		if err != nil {
			return err
		}
		v.Files = append(v.Files, choice{string(a.ID), locale.Plain(string(name), paylink.MaxAttachmentName), slices.Contains(v.Form.Files, string(a.ID))})
	}
	codes, err := read.DiscountCodes(s.Merchant.ID, s.Live, "", namedCodes)
	for _, c := range codes {
		if c.Active {
			v.Codes = append(v.Codes, c.Code)
		}
	}
	return err
}

func (d *Dashboard) channelChoices(ctx context.Context, s scene, chosen []string) ([]channelChoice, error) {
	connected, err := d.connected(ctx, s)
	if err != nil {
		return nil, err
	}
	var all []channelChoice
	for _, channel := range paylink.Channels {
		c := channelChoice{choice: choice{string(channel), channelWords[channel], slices.Contains(chosen, string(channel))}, Needs: "needs the phone number", Connected: connected[channel]}
		switch channel {
		case paylink.ChannelEmail:
			c.Needs = "needs the e-mail address"
		case paylink.ChannelInApp:
			c.Needs = "needs a phone number or an e-mail address"
		}
		all = append(all, c)
	}
	return all, nil
}

// number writes a cap for a field; empty for none.
func number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
