package checkout_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/checkout"
	"paylink/client"
	"paylink/store"
	"paylink/store/storetest"
)

// secret keeps a return secret for the merchant, with one before it.
func (c *counter) secret(fresh, before string) {
	s := paylink.ReturnSecret{Merchant: c.merchant, CreatedAt: c.now, PreviousUntil: c.now.Add(24 * time.Hour)}
	s.Sealed = c.ring.Seal(paylink.ReturnPurpose, []byte(fresh), s.Bound())
	s.Previous = c.ring.Seal(paylink.ReturnPurpose, []byte(before), s.Bound())
	c.write(func(tx *store.Tx) error { tx.PutReturnSecret(s); return nil })
}

// back leaves the page, and gives what the merchant's site reads with a secret.
func (c *counter) back(code string, d checkout.Device, secret string) (client.Returned, string, error) {
	c.t.Helper()
	to, err := c.checkout.Back(c.t.Context(), code, checkout.Visitor{Device: d})
	if err != nil {
		c.t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		c.t.Fatal(err)
	}
	got, err := client.VerifyReturn(u.Query(), paylink.ReturnSecretText([]byte(secret)), 5*time.Minute, c.now)
	return got, to, err
}

// A shop that believed what an address says would ship for nothing: each value is signed, with the present
// secret and for a day with the one before, and says how things stand when the customer leaves.
func TestCustomersTakeBackSignedWordOfHowItStands(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := openCounter(t, s)
		payer, other := checkout.NewDevice(), checkout.NewDevice()
		l, code := c.link(func(l *paylink.Link) {
			l.ReturnURL, l.Reference = "https://shop.example/thanks?a=1#top", "order 1042/ä"
		})
		if _, to, _ := c.back(code, payer, "new"); to != l.ReturnURL {
			t.Errorf("without a secret it leads to %s", to)
		}
		c.secret("new", "old")
		want := client.Returned{Link: string(l.ID), Status: "pending", Reference: l.Reference, At: c.now.Truncate(time.Second)}
		if got, to, err := c.back(code, payer, "new"); err != nil || got != want || !strings.HasPrefix(to, "https://shop.example/thanks?a=1&paylink_link=") || !strings.HasSuffix(to, "#top") {
			t.Errorf("whoever gives up takes back %+v, %v, to %s", got, err, to)
		}
		p, why := c.press(code, payer, checkout.Choice{})
		if why != "" {
			t.Fatal(why)
		}
		want.Payment = string(p.ID)
		if got, _, err := c.back(code, payer, "old"); err != nil || got != want {
			t.Errorf("with the secret before: %+v, %v", got, err)
		}
		want.Payment = ""
		if got, _, err := c.back(code, other, "new"); err != nil || got != want {
			t.Errorf("a stranger takes back %+v, %v", got, err)
		}
		_, to, _ := c.back(code, payer, "new")
		u, _ := url.Parse(to)
		for name, values := range u.Query() {
			forged := u.Query()
			if forged.Set(name, values[0]+"0"); name == "paylink_signature" {
				forged.Set(name, strings.Repeat("0", 64)) // what stands after a genuine one is of no weight
			}
			doubled := u.Query()
			doubled.Add(name, values[0])
			for kind, query := range map[string]url.Values{"forged": forged, "doubled": doubled} {
				_, err := client.VerifyReturn(query, paylink.ReturnSecretText([]byte("new")), time.Hour, c.now)
				if name != "a" && !errors.Is(err, client.ErrReturn) {
					t.Errorf("%s %s is believed: %v", kind, name, err)
				}
			}
		}
		if _, err := client.VerifyReturn(u.Query(), paylink.ReturnSecretText([]byte("new")), time.Minute, c.now.Add(2*time.Minute)); !errors.Is(err, client.ErrReturn) {
			t.Errorf("an old return is believed: %v", err)
		}
		c.now = c.now.Add(25 * time.Hour)
		if _, _, err := c.back(code, payer, "old"); !errors.Is(err, client.ErrReturn) {
			t.Errorf("the secret before signs for ever: %v", err)
		}
	})
}

// On a link of many uses the status is that of the one who leaves, not the link's.
func TestOnALinkOfManyUsesTheStatusIsOnesOwn(t *testing.T) {
	c := openCounter(t, storetest.Open(t, "sqlite"))
	c.secret("new", "old")
	payer := checkout.NewDevice()
	l, code := c.link(func(l *paylink.Link) { l.Usage.Mode, l.ReturnURL = paylink.UsageMulti, "https://shop.example/" })
	if _, why := c.press(code, payer, checkout.Choice{}); why != "" {
		t.Fatal(why)
	}
	_, payments := c.read(l)
	p, link := payments[0], l
	c.write(func(tx *store.Tx) error {
		var err error
		if link, err = tx.Link(l.Merchant, l.Live, l.ID); err != nil {
			return err
		}
		read := link.UpdatedAt
		paylink.Advance(&link, &p, paylink.Outcome{Status: paylink.PaymentCaptured}, c.now, c.now)
		link.Touch(c.now)
		tx.UpdatePayment(p, paylink.PaymentCreated)
		tx.UpdateLink(link, read)
		return nil
	})
	if got, _, err := c.back(code, payer, "new"); err != nil || got.Status != "paid" || got.Payment != string(p.ID) {
		t.Errorf("the payer takes back %+v, %v", got, err)
	}
	if got, _, err := c.back(code, checkout.NewDevice(), "new"); err != nil || got.Status != "pending" || got.Payment != "" {
		t.Errorf("another takes back %+v, %v", got, err)
	}
}

// A shop that lost its domain takes the origin away, and links that were made before lead there no more.
func TestAnOriginThatWasTakenAwayLeadsNowhere(t *testing.T) {
	c := openCounter(t, storetest.Open(t, "sqlite"))
	_, code := c.link(func(l *paylink.Link) { l.ReturnURL = "https://lost.example/" })
	c.write(func(tx *store.Tx) error {
		m, err := tx.MerchantToChange(c.merchant)
		m.Settings.ReturnOrigins = []string{"https://shop.example"}
		tx.UpdateSettings(m)
		return err
	})
	if to, err := c.checkout.Back(t.Context(), code, checkout.Visitor{Device: checkout.NewDevice()}); !paylink.IsNotFound(err) {
		t.Errorf("it leads to %s, %v", to, err)
	}
}
