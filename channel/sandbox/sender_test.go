package sandbox_test

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/sandbox"
	"paylink/provider"
	"paylink/provider/providertest"
	"paylink/provider/sandboxtest"
)

// An answer without a reference is taken for success, and no receipt ever finds its message.
func TestAnswerWithoutAReferenceIsUnknown(t *testing.T) {
	for answer, want := range map[string]string{
		`{"id":"sbx_msg_1","status":"accepted"}`: "well",
		`{"status":"accepted"}`:                  "unknown",
		`{"id":"","status":"accepted"}`:          "unknown",
		`{"id":"a b"}`:                           "unknown",
		`{"id":"a","id":"b"}`:                    "unknown",
		`{"id":7}`:                               "unknown",
		`accepted`:                               "unknown",
	} {
		far := providertest.Serve(t, func(*providertest.Far) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) })
		})
		_, err := sandbox.New(sandboxtest.Client(t)).Send(t.Context(), channel.Account{BaseURL: far.Origin}, channel.Letter{Channel: paylink.ChannelSMS})
		if got := providertest.Ending(err); got != want {
			t.Errorf("the answer %s ended %q, want %q", answer, got, want)
		}
	}
}

const goodReceipt = `{"id":"sbx_rcp_1","account":"mer_1.acct_1","created":"2026-11-22T10:00:00Z","data":{"id":"sbx_msg_1",` +
	`"client_reference":"msg_00000000000000000000000000","status":"failed","error":"bounced","at":"2026-11-22T10:00:00.5Z"}}`

// A carrier writes the number that it could not reach into its error, and our logs keep it.
func TestCarriersErrorIsMadeSafe(t *testing.T) {
	for said, want := range map[string]string{
		"bounced": "bounced", "": "unknown", "no route to +919812345642": "unknown", "919812345642": "unknown",
	} {
		got, err := sandbox.New(sandboxtest.Client(t)).Read(channel.Account{}, posted(strings.Replace(goodReceipt, "bounced", said, 1)))
		wanted := channel.News{Receipts: []channel.Receipt{{
			Message: "msg_00000000000000000000000000", ProviderReference: "sbx_msg_1", Status: paylink.MessageFailed, ErrorCode: want,
			At: time.Date(2026, 11, 22, 10, 0, 0, 500_000_000, time.UTC), Account: "mer_1.acct_1",
			Reason: map[string]provider.Reason{"bounced": provider.InvalidAddress}[want],
		}}}
		if err != nil || !reflect.DeepEqual(got, wanted) {
			t.Errorf("the error %q is read as %+v (%v), want %+v", said, got, err, wanted)
		}
	}
}

// posted is a body at the door.
func posted(body string) channel.Post { return channel.Post{URL: &url.URL{}, Body: []byte(body)} }

// A stranger's bytes crash the inbound door, or are read as a receipt that cannot be.
func FuzzRead(f *testing.F) {
	f.Add([]byte(goodReceipt))
	f.Add([]byte(`{"id":"a","id":"b"}`))
	f.Add([]byte(strings.Repeat(`{"data":`, 100)))
	s := sandbox.New(nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := s.Read(channel.Account{}, posted(string(body)))
		if err != nil {
			if got.Receipts != nil || len(err.Error()) > 200 {
				t.Fatalf("refused with %+v and %q", got, err)
			}
			return
		}
		for _, r := range got.Receipts {
			bad := r.Status == paylink.MessageFailed || r.Status == paylink.MessageBlocked
			if !paylink.HasTag(string(r.Message), "msg") || r.ProviderReference == "" || r.Account == "" || r.At.IsZero() || bad != (r.ErrorCode != "") {
				t.Fatalf("%q read as %+v", body, r)
			}
		}
		if again, err := s.Read(channel.Account{}, posted(string(body))); err != nil || !reflect.DeepEqual(again, got) {
			t.Fatalf("%q read as %+v, then as %+v (%v)", body, got, again, err)
		}
	})
}
