package respond

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// A client writes headers of his own to pass for another: to get around a limit, or to have another
// one locked out. Only what our proxies appended at the right counts.
func TestHeadersOfStrangersChangeNothing(t *testing.T) {
	proxies, err := ParseProxies([]string{"10.0.0.0/8", "::ffff:192.0.2.0/120", "fe80::/10", "2001:db8:1::/48"})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("6.6.6.6, ", 3000)
	for what, c := range map[string]struct {
		peer    string
		headers []string // name, value, name, value…
		want    string
	}{
		"a made-up chain":                  {"10.0.0.1:1", []string{"X-Forwarded-For", "6.6.6.6, 10.0.0.9, 198.51.100.1"}, "198.51.100.1"},
		"our own address as the first hop": {"10.0.0.1:1", []string{"X-Forwarded-For", "10.0.0.5, 198.51.100.1"}, "198.51.100.1"},
		"a second header before ours":      {"10.0.0.1:1", []string{"X-Forwarded-For", "6.6.6.6", "X-Forwarded-For", "198.51.100.1"}, "198.51.100.1"},
		"a chain of two proxies of ours":   {"10.0.0.1:1", []string{"X-Forwarded-For", "6.6.6.6, 198.51.100.1, 192.0.2.7"}, "198.51.100.1"},
		"thirty kilobytes":                 {"10.0.0.1:1", []string{"X-Forwarded-For", long + "198.51.100.1"}, "198.51.100.1"},
		"nothing but our own":              {"10.0.0.1:1", []string{"X-Forwarded-For", "10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"directly, past the proxy":         {"203.0.113.9:1", []string{"X-Forwarded-For", "198.51.100.1"}, "203.0.113.9"},
		"an empty header":                  {"10.0.0.1:1", []string{"X-Forwarded-For", ""}, "10.0.0.1"},
		"an empty hop":                     {"10.0.0.1:1", []string{"X-Forwarded-For", "198.51.100.1,"}, "10.0.0.1"},
		"unknown":                          {"10.0.0.1:1", []string{"X-Forwarded-For", "198.51.100.1, unknown"}, "10.0.0.1"},
		"a name":                           {"10.0.0.1:1", []string{"X-Forwarded-For", "localhost"}, "10.0.0.1"},
		"zeros before digits":              {"10.0.0.1:1", []string{"X-Forwarded-For", "010.000.000.001"}, "10.0.0.1"},
		"a port":                           {"10.0.0.1:1", []string{"X-Forwarded-For", "198.51.100.1:4711"}, "198.51.100.1"},
		"IPv6":                             {"[2001:db8:1::1]:1", []string{"X-Forwarded-For", "2001:db8:2::7"}, "2001:db8:2::7"},
		"IPv6 in brackets":                 {"10.0.0.1:1", []string{"X-Forwarded-For", "[2001:db8:2::7]"}, "2001:db8:2::7"},
		"IPv6 with a port":                 {"10.0.0.1:1", []string{"X-Forwarded-For", "[2001:db8:2::7]:4711"}, "2001:db8:2::7"},
		"IPv4 within IPv6":                 {"10.0.0.1:1", []string{"X-Forwarded-For", "6.6.6.6, ::ffff:198.51.100.1"}, "198.51.100.1"},
		"a proxy of ours within IPv6":      {"[::ffff:192.0.2.9]:1", []string{"X-Forwarded-For", "198.51.100.1"}, "198.51.100.1"},
		"a proxy on the same link":         {"[fe80::1%eth0]:1", []string{"X-Forwarded-For", "198.51.100.1"}, "198.51.100.1"},
		"a zone that a stranger made up":   {"10.0.0.1:1", []string{"X-Forwarded-For", "fe80::2%" + strings.Repeat("x", 50)}, "fe80::2"},
		"Forwarded":                        {"10.0.0.1:1", []string{"Forwarded", "for=6.6.6.6;proto=https"}, "10.0.0.1"},
		"X-Real-IP":                        {"10.0.0.1:1", []string{"X-Real-Ip", "6.6.6.6", "True-Client-Ip", "6.6.6.6", "Cf-Connecting-Ip", "6.6.6.6"}, "10.0.0.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		for i := 0; i < len(c.headers); i += 2 {
			r.Header.Add(c.headers[i], c.headers[i+1])
		}
		if got := proxies.Client(r).String(); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
}

// A setting that believes everybody is a mistake that nobody sees until it is used against him.
func TestTrustingEverybodyIsRefused(t *testing.T) {
	for _, text := range []string{"0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96", "everybody", "10.0.0.0/33", "fe80::1%eth0", ""} {
		if got, err := ParseProxies([]string{"10.0.0.1", text}); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
	got, err := ParseProxies([]string{"10.1.2.3/8", "::ffff:10.0.0.1", "2001:db8::1"})
	if want := "[10.0.0.0/8 10.0.0.1/32 2001:db8::1/128]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("%v %v, want %s", got, err, want)
	}
}

// A header of commas must not cost the server more than reading it: most of it is never looked at.
func TestLongChainsAreReadFromTheRightOnly(t *testing.T) {
	proxies, err := ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "10.0.0.1:1"
	r.Header.Set("X-Forwarded-For", strings.Repeat(",", 30<<10)+"198.51.100.1")
	allocations := testing.AllocsPerRun(100, func() { proxies.Client(r) })
	if allocations > 2 {
		t.Errorf("%v allocations for one request", allocations)
	}
}

// A country that the visitor wrote into the header himself would open every link that is kept to one.
func TestAHeaderIsBelievedOfOurProxiesAlone(t *testing.T) {
	proxies, err := ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		peer string
		said []string
		want string
	}{
		{"10.0.0.1:1", []string{"IN"}, "IN"}, {"10.0.0.1:1", []string{" IN "}, "IN"}, {"[::ffff:10.0.0.1]:1", []string{"IN"}, "IN"},
		{"203.0.113.7:1", []string{"IN"}, ""}, {"10.0.0.1:1", nil, ""}, {"10.0.0.1:1", []string{"IN", "US"}, ""}, {"nonsense", []string{"IN"}, ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = row.peer
		r.Header["Cf-Ipcountry"] = row.said
		if got := proxies.Told(r, "CF-IPCountry"); got != row.want {
			t.Errorf("%s says %q: %q, want %q", row.peer, row.said, got, row.want)
		}
	}
}
