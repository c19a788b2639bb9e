package smpp

import (
	"bytes"
	"strconv"
	"strings"
	"sync"
	"testing"

	theirs "github.com/fiorix/go-smpp/smpp/pdu"
	"github.com/fiorix/go-smpp/smpp/pdu/pdufield"
	"github.com/fiorix/go-smpp/smpp/pdu/pdutext"
	"github.com/fiorix/go-smpp/smpp/pdu/pdutlv"
	"github.com/fiorix/go-smpp/smpp/smpptest"

	"paylink"
	"paylink/channel"
)

// second is an SMSC of another make: go-smpp's, in this process.
type second struct {
	*smpptest.Server
	t       *testing.T
	mu      sync.Mutex
	id      int
	texts   []string
	tlvs    []string
	answers []uint32 // statuses of deliver_sm_resp
}

func startSecond(t *testing.T) *second {
	s := &second{Server: smpptest.NewUnstartedServer(), t: t, id: 0xfffffffe}
	s.Handler = s.handle
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *second) handle(c smpptest.Conn, m theirs.Body) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := m.Fields()
	switch m.Header().ID {
	case theirs.SubmitSMID:
		s.id++
		s.texts = append(s.texts, s.text(f))
		for _, v := range m.TLVFields() {
			if data, ok := v.(*pdutlv.Field); ok {
				s.tlvs = append(s.tlvs, data.Tag.Hex()+"="+string(bytes.TrimRight(data.Data, "\x00")))
			}
		}
		r := theirs.NewSubmitSMResp()
		r.Header().Seq = m.Header().Seq
		s.set(r, pdufield.MessageID, strconv.FormatInt(int64(s.id), 16))
		s.write(c, r)
		s.write(c, s.receipt(f))
	case theirs.DeliverSMRespID:
		s.answers = append(s.answers, uint32(m.Header().Status))
	case theirs.UnbindID:
		r := theirs.NewUnbindResp()
		r.Header().Seq = m.Header().Seq
		s.write(c, r)
	default:
		s.t.Errorf("the second SMSC was sent a %s", m.Header().ID)
	}
}

// text takes a segment apart by the other library's tables.
func (s *second) text(f pdufield.Map) string {
	octets := f[pdufield.ShortMessage].Bytes()
	if esm, ok := f[pdufield.ESMClass].Raw().(byte); ok && esm&0x40 != 0 && f[pdufield.UDHLength] == nil {
		octets = octets[1+octets[0]:]
	}
	if coding, ok := f[pdufield.DataCoding].Raw().(byte); ok && coding == byte(pdutext.UCS2Type) {
		return string(pdutext.UCS2(octets).Decode())
	}
	return string(pdutext.GSM7(octets).Decode())
}

// receipt is one in decimal, of a message whose id was answered in hex.
func (s *second) receipt(f pdufield.Map) theirs.Body {
	d := theirs.NewDeliverSM()
	d.Header().Seq = uint32(s.id & 0xffff)
	s.set(d, pdufield.SourceAddr, f[pdufield.DestinationAddr].String())
	s.set(d, pdufield.ESMClass, uint8(4))
	d.Fields()[pdufield.UDHLength] = &pdufield.SM{} // else it writes the length of a header that is not there
	s.set(d, pdufield.ShortMessage, pdutext.Raw("id:"+strconv.Itoa(s.id)+" sub:001 dlvrd:001 submit date:2611231200 done date:2611231201 stat:DELIVRD err:000 text:"))
	return d
}

func (s *second) set(p theirs.Body, name pdufield.Name, value any) {
	if err := p.Fields().Set(name, value); err != nil {
		s.t.Error(err)
	}
}

func (s *second) write(c smpptest.Conn, p theirs.Body) {
	if err := c.Write(p); err != nil {
		s.t.Errorf("the second SMSC writes: %v", err)
	}
}

// What one SMSC understands may be a mistake that it shares with us: another one, of another make, has to
// understand the same.
func TestSecondSMSCUnderstandsTheSame(t *testing.T) {
	far := startSecond(t)
	a := channel.Account{
		ID: "acct_01kaa", Merchant: "mer_01kaa", BaseURL: "smpp://" + far.Addr(), Secret: smpptest.DefaultPasswd,
		Fields: map[string]string{"system_id": smpptest.DefaultUser},
	}
	d := listen(t, a)
	for _, text := range []string{
		"Acme: pay Rs 2,450 at https://acme.in/ACMEIN/k7Qp2xW9dTz4LmVb8RsY1c [today] €", strings.Repeat("Pay {now} for à la carte. ", 20),
		"भुगतान करें ₹2,450 🍵", strings.Repeat("भुगतान करें ₹2,450 🍵", 9),
	} {
		far.mu.Lock()
		far.texts, far.tlvs, far.answers = nil, nil, nil
		far.mu.Unlock()
		l := letter(text)
		l.Template = &channel.Template{Entity: "1101", Name: "1107", Header: "ACMEIN"}
		sent, err := d.Send(t.Context(), a, l)
		if err != nil {
			t.Fatalf("send %.20q: %v", text, err)
		}
		got := d.receipt(t, a, l.ID, paylink.MessageDelivered)
		if got.ProviderReference != sent.Reference || got.Segments != sent.Segments {
			t.Errorf("%.20q: the receipt is about %q of %d segments, want %q of %d", text, got.ProviderReference, got.Segments, sent.Reference, sent.Segments)
		}
		eventually(t, "every receipt is acknowledged", func() bool {
			far.mu.Lock()
			defer far.mu.Unlock()
			return len(far.answers) == int(sent.Segments)
		})
		far.mu.Lock()
		if joined := strings.Join(far.texts, ""); joined != text || len(far.texts) != int(sent.Segments) {
			t.Errorf("%.20q arrived in %d segments as %q", text, len(far.texts), joined)
		}
		if len(far.tlvs) != 2*len(far.texts) {
			t.Errorf("TLVs %v, want two for each of %d segments", far.tlvs, len(far.texts))
		}
		for _, status := range far.answers {
			if status != 0 {
				t.Errorf("a receipt is answered with 0x%x", status)
			}
		}
		far.mu.Unlock()
	}
}
