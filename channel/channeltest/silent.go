package channeltest

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"paylink/channel"
)

// telling are the parts that need a provider that tells what became of a message.
var telling = []string{"a delivery is told", "a refusal is told with its reason", "only genuine receipts are believed", "only whole receipts are read"}

// A stranger posts in the name of a provider that never posts, and is believed.
func silence(t *testing.T, s suite) {
	p := channel.Post{URL: &url.URL{}, Header: http.Header{}, Body: []byte("{}")}
	if err := s.Verify(s.account, p, s.world.Now()); !errors.As(err, new(*channel.Unverified)) {
		t.Errorf("a post from a provider that never posts: %v, want it unverified", err)
	}
	if news, err := s.Read(s.account, p); err == nil {
		t.Errorf("a post from a provider that never posts is read as %+v", news)
	}
	if s.Capabilities().Reads != nil {
		t.Error("it never tells anything, and knows who reads")
	}
}
