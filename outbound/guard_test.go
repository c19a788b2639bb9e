package outbound

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
)

// special is the first and last address of every range that is not a public host's, from IANA's
// registries of special-purpose addresses, multicast included.
var special = []string{
	"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
	"127.0.0.0", "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255",
	"172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.0", "192.0.2.255",
	"192.31.196.0", "192.31.196.255", "192.52.193.0", "192.52.193.255", "192.88.99.0", "192.88.99.255",
	"192.168.0.0", "192.168.255.255", "192.175.48.0", "192.175.48.255", "198.18.0.0", "198.19.255.255",
	"198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255", "224.0.0.0", "239.255.255.255",
	"240.0.0.0", "255.255.255.254", "255.255.255.255",
	"::", "::1", "::ffff:0:0", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
	"64:ff9b::", "64:ff9b::7f00:1", "64:ff9b::ffff:ffff", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
	"100::", "100::ffff:ffff:ffff:ffff", "100:0:0:1::", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",
	"2001:2::", "2001:10::", "2001:20::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
	"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:7f00:1::",
	"2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
	"3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	"fc00::", "fd00:ec2::254", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::", "fe80::1",
	"febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::1", "ff00::", "ff02::1",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
}

// A merchant's endpoint that reaches the operator's metadata service or database is the classic
// hole: every special address is refused at the socket, as a name's answer, and when entered.
func TestSpecialAddressesAreRefused(t *testing.T) {
	answers := map[string][][]string{}
	for _, ip := range special {
		answers[nameFor(ip)] = [][]string{{ip}}
	}
	c := newClient(t, Options{Resolver: resolverFor(t, answers)})
	for _, ip := range special {
		at := net.JoinHostPort(ip, "443")
		network := "tcp4"
		if strings.Contains(ip, ":") {
			network = "tcp6"
		}
		if err := c.guard.onlyPublic(network, at, nil); !errors.Is(err, ErrDestination) {
			t.Errorf("socket to %s: %v", at, err)
		}
		if err := c.CheckURL("https://" + at + "/"); !errors.Is(err, ErrDestination) {
			t.Errorf("URL with %s: %v", at, err)
		}
		_, err := post(t, c, "https://"+at+"/")
		wantRefused(t, at, err)
		var broke *Error
		if _, err := post(t, c, "https://"+nameFor(ip)+"/"); !errors.As(err, &broke) || broke.When != NotSent {
			t.Errorf("name for %s: %v", ip, err)
		} else if network == "tcp4" {
			wantRefused(t, "name for "+ip, err)
		}
	}
	for _, at := range []string{"8.8.8.8:443", "172.15.255.255:8443", "172.32.0.0:80", "[2606:4700::1111]:443"} {
		network := "tcp4"
		if strings.HasPrefix(at, "[") {
			network = "tcp6"
		}
		if err := c.guard.onlyPublic(network, at, nil); err != nil {
			t.Errorf("public address %s is refused: %v", at, err)
		}
	}
}

func nameFor(ip string) string {
	return "a" + strings.NewReplacer(".", "-", ":", "-").Replace(ip) + "z.example"
}

// Resolvers and parsers disagree on odd spellings of 127.0.0.1; none may reach the canary.
func TestNoSpellingReachesLoopback(t *testing.T) {
	canary := newCanary(t)
	answers := map[string][][]string{
		"loop.example": {{"127.0.0.1"}}, "mapped.example": {{"::ffff:127.0.0.1"}},
		"mixed.example":  {{"192.0.2.1", "127.0.0.1", "::1"}},
		"rebind.example": {{"192.0.2.1"}, {"127.0.0.1"}},
	}
	c := newClient(t, Options{Resolver: resolverFor(t, answers)})
	for _, host := range []string{
		"127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0177.0.0.1", "017700000001", "0x7f000001", "0x7f.0.0.1",
		"0x7f.1", "0", "0.0.0.0", "127.0.0.1.nip.invalid", "127.255.255.254", "[::1]", "[::]", "[::ffff:127.0.0.1]",
		"[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "localhost", "LOCALHOST", "localhost.",
		"a.localhost", "ip6-localhost", "loop.example", "loop.example.", "mapped.example", "mixed.example",
		"rebind.example", "rebind.example", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "good.example@127.0.0.1",
	} {
		for _, scheme := range []string{"https", "http"} {
			req, err := http.NewRequest(http.MethodPost, scheme+"://"+host+":"+canary.port+"/", nil)
			if err != nil {
				continue // cannot even be a request
			}
			if res, err := c.Do(t.Context(), req); err == nil {
				t.Errorf("%s://%s was answered with %d", scheme, host, res.Status)
			}
		}
		// The socket's own check must hold even where the URL's check would let the spelling pass.
		at := net.JoinHostPort(strings.Trim(host, "[]"), canary.port)
		if conn, err := c.guard.dial(t.Context(), "tcp", at); err == nil {
			t.Errorf("dialled %s", conn.RemoteAddr())
			_ = conn.Close()
		}
	}
	canary.wantConnects(t, 0)
}

// The proof that the canary would sing: the same name and port, opened by the operator.
func TestOperatorsHostIsReachedThoughPrivate(t *testing.T) {
	canary := newCanary(t)
	c := newClient(t, Options{
		AllowHosts: []string{"Loop.example:" + canary.port},
		Resolver:   resolverFor(t, map[string][][]string{"loop.example": {{"127.0.0.1"}}, "other.example": {{"127.0.0.1"}}}),
	})
	if _, err := post(t, c, "http://loop.example:"+canary.port+"/"); err == nil {
		t.Error("the canary closes at once, yet there was an answer")
	}
	canary.wantConnects(t, 1)
	_, err := post(t, c, "https://other.example:"+canary.port+"/")
	wantRefused(t, "another name for the same address", err)
	_, err = post(t, c, "http://loop.example:8081/")
	wantRefused(t, "another port of the allowed host", err)
	canary.wantConnects(t, 0)
}

// A localhost that a resolver points elsewhere must not carry demo's exception there.
func TestLocalhostElsewhereIsRefused(t *testing.T) {
	resolver := resolverFor(t, map[string][][]string{"shop.localhost": {{"192.0.2.1"}}})
	c := newClient(t, Options{AllowLoopback: true, Resolver: resolver})
	_, err := post(t, c, "http://shop.localhost/")
	wantRefused(t, "shop.localhost at 192.0.2.1", err)
	_, err = post(t, c, "https://10.0.0.1/")
	wantRefused(t, "a private address in demo", err)
}

// What a merchant may enter as an endpoint; a wrong yes is a hole, a wrong no a lost customer.
func TestCheckURL(t *testing.T) {
	strict, demo := newClient(t, Options{}), newClient(t, Options{AllowLoopback: true})
	for _, c := range []struct {
		url          string
		strict, demo string // the refusal, "" for accepted
	}{
		{"https://shop.example/hooks?x=1", "", ""},
		{"https://shop.example:8443/", "", ""},
		{"HTTPS://Shop.Example./", "", ""},
		{"https://8.8.8.8/", "", ""},
		{"https://[2606:4700::1111]:443/", "", ""},
		{"https://xn--bcher-kva.example/", "", ""},
		{"http://localhost:9000/h", "https://", ""},
		{"http://127.0.0.1:22/h", "https://", ""},
		{"https://[::1]/h", "private", ""},
		{"http://shop.example/", "https://", "https://"},
		{"ftp://shop.example/", "https://", "https://"},
		{"//shop.example/", "https://", "https://"},
		{"https:shop.example", "no host", "no host"},
		{"https:///path", "no host", "no host"},
		{"", "https://", "https://"},
		{"https://name:secret@shop.example/", "user name", "user name"},
		{"https://shop.example@10.0.0.1/", "user name", "user name"},
		{"https://shop.example/#part", "fragment", "fragment"},
		{"https://shop.example/#", "fragment", "fragment"},
		{"https://shop.example\\@10.0.0.1/", "backslash", "backslash"},
		{"https://shop.example/a\r\nHost: x", "blank", "blank"},
		{"https://shop.example/a b", "blank", "blank"},
		{"https://bücher.example/", "ASCII", "ASCII"},
		{"https://shop.example:25/", "port", "port"},
		{"https://shop.example:0/", "port", "port"},
		{"https://shop.example:70000/", "port", "port"},
		{"https://shop.example:/", "colon", "colon"},
		{"https://10.1.2.3/", "private", "private"},
		{"https://[::ffff:8.8.8.8]/", "private", "private"},
		{"https://169.254.169.254/latest/", "private", "private"},
		{"https://[fe80::1%25eth0]/", "zone", "zone"},
		{"https://%31%32%37.0.0.1/", "cannot be read", "cannot be read"},
		{"https://2130706433/", "number", "number"},
		{"https://0x7f.1/", "number", "number"},
		{"https://0177.0.0.1/", "number", "number"},
		{"https://intranet/", "not a public", "not a public"},
		{"https://shop..example/", "not a domain", "not a domain"},
		{"https://" + strings.Repeat("a", 64) + ".example/", "not a domain", "not a domain"},
		{"https://" + strings.Repeat("a.", 127) + "example/", "not a public", "not a public"},
		{"https://shop.example/" + strings.Repeat("a", 2048), "longer", "longer"},
	} {
		for name, check := range map[string]struct {
			client *Client
			want   string
		}{"strict": {strict, c.strict}, "demo": {demo, c.demo}} {
			err := check.client.CheckURL(c.url)
			switch {
			case check.want == "" && err != nil:
				t.Errorf("%s %q: %v, want accepted", name, c.url, err)
			case check.want != "" && (!errors.Is(err, ErrDestination) || !strings.Contains(err.Error(), check.want)):
				t.Errorf("%s %q: %v, want refused with %q", name, c.url, err, check.want)
			}
		}
	}
}

// A URL is typed by a stranger: whatever it is, the check must not panic, and whatever it accepts
// must pass the check that runs before each call.
func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{"https://shop.example/", "https://[::ffff:127.0.0.1]:1/", "https://0x7f.1", "https://a.:443"} {
		f.Add(seed)
	}
	c := New(Options{})
	f.Fuzz(func(t *testing.T, raw string) {
		if c.CheckURL(raw) != nil {
			return
		}
		req, err := http.NewRequest(http.MethodPost, raw, nil)
		if err != nil {
			t.Fatalf("%q is accepted and makes no request: %v", raw, err)
		}
		if err := c.guard.checkURL(req.URL); err != nil {
			t.Errorf("%q is accepted when entered and refused when called: %v", raw, err)
		}
	})
}
