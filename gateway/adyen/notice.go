package adyen

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/paywire"
	"paylink/provider"
	"paylink/provider/httpwire"
)

// notice is what Adyen posts: one or several items, each signed by itself.
type notice struct {
	Live  string `json:"live"` // a text: "true" or "false"
	Items []struct {
		Item *item `json:"NotificationRequestItem"`
	} `json:"notificationItems"`
}

// item is one event. What the signature does not cover is everything but the eight that signed joins.
type item struct {
	EventCode       string     `json:"eventCode"`
	Success         string     `json:"success"` // a text as well
	Request         string     `json:"pspReference"`
	Original        string     `json:"originalReference"` // the payment's, in what follows one
	MerchantAccount string     `json:"merchantAccountCode"`
	Reference       *string    `json:"merchantReference"`
	Amount          amount     `json:"amount"`
	EventDate       *time.Time `json:"eventDate"`
	PaymentMethod   string     `json:"paymentMethod"`
	Reason          string     `json:"reason"`
	Additional      struct {
		Signature     string        `json:"hmacSignature"`
		CardSummary   httpwire.Word `json:"cardSummary"`
		ARN           httpwire.Word `json:"arn"`
		ReasonCode    httpwire.Word `json:"chargebackReasonCode"`
		DefenceEndsAt string        `json:"defensePeriodEndsAt"`
		Link          string        `json:"paymentLinkId"`
	} `json:"additionalData"`
}

// itemsMost bounds what one post may hold; Adyen sends one, and a few after it could not reach us.
const itemsMost = 100

func decode(body []byte) (notice, error) {
	var n notice
	if err := httpwire.Decode(body, &n); err != nil {
		return n, err
	}
	if len(n.Items) == 0 || len(n.Items) > itemsMost {
		return n, errors.New("it holds no items, or too many")
	}
	for _, i := range n.Items {
		if i.Item == nil {
			return n, errors.New("it holds no items, or too many")
		}
	}
	return n, nil
}

// Verify tells whether Adyen signed every item with the account's HMAC key. The signature holds no time, so a
// repeated notice is genuine too.
func (g *Gateway) Verify(a gateway.Account, p gateway.Post, _ time.Time) error {
	n, err := decode(p.Body)
	key, notHex := hex.DecodeString(a.Secret)
	if err != nil || notHex != nil || len(key) == 0 {
		return &gateway.Unverified{Reason: provider.BadSignature}
	}
	genuine := true
	for _, i := range n.Items {
		given := i.Item.Additional.Signature
		if given == "" {
			return &gateway.Unverified{Reason: provider.MissingSignature}
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(i.Item.signed()))
		genuine = hmac.Equal([]byte(given), []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))) && genuine
	}
	if !genuine {
		return &gateway.Unverified{Reason: provider.BadSignature}
	}
	return nil
}

// signed is what the signature covers: eight values with colons between, none of them escaped.
func (i *item) signed() string {
	reference, value := "", ""
	if i.Reference != nil {
		reference = *i.Reference
	}
	if i.Amount.Value != nil {
		value = strconv.FormatInt(*i.Amount.Value, 10)
	}
	return strings.Join([]string{
		i.Request, i.Original, i.MerchantAccount, reference, value, string(i.Amount.Currency), i.EventCode, i.Success,
	}, ":")
}

// Read understands a notice. Events that are not about payments of ours are left out: an account may have other
// shops, and Adyen adds events.
func (g *Gateway) Read(a gateway.Account, p gateway.Post) (gateway.News, error) {
	news, err := read(a, p.Body)
	if err != nil {
		return gateway.News{}, fmt.Errorf("read a notice: %w", err)
	}
	return news, nil
}

func read(a gateway.Account, body []byte) (news gateway.News, err error) {
	n, err := decode(body)
	switch {
	case err != nil:
		return gateway.News{}, err
	case n.Live != "true" && n.Live != "false":
		return gateway.News{}, errors.New("it does not say whether it is live")
	case (n.Live == "true") != a.Live:
		return gateway.News{}, errors.New("it is about test payments, or the account is")
	}
	for _, i := range n.Items {
		if err := i.Item.tell(a, &news); err != nil {
			return gateway.News{}, err
		}
	}
	return news, nil
}

var eventCode = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,63}$`)

// event is an item that was checked: what every event has, in our terms.
type event struct {
	*item
	reference, mark string
	payment         string // Adyen's name for the payment
	account         string
	amount          paylink.Money
	yes             bool
	at              time.Time
}

// tell adds what an item says to the news.
func (i *item) tell(a gateway.Account, news *gateway.News) error {
	if !eventCode.MatchString(i.EventCode) {
		return errors.New("an event has no name")
	}
	payments, refunds, disputes := paymentEvents[i.EventCode], refundEvents[i.EventCode], disputeEvents[i.EventCode]
	if payments == nil && refunds == nil && disputes == nil {
		return nil
	}
	e, err := i.check(a)
	if err != nil {
		return err
	}
	if e.reference == "" {
		return nil // another shop's
	}
	switch {
	case payments != nil:
		w, err := payments(e)
		if err != nil {
			return err
		}
		news.Words = append(news.Words, w)
	case refunds != nil:
		news.Refunds = append(news.Refunds, refunds(e))
	default:
		if w, told := disputes(e); told {
			news.Disputes = append(news.Disputes, w)
		}
	}
	return nil
}

// check refuses an item that cannot be.
func (i *item) check(a gateway.Account) (event, error) {
	e := event{item: i, yes: i.Success == "true", account: i.MerchantAccount, payment: i.Original}
	var err error
	if e.amount, err = i.Amount.money(); err != nil {
		return e, err
	}
	switch {
	case i.Success != "true" && i.Success != "false":
		return e, errors.New("an event says neither yes nor no")
	case i.MerchantAccount == "" || !paywire.Plain(i.MerchantAccount, 128):
		return e, errors.New("an event names no account")
	case i.Reference == nil || *i.Reference == "" || !paywire.Plain(*i.Reference, 80):
		return e, errors.New("an event has no reference, or one that cannot be")
	case !paywire.IsID(i.Request) || i.Original != "" && !paywire.IsID(i.Original):
		return e, errors.New("an event names no payment")
	case i.EventDate == nil || i.EventDate.IsZero():
		return e, errors.New("an event has no time")
	case !paywire.Plain(i.Reason, 1000) || !paywire.Plain(string(i.Additional.ARN), 64) || !paywire.Plain(string(i.Additional.ReasonCode), 64):
		return e, errors.New("a text is too long or holds control characters")
	}
	// An event that follows a payment may leave the method out.
	if _, _, known := methodOf(i.PaymentMethod); !known && (i.PaymentMethod != "" || i.EventCode == "AUTHORISATION") {
		return e, errors.New("the method is no name of one")
	}
	if e.payment == "" {
		e.payment = i.Request
	}
	if i.MerchantAccount == a.Fields["merchant_account"] {
		e.account = a.Name()
	}
	if reference, mark, ok := ours(*i.Reference); ok {
		e.reference, e.mark = reference, mark
	}
	e.at = i.EventDate.UTC()
	return e, nil
}
