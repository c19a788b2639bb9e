package whatsapp_test

import (
	"bytes"
	"testing"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/channeltest"
	"paylink/channel/whatsapp"
)

func payLink(paylink.Channel) *channel.Template {
	return &channel.Template{Name: "pay_link", Language: "en", Variables: []channel.Variable{{Name: "1", Value: "Asha “Rao” & co"}, {Name: "2", Value: "₹2,450.00"}}}
}

// A letter by WhatsApp is misread on its way out, or its receipt on its way in.
func TestWhatsAppKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (channel.Sender, channel.Account, channeltest.World) {
		m, far := serve(t)
		return whatsapp.New(client(t)), account(far), channeltest.World{
			Far: far, Now: time.Now, Received: m.letter, Template: payLink,
			// Of a letter with a template its text is not sent: Meta has it.
			Seen: func(l channel.Letter) channel.Letter {
				return channel.Letter{ID: l.ID, Channel: l.Channel, To: l.To, ButtonURL: l.ButtonURL, Template: l.Template}
			},
			Reachable:   func(paylink.Channel) string { return "+919812345642" },
			Unreachable: func(paylink.Channel) string { return absent },
			Header:      "X-Hub-Signature-256", Sign: sign, Spoil: spoil,
			// A number may serve another program too: what names no message of ours is passed over, and its
			// batch is read.
			Untold: []string{"no message id", "a foreign message id"},
		}
	})
}

func spoil(genuine []byte) map[string][]byte {
	spoiled := map[string][]byte{}
	for name, change := range map[string][2]string{
		"an unknown status":                  {`"delivered"`, `"arrived"`},
		"a status that carriers do not have": {`"delivered"`, `"skipped"`},
		"the status twice":                   {`"status":"delivered"`, `"status":"delivered","status":"read"`},
		"the status in capitals beside it":   {`"status":"delivered"`, `"status":"delivered","Status":"read"`},
		"the status in letters that fold":    {`"status":"delivered"`, `"status":"delivered","ſtatus":"read"`},
		"the message in letters that fold":   {`"biz_opaque_callback_data":`, `"biz_opaque_callbac\u212a_data":"msg_0","biz_opaque_callback_data":`},
		"a status that is a number":          {`"status":"delivered"`, `"status":1`},
		"no provider reference":              {`"id":"wamid.`, `"if":"wamid.`},
		"a provider reference of two words":  {`"id":"wamid.`, `"id":"wamid `},
		"no time":                            {`"timestamp":`, `"timestump":`},
		"a time that is none":                {`"timestamp":"`, `"timestamp":"-`},
		"a time in years that are far":       {`"timestamp":"`, `"timestamp":"99999999`},
		"no account":                         {`"phone_number_id":`, `"fone_number_id":`},
		"another object":                     {`"object":"whatsapp`, `"object":"instagram`},
		"another product":                    {`"messaging_product":"whatsapp"`, `"messaging_product":"messenger"`},
		"no business account":                {`"id":"` + business, `"if":"` + business},
		"no field":                           {`"field":"messages"`, `"felt":"messages"`},
		"statuses that are none":             {`"statuses":[`, `"statuses":7,"rest":[`},
	} {
		spoiled[name] = bytes.ReplaceAll(genuine, []byte(change[0]), []byte(change[1]))
	}
	return spoiled
}
