package awssms_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paylink/channel"
	"paylink/channel/carrierwire/carriertest"
	"paylink/provider/providertest"
)

const (
	keyID     = "AKIDEXAMPLE00000"
	accessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	secret    = "a-very-long-random-word-0"
	optedOut  = "+919812345610"
)

// A fake is AWS as its documents describe it: the service and an SNS topic that our address takes.
type fake struct {
	origin, hook string

	mu        sync.Mutex
	sent      []map[string]any
	confirmed []string // tokens
	calling   sync.WaitGroup
}

func serve(t *testing.T) (*fake, *providertest.Far) {
	f := &fake{}
	far := providertest.Serve(t, func(far *providertest.Far) http.Handler {
		f.origin, f.hook = far.Origin, far.Inbox+"?secret="+secret
		return http.HandlerFunc(f.serve)
	})
	t.Cleanup(f.calling.Wait)
	return f, far
}

func account(far *providertest.Far) channel.Account {
	return channel.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: far.Origin, Secret: secret,
		Fields: map[string]string{"region": "ap-south-1", "access_key_id": keyID, "secret_access_key": accessKey, "origination_identity": "ACME", "configuration_set": "receipts"},
	}
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.Method == http.MethodGet && r.URL.Query().Get("Action") == "ConfirmSubscription" {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.confirmed = append(f.confirmed, r.URL.Query().Get("Token"))
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write([]byte("<ConfirmSubscriptionResponse/>"))
		return
	}
	if !genuine(r, body) {
		refuse(w, "com.amazon.coral.service#InvalidSignatureException", "", "The request signature we calculated does not match the signature you provided.")
		return
	}
	switch r.Header.Get("X-Amz-Target") {
	case "PinpointSMSVoiceV2.DescribeAccountAttributes":
		carriertest.Answer(w, http.StatusOK, map[string]any{"AccountAttributes": []any{map[string]any{"Name": "ACCOUNT_TIER", "Value": "PRODUCTION"}}})
	case "PinpointSMSVoiceV2.SendTextMessage":
		f.take(w, body)
	default:
		refuse(w, "com.amazon.coral.service#UnknownOperationException", "", "")
	}
}

// tokens are those of the subscriptions that were confirmed.
func (f *fake) tokens() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.confirmed)
}

func refuse(w http.ResponseWriter, kind, reason, words string) {
	carriertest.Answer(w, http.StatusBadRequest, map[string]any{"__type": kind, "Message": words, "Reason": reason})
}

func (f *fake) take(w http.ResponseWriter, body []byte) {
	var m map[string]any
	if json.Unmarshal(body, &m) != nil || m["MessageBody"] == "" || m["OriginationIdentity"] == "" || m["MessageType"] != "TRANSACTIONAL" {
		refuse(w, "com.amazonaws.pinpointsmsvoicev2#ValidationException", "FIELD_VALIDATION_FAILED", "a field is wrong")
		return
	}
	to, _ := m["DestinationPhoneNumber"].(string)
	if to == optedOut {
		refuse(w, "com.amazonaws.pinpointsmsvoicev2#ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT", "Destination phone number is opted out")
		return
	}
	f.mu.Lock()
	id := fmt.Sprintf("0a1b2c3d-%d", len(f.sent))
	f.sent = append(f.sent, m)
	f.mu.Unlock()
	carriertest.Answer(w, http.StatusOK, map[string]any{"MessageId": id})
	if m["ConfigurationSetName"] == "receipts" {
		f.calling.Go(func() {
			kinds := []string{"TEXT_QUEUED", "TEXT_SENT", "TEXT_DELIVERED"}
			if to == carriertest.Unreachable {
				kinds[2] = "TEXT_UNREACHABLE"
			}
			for _, kind := range kinds {
				f.notify(enveloped(event(kind, id, to, m["Context"])))
			}
		})
	}
}

func event(kind, id, to string, context any) string {
	text, _ := json.Marshal(map[string]any{
		"eventType": kind, "eventVersion": "1.0", "eventTimestamp": time.Now().UnixMilli(), "isFinal": kind != "TEXT_QUEUED" && kind != "TEXT_SENT",
		"originationPhoneNumber": "ACMEIN", "destinationPhoneNumber": to, "isoCountryCode": "IN", "messageId": id, "messageEncoding": "GSM",
		"messageType": "TRANSACTIONAL", "messageStatus": "x", "messageStatusDescription": "x", "context": context, "totalMessagePrice": 0.09582,
	})
	return string(text)
}

func enveloped(message string) string {
	text, _ := json.Marshal(map[string]any{
		"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:ap-south-1:000000000000:receipts", "Message": message,
		"Timestamp": time.Now().UTC().Format(time.RFC3339), "SignatureVersion": "1", "Signature": "AAAA", "SigningCertURL": "https://sns.ap-south-1.amazonaws.com/x.pem",
	})
	return string(text)
}

func (f *fake) notify(body string) {
	carriertest.Call(f.hook, http.Header{"Content-Type": {"text/plain; charset=UTF-8"}, "X-Amz-Sns-Message-Type": {"Notification"}}, body)
}

// genuine checks a call's signature by AWS's description of Signature Version 4, for the headers that it names.
func genuine(r *http.Request, body []byte) bool {
	var scope, list, given string
	said := strings.NewReplacer(",", " ", "=", " ").Replace(r.Header.Get("Authorization"))
	if _, err := fmt.Sscanf(said, "AWS4-HMAC-SHA256 Credential %s SignedHeaders %s Signature %s", &scope, &list, &given); err != nil {
		return false
	}
	canonical := r.Method + "\n" + r.URL.Path + "\n" + r.URL.RawQuery + "\n"
	for _, name := range strings.Split(list, ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		canonical += name + ":" + value + "\n"
	}
	canonical += "\n" + list + "\n" + fmt.Sprintf("%x", sha256.Sum256(body))
	id, rest, _ := strings.Cut(scope, "/")
	parts := strings.Split(rest, "/")
	stamp := r.Header.Get("X-Amz-Date")
	if id != keyID || len(parts) != 4 || !strings.HasPrefix(stamp, parts[0]) || parts[1] != "ap-south-1" || parts[2] != "sms-voice" || !strings.Contains(list, "x-amz-target") {
		return false
	}
	signing := []byte("AWS4" + accessKey)
	for _, text := range append(parts, fmt.Sprintf("AWS4-HMAC-SHA256\n%s\n%s\n%x", stamp, rest, sha256.Sum256([]byte(canonical)))) {
		mac := hmac.New(sha256.New, signing)
		mac.Write([]byte(text))
		signing = mac.Sum(nil)
	}
	return given == fmt.Sprintf("%x", signing)
}
