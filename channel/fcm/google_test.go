package fcm_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"paylink"
	"paylink/channel"
	"paylink/channel/pushwire/pushtest"
	"paylink/outbound"
	"paylink/provider/providertest"
)

// google is Google's side, written from its documents: it grants access tokens for a signed assertion and
// takes messages to devices that it knows.
type google struct {
	t      testing.TB
	origin string
	key    *rsa.PrivateKey

	mu      sync.Mutex
	granted int  // access tokens so far
	revoked bool // the last one is no longer good
	taken   []message
}

// message is what FCM is asked to carry.
type message struct {
	ValidateOnly bool `json:"validate_only"`
	Message      struct {
		Token, Topic string
		Notification struct{ Title, Body string }
		Data         map[string]string
		Android      struct {
			TTL          string
			Notification struct{ Tag string }
		}
		APNs struct{ Headers map[string]string }
	}
}

const (
	phone = "fJ2kcanary:APA91bHPRgkF3JUikC4ENAHEeMrd41Zxv3hVZjC9KtT8OvPVGJ"
	gone  = "gone:APA91b"
	mail  = "paylink@acme-shop.iam.gserviceaccount.com"
)

// accountKey is made once: that takes its time.
var accountKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func serve(t testing.TB) (*google, *providertest.Far) {
	key, err := accountKey()
	if err != nil {
		t.Fatal(err)
	}
	g := &google{t: t, key: key}
	return g, providertest.Serve(t, func(f *providertest.Far) http.Handler {
		g.origin = f.Origin
		mux := http.NewServeMux()
		mux.HandleFunc("POST /token", g.grant)
		mux.HandleFunc("POST /v1/projects/acme-shop/messages:send", g.send)
		return mux
	})
}

// account holds the JSON file of a service account.
func (g *google) account(t testing.TB) channel.Account {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(g.key)
	if err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "acme-shop", "private_key_id": "k1", "client_email": mail, "token_uri": g.origin + "/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return channel.Account{ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: g.origin, Secret: string(file)}
}

func client(t testing.TB) *outbound.Client {
	c := outbound.New(outbound.Options{AllowLoopback: true})
	t.Cleanup(c.Close)
	return c
}

func (g *google) grant(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.FormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"unsupported_grant_type"}`)
		return
	}
	claims := pushtest.Claims(g.t, r.FormValue("assertion"), &g.key.PublicKey)
	from, _ := claims["iat"].(float64)
	until, _ := claims["exp"].(float64)
	if claims["iss"] != mail || claims["aud"] != g.origin+"/token" || claims["scope"] != "https://www.googleapis.com/auth/firebase.messaging" || until-from != 3600 {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant","error_description":"Invalid JWT"}`)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.granted, g.revoked = g.granted+1, false
	fmt.Fprintf(w, `{"access_token":"ya29.%d","expires_in":3599,"token_type":"Bearer"}`, g.granted)
}

// refuse answers as FCM does: its own code in the details, Google's as the status.
func refuse(w http.ResponseWriter, code int, status, detail string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	fmt.Fprintf(w, `{"error":{"code":%d,"message":"Requested entity of +919812345642 was not found.","status":%q,"details":[%s]}}`, code, status, detail)
}

func fcmError(code string) string {
	return `{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"` + code + `"}`
}

func (g *google) send(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var m message
	switch err := json.NewDecoder(r.Body).Decode(&m); {
	case g.revoked || r.Header.Get("Authorization") != fmt.Sprintf("Bearer ya29.%d", g.granted):
		refuse(w, 401, "UNAUTHENTICATED", "")
	case err != nil || m.Message.Notification.Title == "" || (m.Message.Token == "") == (m.Message.Topic == ""):
		refuse(w, 400, "INVALID_ARGUMENT", fcmError("INVALID_ARGUMENT"))
	case m.ValidateOnly:
		fmt.Fprint(w, `{"name":"projects/acme-shop/messages/fake_message_id"}`)
	case m.Message.Token == gone:
		refuse(w, 404, "NOT_FOUND", fcmError("UNREGISTERED"))
	case m.Message.Token != phone:
		refuse(w, 400, "INVALID_ARGUMENT", `{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"message.token","description":"Invalid registration token"}]}`)
	default:
		g.taken = append(g.taken, m)
		fmt.Fprintf(w, `{"name":"projects/acme-shop/messages/0:%d"}`, len(g.taken))
	}
}

// letter is what FCM took under a name.
func (g *google) letter(t *testing.T, name string) channel.Letter {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, m := range g.taken {
		if strings.HasSuffix(name, fmt.Sprintf("/0:%d", i+1)) {
			return channel.Letter{
				ID: paylink.MessageID(m.Message.Data["message_id"]), Channel: paylink.ChannelInApp, To: m.Message.Token,
				Subject: m.Message.Notification.Title, Text: m.Message.Notification.Body, ButtonURL: m.Message.Data["url"],
			}
		}
	}
	t.Fatalf("FCM holds no message %s", name)
	return channel.Letter{}
}
