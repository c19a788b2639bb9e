package locale

import "paylink"

// Decline tells the customer why the bank said no and what to do next. The gateway's own code and
// words are for staff and never shown here; a group that has no text of its own is told as "not
// approved". app is the UPI app, if it is known.
func (l Language) Decline(d paylink.Decline, app string) string {
	if app = Plain(app, 30); app == "" {
		app = l.T("decline.upi_app")
	}
	key := "decline." + d.Group
	if _, known := languages[0].texts[key]; !known || d.Group == "upi_app" {
		key = "decline.not_approved"
	}
	return l.T(key, "app", app)
}
