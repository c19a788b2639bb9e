package paypage

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"paylink"
	"paylink/checkout"
	"paylink/locale"
	"paylink/web/qr"
)

// Longest pieces of the merchant's words on a page, in characters.
const (
	longestName    = 60
	longestSubject = 200
)

// view is all that the page's template shows: words that are ready to be read, and addresses that
// are safe to follow.
type view struct {
	Lang      locale.Language
	Languages []languageLink // the other ones
	Standing  standing
	Title     string
	Status    string // the link's, for the module and for programs
	Payment   string // the payment's, or empty
	Refresh   string // seconds, for browsers without JavaScript; empty: never
	Self      string // this page's own path, without notes
	Style     string // address of the brand's style sheet
	Icon      templ.SafeURL

	Test       bool
	SandboxURL string

	Merchant contact
	Host     string
	Amount   string
	Heading  string
	Lead     string
	Words    string // the merchant's own, for this face
	Facts    []fact
	Notice   string // what the last form led to
	Failure  failure

	Prove       proveView
	Methods     []methodView
	Picks       picks
	Left        string // what a link of many uses still takes
	PayLabel    string
	Later       later // to promise another day
	Token       string
	Again       string // path to pay a link of many uses once more, or the rest of one that is paid in parts
	AgainLabel  string
	Continue    templ.SafeURL
	Replacement templ.SafeURL // of the link that stands in for this one
	QR          qr.Code
	Phone       bool
	System      system         // of the device, as far as it matters which UPI apps it has
	LastMethod  paylink.Method // that this browser paid by; empty: none
	Until       string
	More        moreTime
	CanLeave    bool // the present try can be stopped
	Anyway      bool // it may have been paid, and can be given up all the same
	Form        gatewayForm
	Apps        []appLink
	Files       []fileView
	Back        string // path that leads to the merchant's site; empty: none does
	paths

	ErrorReference string
}

// paths are where the page's forms and its module send.
type paths struct{ Pay, Abandon, Ask, Opened, State, Stream string }

type languageLink struct{ Tag, Name, Direction, URL string }

// contact is how the merchant can be reached, as its settings say.
type contact struct{ Name, Initial, Website, WebsiteHost, Phone, Email string }

type fact struct{ Label, Value string }

type failure struct{ Heading, Text, Next string }

type methodView struct {
	Value, Name, Hint string
	Checked, Slow     bool
}

// view makes the page of a link for one visitor.
func (h *Handler) view(r *http.Request, a address, page checkout.Page) view {
	again := wantsAgain(r)
	v := view{
		Lang:     h.spoken(r, page),
		Standing: stand(page, again),
		Status:   string(page.Link.Status),
		Self:     a.base(),
		Style:    h.brands.path(page.Merchant.Colour),
		Test:     !page.Link.Live, SandboxURL: h.SandboxURL,
		Merchant: contactOf(page.Merchant),
		Host:     h.host(r),
		Phone:    isPhone(r), System: systemOf(r), LastMethod: lastMethod(r),
		Token: page.Token,
		paths: paths{a.to(partPay), a.to(partAbandon), a.to(partAsk), a.to(partOpened),
			a.to(partState), a.to(partStream)},
	}
	if again {
		v.State, v.Stream, v.Pay = v.State+"?again=1", v.Stream+"?again=1", v.Pay+"?again=1"
	}
	if s := v.Standing.refresh(); s > 0 {
		v.Refresh = strconv.Itoa(s)
	}
	v.Icon = h.brands.icon(v.Merchant.Initial, page.Merchant.Colour)
	v.Languages = others(v.Lang, v.Self)
	v.Amount, v.Left = v.money(cmp.Or(page.Link.Amount.Minor, page.Link.AmountPaid, page.Link.AmountDue()), page.Link), left(v.Lang, page.Link)
	p := shown(page, again)
	if p != nil {
		v.Payment = string(p.Status)
		v.Amount = v.money(cmp.Or(p.AmountCaptured, p.Amount.Minor), page.Link)
	}
	if v.Standing.payable() {
		v.sum(r, page)
	}
	if v.Standing == standReplaced {
		v.Replacement = templ.SafeURL("/" + page.Replacement)
	}
	if v.Standing == standProve {
		v.ask(r, a, page)
		return v
	}
	v.Files = v.files(a, page)
	if page.LeadsBack() && v.Standing.leads() {
		v.Back = a.to(partBack)
	}
	v.words(r, page, p)
	v.moreTime(page, a.to(partRenew))
	if v.Standing.payable() {
		v.offer(page, p)
		v.pick(r, page)
		v.promise(a, page)
	}
	return v
}

// words fills in heading, lead, facts and notice of the page's face.
func (v *view) words(r *http.Request, page checkout.Page, p *paylink.Payment) {
	name := v.Merchant.Name
	key := string(v.Standing)
	switch v.Standing {
	case standReady, standRetry:
		v.Heading = v.Lang.T("page.request")
		v.Facts = append(append(v.request(page), v.owed(page.Link)...), v.ladder(page)...)
		if !page.Link.Terms.Adjustable() {
			v.Facts = append(v.Facts, v.lines(page.Link.Terms.Items, page.Link.Amount.Currency)...)
		}
	case standPaid, standLate, standStranger:
		v.receipt(page, p)
	default:
		v.Heading = v.Lang.T(key+".heading", "amount", v.Amount)
		if v.Standing != standApprove { // it says something else on a phone than on a desktop
			v.Lead = v.Lang.T(key+".text", "amount", v.Amount, "merchant", name)
		}
		v.Facts = v.request(page)
	}
	if p != nil && v.Standing.waits() && page.Payer {
		v.waiting(page, *p)
	}
	v.Words = ownWords(v.Standing, page.Link)
	v.Title = v.Standing.mark() + v.Heading + " · " + name
	if v.Standing == standReady || v.Standing == standApprove { // its heading names the amount, which a title must not
		v.Title = v.Standing.mark() + v.Lang.T("page.title", "merchant", name)
	}
	switch n := note(r.URL.Query().Get("note")); {
	case n == noteAsked && v.Standing.waits(), n == noteLive && v.Standing.waits(),
		n == noteChoose && v.Standing.payable(), n == noteTwice && v.Standing.payable(), n == noteOther && v.Standing.payable(), n == noteRefused && v.Standing.payable(), n == noteStale,
		n == noteMore && v.Standing.payable(), n == noteNoMore && !v.Standing.waits():
		v.Notice = v.Lang.T("note."+string(n), "merchant", name)
	case n.aboutPromise() && v.Standing.payable():
		v.Notice = v.Lang.T("note."+string(n), "merchant", name)
	case n.aboutAmount() && v.Standing.payable():
		v.Notice = v.Lang.T("note." + string(n))
	}
}

// waiting adds what the payer can do while the payment is under way.
func (v *view) waiting(page checkout.Page, p paylink.Payment) {
	v.CanLeave = p.Status == paylink.PaymentActionRequired && page.Token != ""
	v.Anyway = p.Status == paylink.PaymentUnknown && page.Token != ""
	v.Continue = followable(p.Action.URL)
	v.Form = formOf(page)
	if v.Standing != standApprove {
		return
	}
	if p.Action.Intent != "" {
		// A text that is too long for a code leaves the page its other ways.
		v.QR, _ = qr.Draw(p.Action.Intent)
	}
	if v.Continue == "" {
		v.Continue, v.Apps = followable(p.Action.Intent), v.apps(p.Action.Intent)
	}
	if until := p.Action.ExpiresAt; !until.IsZero() {
		v.Until = v.Lang.T("approve.until", "time", v.Lang.Moment(until, page.Merchant.TimeZone))
	}
}

// offer adds the form that starts a payment.
func (v *view) offer(page checkout.Page, p *paylink.Payment) {
	failed := paylink.Method("")
	if v.Standing == standRetry {
		v.Failure = failure{v.Lang.T("abandoned.heading"), "", v.Lang.T("abandoned.next")}
		if p.Status == paylink.PaymentFailed {
			failed = p.Method
			v.Failure = failure{v.Lang.T("failed.heading"), v.Lang.Decline(p.Decline, p.MethodDetails.App), ""}
			if p.Decline.Group != "timeout" && p.Decline.Group != "upi_declined" { // those say themselves what became of the money
				v.Failure.Next = v.Lang.T("failed.next")
			}
		}
		v.Title = v.Standing.mark() + v.Failure.Heading + " · " + v.Merchant.Name
	}
	chosen := false
	for _, m := range lastFirst(page.Methods, page.Slow, v.LastMethod) {
		check := !chosen && m != failed || len(page.Methods) == 1
		chosen = chosen || check
		v.Methods = append(v.Methods, methodView{
			Value: string(m), Checked: check, Slow: slices.Contains(page.Slow, m),
			Name: v.Lang.T("method." + string(m)), Hint: v.Lang.T("method." + string(m) + ".hint"),
		})
	}
	v.PayLabel = v.Lang.T("pay.button", "amount", v.Amount)
}

// plainView is a page that belongs to no merchant, in the browser's language.
func (h *Handler) plainView(r *http.Request, s standing) view {
	v := view{Lang: h.language(r, "", ""), Standing: s, Style: h.brands.path(neutralColour), Icon: icon("", neutralColour)}
	v.Heading, v.Lead = v.Lang.T(string(s)+".heading"), v.Lang.T(string(s)+".text")
	v.Title = s.mark() + v.Heading
	return v
}

// contactOf cleans what the merchant's settings say.
func contactOf(m paylink.Merchant) contact {
	c := contact{
		Name: locale.Plain(m.Name, longestName), Phone: locale.Plain(m.SupportPhone, 30), Email: locale.Plain(m.SupportEmail, 100),
	}
	if first, _ := utf8.DecodeRuneInString(c.Name); c.Name != "" {
		c.Initial = strings.ToUpper(string(first))
	}
	if u, err := url.Parse(m.Website); err == nil && webAddress(m.Website) {
		c.Website, c.WebsiteHost = m.Website, u.Host
	}
	return c
}

// others are the links by which a customer changes the language, each in its own name.
func others(now locale.Language, self string) []languageLink {
	var links []languageLink
	for _, l := range locale.Languages() {
		if l.Tag != now.Tag {
			links = append(links, languageLink{l.Tag, l.Name, l.Direction, self + "?lang=" + l.Tag})
		}
	}
	return links
}

// icon is the merchant's initial on its colour, for the browser's tab.
func icon(initial, colour string) templ.SafeURL {
	c, ok := parseColour(colour)
	if !ok {
		c, _ = parseColour(neutralColour)
	}
	text := white
	if contrast(c, white) < readable {
		text = black
	}
	svg := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="` + c.String() + `"/>` +
		`<text x="16" y="22.5" font-family="sans-serif" font-weight="700" font-size="18" text-anchor="middle" fill="` + text.String() + `">` +
		templ.EscapeString(initial) + `</text></svg>`
	return templ.SafeURL("data:image/svg+xml," + url.PathEscape(svg))
}

// followable is an address that a button may open: a web page, or a UPI app. Empty for all else.
func followable(s string) templ.SafeURL {
	if webAddress(s) || strings.HasPrefix(s, "upi://") {
		return templ.SafeURL(s)
	}
	return ""
}

func (c contact) reachable() bool { return c.Website != "" || c.Phone != "" || c.Email != "" }
