package dispatch_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
	"github.com/fiorix/go-smpp/smpp/pdu/pdufield"
	"github.com/fiorix/go-smpp/smpp/pdu/pdutext"
	"github.com/fiorix/go-smpp/smpp/smpptest"

	"paylink"
	"paylink/channel"
	"paylink/channel/smpp"
	"paylink/dispatch"
	"paylink/provider"
	"paylink/provider/sandboxtest"
	"paylink/store"
	"paylink/store/storetest"
)

// operator is an SMSC that takes every message and tells at once that it was delivered.
func operator(t *testing.T) *smpptest.Server {
	var last atomic.Int64
	far := smpptest.NewUnstartedServer()
	far.Handler = func(c smpptest.Conn, m pdu.Body) {
		switch m.Header().ID {
		case pdu.SubmitSMID:
			id := strconv.FormatInt(last.Add(1), 10)
			r := pdu.NewSubmitSMResp()
			r.Header().Seq = m.Header().Seq
			d := pdu.NewDeliverSM()
			_ = r.Fields().Set(pdufield.MessageID, id)
			_ = d.Fields().Set(pdufield.SourceAddr, m.Fields()[pdufield.DestinationAddr].String())
			_ = d.Fields().Set(pdufield.ESMClass, uint8(4))
			_ = d.Fields().Set(pdufield.ShortMessage, pdutext.Raw("id:"+id+" stat:DELIVRD err:000"))
			d.Fields()[pdufield.UDHLength] = &pdufield.SM{} // else it writes the length of a header that is not there
			_ = c.Write(d)                                  // before the answer, as some operators do
			_ = c.Write(r)
		case pdu.UnbindID:
			r := pdu.NewUnbindResp()
			r.Header().Seq = m.Header().Seq
			_ = c.Write(r)
		case pdu.DeliverSMRespID:
			if m.Header().Status != 0 {
				t.Errorf("a receipt is answered with %v", m.Header().Status)
			}
		}
	}
	far.Start()
	t.Cleanup(far.Close)
	return far
}

// An account by SMPP is bound, sends and hears; one that is switched off, or whose secrets are unreadable, does
// not hold the others up. Without all of it the messages of such a merchant wait for ever.
func TestConnectionsOfAdaptersAreKeptAndHeard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		far := operator(t)
		w := newWorld(t, s, func(d *dispatch.Deps) {
			d.Senders = map[string]channel.Sender{"smpp": smpp.New(sandboxtest.Client(t)), "one": &carrier{name: "one"}}
		})
		account := func(id paylink.AccountID, change func(*paylink.Account)) paylink.Account {
			a := paylink.Account{
				ID: id, Merchant: w.merchant.ID, Kind: paylink.AccountChannel, Provider: "smpp", Channel: paylink.ChannelSMS, Name: string(id),
				BaseURL: "smpp://" + far.Addr(), Fields: map[string]string{"system_id": smpptest.DefaultUser},
				Secret: provider.SealSecret(w.ring, id, smpptest.DefaultPasswd),
			}
			change(&a)
			return a
		}
		good := account(paylink.NewAccountID(start), func(*paylink.Account) {})
		w.write(func(tx *store.Tx) error {
			tx.InsertAccount(good, start)
			tx.InsertAccount(account(paylink.NewAccountID(start), func(a *paylink.Account) { a.Off = true }), start)
			tx.InsertAccount(account(paylink.NewAccountID(start), func(a *paylink.Account) { a.Rank, a.Secret = 9, good.Secret }), start)
			return nil
		})
		if all, err := s.Read(t.Context()).AccountsWith(paylink.AccountChannel, "smpp"); err != nil || len(all) != 2 {
			t.Errorf("%d accounts that are on, %v; want 2", len(all), err)
		}

		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.dispatch.Listen(ctx) }()
		c := w.create(paylink.ChannelSMS)
		w.work()
		for range 400 {
			w.tick()
			w.work()
			if w.message(c.Messages[0].ID).Status == paylink.MessageDelivered {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if m := w.message(c.Messages[0].ID); m.Status != paylink.MessageDelivered || m.ProviderReference == "" || m.Account != good.ID {
			t.Errorf("the message is %s, reference %q", m.Status, m.ProviderReference)
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("listening ended with %v", err)
		}
	})
}
