package paypage

import (
	"net/http"
	"strings"
	"time"

	"paylink/checkout"
	"paylink/locale"
)

// Cookies of the page. Neither says who somebody is; the first is only as long-lived as a receipt is
// asked for.
const (
	deviceCookie   = "paylink_device"
	languageCookie = "paylink_language"
	deviceAge      = 180 * 24 * time.Hour
	languageAge    = 365 * 24 * time.Hour
)

// device reads which browser this is. A browser without the cookie is nobody yet.
func (h *Handler) device(r *http.Request) (d checkout.Device, known bool) {
	c, err := r.Cookie(deviceCookie)
	if err != nil {
		return d, false
	}
	return checkout.ParseDevice(c.Value)
}

func (h *Handler) giveDevice(w http.ResponseWriter, d checkout.Device) {
	h.setCookie(w, deviceCookie, d.String(), deviceAge)
}

func (h *Handler) setCookie(w http.ResponseWriter, name, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(age.Seconds()),
		HttpOnly: true, Secure: h.secure, SameSite: http.SameSiteLaxMode,
	})
}

// language is the customer's own choice on the page, else the language that the merchant noted for
// the customer, else the browser's, else the merchant's.
func (h *Handler) language(r *http.Request, customer, merchant string) locale.Language {
	chosen := ""
	if c, err := r.Cookie(languageCookie); err == nil {
		chosen = c.Value
	}
	return locale.Pick(r.URL.Query().Get("lang"), chosen, customer, r.Header.Get("Accept-Language"), merchant)
}

// keepLanguage remembers a choice that was made with the page's language links.
func (h *Handler) keepLanguage(w http.ResponseWriter, r *http.Request) {
	chosen := r.URL.Query().Get("lang")
	for _, l := range locale.Languages() {
		if l.Tag == chosen {
			h.setCookie(w, languageCookie, l.Tag, languageAge)
		}
	}
}

// isPhone tells whether UPI apps are likely to be on this very device. A wrong guess costs a tap:
// both pages hold both ways.
func isPhone(r *http.Request) bool {
	if hint := r.Header.Get("Sec-CH-UA-Mobile"); hint != "" {
		return hint == "?1"
	}
	agent := r.UserAgent()
	return strings.Contains(agent, "Mobile") || strings.Contains(agent, "Android") || strings.Contains(agent, "iPhone")
}
