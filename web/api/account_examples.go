package api

import (
	"paylink"
	"paylink/connect"
	"paylink/gateway"
	"paylink/provider"
)

// sampleAccountAnswer is what the operations about accounts and providers answer when all goes well.
func sampleAccountAnswer(operation string, one func(any) any) any {
	v := viewAccount(connect.Account{
		ID: sampleAccount, Kind: paylink.AccountChannel, Provider: "twilio", Title: "Twilio", Channels: []paylink.Channel{paylink.ChannelSMS}, Name: "India", Rank: 1,
		Fields:     map[string]string{"account_sid": "AC00000000000000000000000000000000", "from": "+15005550006"},
		Secrets:    []string{"auth_token"},
		ReceiptURL: "https://pay.example/inbound/channel/twilio/" + sampleAccount,
	})
	switch operation {
	case "list_accounts":
		return one(v)
	case "update_account":
		v.Rank, v.Off = 2, true
	case "test_account":
		return trialView{Reason: string(provider.BadCredentials), Detail: connect.Sentence(provider.BadCredentials), Code: "x20003", Words: "Authenticate", ReceiptURL: v.ReceiptURL}
	case "list_providers":
		return one(providerView{
			Name: "twilio", Object: "provider", Kind: "channel", Methods: []paylink.Method{}, Moneys: []string{}, Can: []gateway.Ability{}, Title: "Twilio", Channels: v.Channels, Reads: []paylink.Channel{}, Receipts: true, Testable: true, Schemes: []string{},
			Fields: []fieldView{
				{"account_sid", "Account SID", "On the first page of the console.", "AC00000000000000000000000000000000", "AC[0-9a-f]{32}", 34, false, true, []string{}},
				{"auth_token", "Auth Token", "Below the Account SID.", "", "", 200, true, true, []string{}},
			},
		})
	}
	return v
}
