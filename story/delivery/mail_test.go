package delivery_test

import (
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

// mail is a mail server as RFC 5321 has it, with STARTTLS and a password. What arrives it does not tell; of some
// that it loses it sends a report back, as RFC 3464 has it, which is handed to paylink.
type mail struct {
	*far
	inbox string
	tls   *tls.Config
}

// serve takes connections until the listener closes.
func (m *mail) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		m.world.running.Go(func() {
			s := &session{mail: m, conn: conn}
			s.run()
			_ = s.conn.Close() // whatever the client makes of it
		})
	}
}

// session is one connection of a client.
type session struct {
	mail     *mail
	conn     net.Conn
	text     *textproto.Conn
	from, to string
	end      end
	dice     *rand.Rand
	known    bool // the client has signed in
}

func (s *session) run() {
	s.text = textproto.NewConn(s.conn)
	if s.say("220 mail.example.net ESMTP") != nil {
		return
	}
	for {
		line, err := s.text.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		if s.obey(strings.ToUpper(verb), rest) != nil {
			return
		}
	}
}

func (s *session) say(line string) error { return s.text.PrintfLine("%s", line) }

// obey does what one line asks. An error ends the session.
func (s *session) obey(verb, rest string) error {
	switch verb {
	case "EHLO":
		if _, secure := s.conn.(*tls.Conn); !secure {
			return s.say("250-mail.example.net\r\n250 STARTTLS")
		}
		return s.say("250-mail.example.net\r\n250-8BITMIME\r\n250 AUTH PLAIN")
	case "STARTTLS":
		if err := s.say("220 go ahead"); err != nil {
			return err
		}
		s.conn = tls.Server(s.conn, s.mail.tls)
		s.text = textproto.NewConn(s.conn)
		return nil
	case "AUTH":
		if s.known = rest == "PLAIN AHBheW1lbnRzAHJpZ2h0"; !s.known { // payments, right
			return s.say("535 5.7.8 no")
		}
		return s.say("235 2.7.0 welcome")
	case "MAIL":
		s.from = between(rest)
		return s.say("250 2.1.0 fine")
	case "RCPT":
		return s.recipient(between(rest))
	case "DATA":
		return s.data()
	case "RSET", "NOOP":
		return s.say("250 2.0.0 fine")
	case "QUIT":
		_ = s.say("221 2.0.0 bye")
		return net.ErrClosed
	}
	return s.say("502 5.5.2 what?")
}

// between is an address without its brackets and what follows them.
func between(rest string) string {
	_, after, _ := strings.Cut(rest, "<")
	address, _, _ := strings.Cut(after, ">")
	return address
}

// recipient decides about the letter, as servers do before they have it.
func (s *session) recipient(to string) error {
	if !s.known {
		return s.say("530 5.7.0 sign in first")
	}
	s.to = to
	s.end, s.dice = s.mail.call(s.mail.world.byMail(to))
	switch s.end {
	case throttles:
		return s.say("450 4.7.1 too many letters")
	case fails:
		return s.say("451 4.3.0 something is wrong")
	case hangsUp:
		return net.ErrClosed
	}
	return s.say("250 2.1.5 fine")
}

func (s *session) data() error {
	if err := s.say("354 go on"); err != nil {
		return err
	}
	data, err := s.text.ReadDotBytes()
	if err != nil {
		return err
	}
	whole := strings.ReplaceAll(strings.ReplaceAll(string(data), "=\r\n", ""), "=\n", "")
	from, to := s.from, s.to
	name, _, _ := strings.Cut(from, "@")
	s.mail.carry(letter{s.mail.world.byMail(to), name, codeIn(whole)}, s.dice, func(string) int { return s.mail.bounce(from, to) })
	if s.end == takesAndCuts {
		return net.ErrClosed
	}
	return s.say("250 2.0.0 taken")
}

// bounce hands a report to paylink, as the pipe of a mail server does.
func (m *mail) bounce(from, to string) int {
	const report = "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mail.example.net>\nTo: %[1]s\nSubject: Undelivered Mail Returned to Sender\n" +
		"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b1\"\n\n--b1\nContent-Type: text/plain\n\nIt could not be delivered.\n" +
		"--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example.net\n\nFinal-Recipient: rfc822;%[2]s\nAction: failed\nStatus: 4.4.7\n\n--b1--\n"
	address := m.inbox + "?" + url.Values{"secret": {m.secret}, "recipient": {from}}.Encode()
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(fmt.Sprintf(report, from, to)))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "message/rfc822")
	return m.post(r)
}
