package dashboard

import (
	"encoding/json"
	"net/url"
	"strings"
)

// browserOf says by whose push service a browser is reached, which is as much as is kept of it.
func browserOf(subscription string) string {
	var said struct {
		Endpoint string `json:"endpoint"`
	}
	if json.Unmarshal([]byte(subscription), &said) != nil {
		return "A browser"
	}
	u, err := url.Parse(said.Endpoint)
	if err != nil {
		return "A browser"
	}
	switch host := strings.ToLower(u.Hostname()); {
	case host == "fcm.googleapis.com":
		return "Chrome, or a browser of its kind"
	case strings.HasSuffix(host, ".push.services.mozilla.com"):
		return "Firefox"
	case strings.HasSuffix(host, ".notify.windows.com"):
		return "Edge"
	case host == "web.push.apple.com":
		return "Safari"
	}
	return "A browser"
}
