package respond

import (
	"net/http"
	"strings"
)

// Credentials takes the API key from a Bearer token, or from the user name of Basic. given tells
// whether there was anything that wants to be one; what cannot be a key gives the empty secret.
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
