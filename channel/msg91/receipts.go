package msg91

import (
	"errors"
	"fmt"
	"time"

	"paylink"
	"paylink/channel"
	"paylink/channel/carrierwire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// Verify believes a post whose address holds the account's secret.
func (s *Sender) Verify(a channel.Account, p channel.Post, _ time.Time) error {
	return carrierwire.VerifyAddress(a, p)
}

// india is the zone of the times in reports, which name none.
var india = time.FixedZone("IST", 5*3600+1800)

// request is one call of ours in webhook v2: what became of each of its numbers.
type request struct {
	RequestID string   `json:"requestId"`
	Reports   []report `json:"report"`
}

// report is what became of one number; in webhook v3 it names the request as well.
type report struct {
	RequestID string        `json:"requestId"`
	Date      string        `json:"date"`
	Number    httpwire.Word `json:"number"`
	Status    httpwire.Word `json:"status"`
}

// Read understands delivery webhooks of version 2, a form with JSON in its field data, and of version 3, one
// JSON object. MSG91 does not know our ids: messages are found by its request's.
func (s *Sender) Read(_ channel.Account, p channel.Post) (channel.News, error) {
	reports, err := reports(p)
	if err != nil {
		return channel.News{}, fmt.Errorf("read a receipt: %w", err)
	}
	var news channel.News
	for _, r := range reports {
		told, err := r.receipt()
		if err != nil {
			return channel.News{}, fmt.Errorf("read a receipt: %w", err)
		}
		news.Receipts = append(news.Receipts, told)
	}
	return news, nil
}

// reportsMost is how many reports one post may hold.
const reportsMost = 500

func reports(p channel.Post) (all []report, err error) {
	if p.ContentType() == "application/json" {
		var one report
		err := httpwire.Decode(p.Body, &one)
		return []report{one}, err
	}
	form, err := httpwire.Form(p)
	if err != nil {
		return nil, err
	}
	var requests []request
	if err := httpwire.Decode([]byte(form.Get("data")), &requests); err != nil {
		return nil, err
	}
	for _, q := range requests {
		for _, r := range q.Reports {
			r.RequestID = q.RequestID
			all = append(all, r)
		}
	}
	if len(all) == 0 || len(all) > reportsMost {
		return nil, errors.New("it holds no reports, or too many")
	}
	return all, nil
}

func (r report) receipt() (told channel.Receipt, err error) {
	at, err := time.ParseInLocation(time.DateTime, r.Date, india)
	switch {
	case !requestID.MatchString(r.RequestID):
		return told, errors.New("it names no request")
	case err != nil:
		return told, errors.New("it tells no time")
	}
	if _, ok := carrierwire.Number(string(r.Number)); !ok {
		return told, errors.New("it names no number")
	}
	meaning, known := statuses[string(r.Status)]
	if !known {
		return told, errors.New("the status is not one that we know")
	}
	told = channel.Receipt{ProviderReference: r.RequestID, Status: meaning.status, Reason: meaning.reason, At: at.UTC()}
	if meaning.reason != "" {
		told.ErrorCode = carrier.Code(string(r.Status), "unknown")
	}
	return told, nil
}

// statuses are those of MSG91's help page.
var statuses = map[string]struct {
	status paylink.MessageStatus
	reason provider.Reason
}{
	"1":  {paylink.MessageDelivered, ""},
	"2":  {paylink.MessageFailed, provider.Unreachable},
	"9":  {paylink.MessageBlocked, provider.OptedOut}, // the number is on the register against promotions
	"16": {paylink.MessageBlocked, provider.Blocked},  // the operators rejected it
	"25": {paylink.MessageBlocked, provider.Blocked},
	"17": {paylink.MessageBlocked, provider.OptedOut}, // the account's list of blocked numbers
}
