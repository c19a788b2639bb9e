package respond

import (
	"net/http"
	"strings"
)

// Credentials takes an API key from a request: a Bearer token, or the user name of Basic. given tells
// whether there was an attempt; one that cannot be understood gives an empty key, which nobody has.
func Credentials(r *http.Request) (secret string, given bool) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return "", len(values) > 0
	}
	if user, password, ok := r.BasicAuth(); ok {
		if password != "" {
			return "", true
		}
		return user, true
	}
	scheme, secret, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", true
	}
	return strings.TrimSpace(secret), true
}
