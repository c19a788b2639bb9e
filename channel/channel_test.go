package channel_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"paylink/channel"
)

// A letter is logged by mistake, with the customer's number and a link that opens their bill.
func TestLetterPrintsAsItsIDOnly(t *testing.T) {
	l := channel.Letter{
		ID: "msg_1", Channel: "sms", To: "canary", Sender: "canary", Subject: "canary", Text: "canary", HTML: "canary",
		ButtonLabel: "canary", ButtonURL: "canary", ReceiptURL: "canary",
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("message.attempted", "letter", l, "pointer", &l, "list", []channel.Letter{l})
	slog.New(slog.NewTextHandler(&log, nil)).Info("message.attempted", "letter", l, "list", []channel.Letter{l})
	text := log.String() + fmt.Sprintf("%v %+v %#v %s %q %v %v", l, l, l, l, l, &l, []channel.Letter{l})
	if strings.Contains(text, "canary") || !strings.Contains(text, "sms msg_1") {
		t.Errorf("printed: %s", text)
	}
}
