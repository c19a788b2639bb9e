package awssms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// key is what a call is signed with.
type key struct{ id, secret, region, service string }

// request is what Signature Version 4 covers. The header's names are in lower case; host and date are
// added when it is signed. The address's query, if any, is sorted and escaped as AWS asks.
type request struct {
	method, address string
	header          map[string]string
	body            []byte
	at              time.Time
}

// signed is the header to send: the request's own, the date, and the signature over all of it.
func (r request) signed(k key) (http.Header, error) {
	to, err := url.Parse(r.address)
	if err != nil || to.Host == "" {
		return nil, errors.New("the account's address is not a URL")
	}
	stamp := r.at.UTC().Format("20060102T150405Z")
	covered := maps.Clone(r.header)
	if covered == nil {
		covered = map[string]string{}
	}
	covered["host"], covered["x-amz-date"] = to.Host, stamp
	names := slices.Sorted(maps.Keys(covered))

	path := to.EscapedPath()
	if path == "" {
		path = "/"
	}
	canonical := r.method + "\n" + path + "\n" + to.RawQuery + "\n"
	for _, name := range names {
		canonical += name + ":" + strings.TrimSpace(covered[name]) + "\n"
	}
	list := strings.Join(names, ";")
	canonical += "\n" + list + "\n" + hash(r.body)

	scope := stamp[:8] + "/" + k.region + "/" + k.service + "/aws4_request"
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + hash([]byte(canonical))
	signing := []byte("AWS4" + k.secret)
	for _, part := range strings.Split(scope, "/") {
		signing = mac(signing, part)
	}
	header := http.Header{}
	for name, value := range covered {
		if name != "host" {
			header.Set(name, value)
		}
	}
	header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+k.id+"/"+scope+", SignedHeaders="+list+", Signature="+hex.EncodeToString(mac(signing, text)))
	return header, nil
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}
