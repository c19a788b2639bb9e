package store

import (
	"errors"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

var errUnreadable = errors.New("the database URL cannot be read")

// CheckURL tells whether Open could understand the URL, without connecting to anything. Its errors
// repeat nothing of the URL, which may hold a password.
func CheckURL(url string) error {
	switch scheme, rest, _ := strings.Cut(url, "://"); scheme {
	case "sqlite":
		if rest == "" {
			return errors.New("names no file")
		}
		return nil
	case "postgres", "postgresql":
		if _, err := pgxpool.ParseConfig(url); err != nil {
			return errors.New("cannot be read as a PostgreSQL URL")
		}
		return nil
	}
	return errors.New("must begin with sqlite:// or postgres://")
}

// passwords finds what is secret in a PostgreSQL URL: after the name before the hosts, of which there
// may be several, and among the settings.
var passwords = regexp.MustCompile(`^([a-z]+://[^:@/?#]*:)[^/?#]*(@)|([?&](?i:ssl)?(?i:password)=)[^&#]*`)

// Redacted gives the URL as people may see it.
func Redacted(url string) string {
	if CheckURL(url) != nil {
		return "(unreadable)"
	}
	if strings.HasPrefix(url, "sqlite://") {
		return url
	}
	return passwords.ReplaceAllString(url, "${1}${3}xxxxx${2}")
}
