package paypage

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"paylink"
	"paylink/checkout"
)

// gatewayForm opens the gateway's page.
type gatewayForm struct {
	URL    templ.SafeURL
	Fields []fact
}

// formOf is the form of a page whose payment waits for it; empty for all others.
func formOf(page checkout.Page) (f gatewayForm) {
	if page.Form == nil {
		return f
	}
	f.URL = templ.SafeURL(page.Form.URL)
	for _, field := range page.Form.Fields {
		f.Fields = append(f.Fields, fact{field.Name, field.Value})
	}
	return f
}

// appLink opens one UPI app with the payment.
type appLink struct {
	Name string
	URL  templ.SafeURL
}

// system is what a phone runs on.
type system string

const (
	android system = "android"
	iOS     system = "ios"
)

// systemOf reads it from what the browser says of itself; empty for all else.
func systemOf(r *http.Request) system {
	agent := r.UserAgent()
	switch {
	case strings.Contains(agent, "Android"), strings.Trim(r.Header.Get("Sec-CH-UA-Platform"), `"`) == "Android":
		return android
	case strings.Contains(agent, "iPhone"), strings.Contains(agent, "iPad"), strings.Contains(agent, "iPod"):
		return iOS
	}
	return ""
}

// upiApps are the apps that have a button: how each is called, which scheme leads to it on iOS, where no
// chooser exists, and its package on Android.
var upiApps = []struct{ name, scheme, android string }{
	{"Google Pay", "tez://upi/pay?", "com.google.android.apps.nbu.paisa.user"},
	{"PhonePe", "phonepe://pay?", "com.phonepe.app"},
	{"Paytm", "paytmmp://pay?", "net.one97.paytm"},
	{"BHIM", "bhim://pay?", "in.org.npci.upiapp"},
}

// upiPay begins every request to pay by UPI. What follows is the gateway's own text, perhaps signed: it goes to
// the app as it is, to the letter.
const upiPay = "upi://pay?"

// apps are the buttons for single UPI apps on a phone; none where the text is no request to pay.
func (v *view) apps(intent string) (all []appLink) {
	asked, ok := strings.CutPrefix(intent, upiPay)
	if !ok || !v.Phone || strings.Contains(asked, "#") {
		return nil
	}
	for _, app := range upiApps {
		switch v.System {
		case iOS:
			all = append(all, appLink{app.name, templ.SafeURL(app.scheme + asked)})
		case android:
			all = append(all, appLink{app.name, templ.SafeURL("intent://pay?" + asked + "#Intent;scheme=upi;package=" + app.android + ";end")})
		}
	}
	return all
}

// methodCookie remembers by which method this browser paid last. It says nothing else.
const methodCookie = "paylink_method"

func (h *Handler) keepMethod(w http.ResponseWriter, m paylink.Method) {
	h.setCookie(w, methodCookie, string(m), deviceAge)
}

func lastMethod(r *http.Request) paylink.Method {
	c, err := r.Cookie(methodCookie)
	if err != nil || !slices.Contains(paylink.Methods, paylink.Method(c.Value)) {
		return ""
	}
	return paylink.Method(c.Value)
}

// lastFirst puts the method of last time first, unless it is slow now.
func lastFirst(methods, slow []paylink.Method, last paylink.Method) []paylink.Method {
	at := slices.Index(methods, last)
	if at < 1 || slices.Contains(slow, last) {
		return methods
	}
	sorted := slices.Delete(slices.Clone(methods), at, at+1)
	return slices.Insert(sorted, 0, last)
}
