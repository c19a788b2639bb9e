package sandbox_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/channeltest"
	"paylink/channel/sandbox"
	"paylink/provider/sandboxtest"
	pretend "paylink/sandbox"
)

// The adapter and the sandbox drift apart, each with its own tests still green.
func TestSandboxKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
		far := sandboxtest.Serve(t, pretend.Config{Now: time.Now, ReceiptAfter: time.Millisecond})
		a := sandboxtest.Account(far, "mer_01kaa", "acct_01kaa")
		return sandbox.New(sandboxtest.Client(t)), a, channeltest.World{
			Far: far, Now: time.Now, Reachable: reachable, Unreachable: unreachable,
			Received: func(t *testing.T, reference string) channel.Letter { return received(t, a, reference) },
			Header:   sandboxtest.Header, Stamped: true, Sign: sandboxtest.Sign, Spoil: spoil,
		}
	})
}

func reachable(c paylink.Channel) string {
	return map[paylink.Channel]string{
		paylink.ChannelSMS: "+919812345642", paylink.ChannelWhatsApp: "+919812345642",
		paylink.ChannelEmail: "asha@example.com", paylink.ChannelInApp: "cust_01kaa",
	}[c]
}

func unreachable(c paylink.Channel) string {
	return map[paylink.Channel]string{
		paylink.ChannelSMS: "+919812345603", paylink.ChannelWhatsApp: "+919812345605", paylink.ChannelEmail: "bounce@example.com",
	}[c]
}

// received asks the sandbox's message list, as a merchant who tries paylink would.
func received(t *testing.T, a channel.Account, reference string) channel.Letter {
	t.Helper()
	res, err := http.Get(a.BaseURL + "/messages")
	if err != nil {
		t.Fatalf("list messages: %v", err)
	}
	defer func() { _ = res.Body.Close() }()
	var list struct {
		Data []struct {
			ID              string            `json:"id"`
			Channel         paylink.Channel   `json:"channel"`
			To              string            `json:"to"`
			Subject         string            `json:"subject"`
			Text            string            `json:"text"`
			HTML            string            `json:"html"`
			Sender          string            `json:"sender"`
			ClientReference paylink.MessageID `json:"client_reference"`
			Button          *struct {
				Label string `json:"label"`
				URL   string `json:"url"`
			} `json:"button"`
		} `json:"data"`
	}
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil {
		t.Fatalf("list messages: %v", err)
	}
	for _, m := range list.Data {
		if m.ID != reference {
			continue
		}
		l := channel.Letter{
			ID: m.ClientReference, Channel: m.Channel, To: m.To, Sender: m.Sender, Subject: m.Subject, Text: m.Text, HTML: m.HTML,
		}
		if m.Button != nil {
			l.ButtonLabel, l.ButtonURL = m.Button.Label, m.Button.URL
		}
		return l
	}
	t.Fatalf("the sandbox holds no message %s", reference)
	return channel.Letter{}
}

func spoil(genuine []byte) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range map[string][2]string{
		"an unknown status":                  {`delivered"`, `arrived"`},
		"a status that carriers do not have": {`delivered"`, `skipped"`},
		"the status twice":                   {`"status":"delivered"`, `"status":"delivered","status":"read"`},
		"the status in capitals beside it":   {`"status":"delivered"`, `"status":"delivered","Status":"read"`},
		"a status that is a number":          {`"status":"delivered"`, `"status":1`},
		"no message id":                      {`"client_reference":`, `"silent_reference":`},
		"a foreign message id":               {`"client_reference":"msg_`, `"client_reference":"pay_`},
		"a message id cut short":             {`"client_reference":"msg_0`, `"client_reference":"msg_`},
		"no provider reference":              {`"id":"sbx_msg_`, `"if":"sbx_msg_`},
		"an error beside success":            {`"error":""`, `"error":"bounced"`},
		"no time":                            {`"at":`, `"ut":`},
		"a time that is none":                {`"at":"`, `"at":"x`},
		"no account":                         {`"account":`, `"recount":`},
		"an account of two lines":            {`"account":"`, `"account":"\n`},
		"no receipt id":                      {`"id":"sbx_rcp_`, `"if":"sbx_rcp_`},
		"data that is a list":                {`"data":{`, `"data":[],"rest":{`},
	} {
		spoiled[name] = bytes.ReplaceAll(genuine, []byte(change[0]), []byte(change[1]))
	}
	return spoiled
}
