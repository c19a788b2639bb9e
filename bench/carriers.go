package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// carrierTakes is how long each of the carriers needs for a message.
const carrierTakes = 50 * time.Millisecond

// carriers are the far sides of accounts with providers, in this process: Twilio for text messages, Meta for
// WhatsApp, and an operator who speaks SMPP. They take every message, each after the same time, note when, and
// tell nothing later.
type carriers struct {
	twilio, whatsapp, smpp string // addresses
	taken                  atomic.Int64
	answered               chan arrival // while somebody listens; a full one loses nothing but the times
	close                  func() error
}

// arrival is a message that a carrier has answered.
type arrival struct {
	to, channel string
	at          time.Time
}

func newCarriers() (*carriers, error) {
	c := &carriers{answered: make(chan arrival, 1<<16)}
	var open []io.Closer
	c.close = func() error {
		var errs []error
		for _, o := range open {
			errs = append(errs, o.Close())
		}
		return errors.Join(errs...)
	}
	for address, handler := range map[*string]http.HandlerFunc{&c.twilio: c.text, &c.whatsapp: c.whatsappMessage} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(err, c.close())
		}
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
		go func() { _ = server.Serve(l) }() // it ends by Close
		*address, open = l.Addr().String(), append(open, server)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			go c.bind(conn)
		}
	}()
	c.smpp, open = l.Addr().String(), append(open, l)
	return c, nil
}

func (c *carriers) note(to, channel string) int64 {
	select {
	case c.answered <- arrival{to, channel, time.Now()}:
	default:
	}
	return c.taken.Add(1)
}

// text is Twilio's call that makes a message.
func (c *carriers) text(w http.ResponseWriter, r *http.Request) {
	time.Sleep(carrierTakes)
	to := r.PostFormValue("To")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"sid":"SM%032x","account_sid":"AC%032x","api_version":"2010-04-01","status":"queued","to":%q,"body":"","num_segments":"1","num_media":"0",`+
		`"direction":"outbound-api","price":null,"price_unit":"USD","error_code":null,"error_message":null,"date_created":"Mon, 23 Nov 2026 04:00:00 +0000"}`,
		c.note(to, "sms"), 0, to)
}

// whatsappMessage is Meta's.
func (c *carriers) whatsappMessage(w http.ResponseWriter, r *http.Request) {
	time.Sleep(carrierTakes)
	var m struct{ To string }
	if json.NewDecoder(r.Body).Decode(&m) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"messaging_product":"whatsapp","messages":[{"id":"wamid.%d"}]}`, c.note(m.To, "whatsapp"))
}

// The commands of SMPP 3.4 that a transceiver sends.
const (
	smppSubmit   = 0x04
	smppUnbind   = 0x06
	smppBind     = 0x09
	smppEnquire  = 0x15
	smppResponse = 0x80000000
)

// bind serves one connection of SMPP: everything is answered, messages after their time.
func (c *carriers) bind(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	var writing sync.Mutex
	answer := func(command, sequence uint32, body string) {
		unit := make([]byte, 16, 16+len(body))
		binary.BigEndian.PutUint32(unit, uint32(16+len(body)))
		binary.BigEndian.PutUint32(unit[4:], command|smppResponse)
		binary.BigEndian.PutUint32(unit[12:], sequence)
		writing.Lock()
		defer writing.Unlock()
		_, _ = conn.Write(append(unit, body...)) // a connection that has ended shows when it is read
	}
	for {
		var head [16]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		command, sequence := binary.BigEndian.Uint32(head[4:]), binary.BigEndian.Uint32(head[12:])
		if _, err := in.Discard(int(binary.BigEndian.Uint32(head[:])) - len(head)); err != nil {
			return
		}
		switch command {
		case smppBind:
			answer(command, sequence, "bench\x00")
		case smppSubmit:
			time.AfterFunc(carrierTakes, func() { answer(command, sequence, fmt.Sprintf("%d\x00", c.note("", "smpp"))) })
		case smppUnbind, smppEnquire:
			answer(command, sequence, "")
		}
	}
}
