package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"paylink/channel"
	"paylink/provider"
)

// line is one connection on which we have signed in.
type line struct {
	conn    net.Conn // below TLS
	client  *smtp.Client
	letters int         // that it has carried
	used    bool        // it waited for this letter
	over    bool        // it is out of step with its server
	rest    *time.Timer // ends it when nobody needs it
}

// fresh connects and signs in. Nothing that breaks here has sent a letter.
func (s *lanes) fresh(ctx context.Context, at laneKey) (*line, error) {
	l := &line{}
	stop := func() {}
	dial := func(_ context.Context, _, address string) (net.Conn, error) {
		conn, err := s.dial(ctx, address) // the library's own context ends before we have signed in
		if err != nil {
			return nil, err
		}
		l.conn = conn
		stop = l.until(ctx)
		if !at.implicit {
			return conn, nil
		}
		secure := tls.Client(conn, s.tls(at))
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		return secure, nil
	}
	options := []mail.Option{
		mail.WithDialContextFunc(dial), mail.WithTLSConfig(s.tls(at)), mail.WithHELO(at.helo),
		mail.WithTLSPolicy(mail.TLSMandatory), mail.WithPort(at.port), mail.WithTimeout(longest),
	}
	if at.implicit {
		options = append(options, mail.WithSSL())
	}
	client, err := mail.NewClient(at.host, options...)
	if err != nil {
		return nil, misconfigured("server_address", "The account's server or from address cannot be used.")
	}
	l.client, err = client.DialToSMTPClientWithContext(ctx)
	if err == nil {
		err = l.signIn(at)
	}
	stop()
	if err != nil {
		if l.conn != nil {
			_ = l.conn.Close() // it is given up; the error says why
		}
		return nil, refusedEntry(err)
	}
	return l, nil
}

// signIn tells the server who we are. The line is under TLS by now, so the password may be told as it is.
func (l *line) signIn(at laneKey) error {
	if at.username == "" {
		return nil
	}
	_, offered := l.client.Extension("AUTH")
	for _, way := range strings.Fields(offered) {
		switch way {
		case "PLAIN":
			return l.client.Auth(smtp.PlainAuth("", at.username, at.password, at.host, false))
		case "LOGIN":
			return l.client.Auth(smtp.LoginAuth(at.username, at.password, at.host, false))
		case "SCRAM-SHA-256":
			return l.client.Auth(smtp.ScramSHA256Auth(at.username, at.password))
		case "CRAM-MD5":
			return l.client.Auth(smtp.CRAMMD5Auth(at.username, at.password))
		}
	}
	return &channel.Rejected{Code: "no_sign_in", Reason: provider.BadCredentials, Words: "The server offers no way to sign in that paylink knows."}
}

// until makes the connection end with ctx, and gives what ends that.
func (l *line) until(ctx context.Context) (stop func()) {
	deadline, _ := ctx.Deadline()
	_ = l.conn.SetDeadline(deadline) // a connection that has none is closed and says so at its next use
	undo := context.AfterFunc(ctx, func() { _ = l.conn.SetDeadline(time.Unix(1, 0)) })
	return func() { undo() }
}

// hangUp ends a line: with a good-bye, which waits a short time, where the server can still be spoken to.
func (l *line) hangUp() {
	if !l.over {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		stop := l.until(ctx)
		defer stop()
		_ = l.client.Quit() // many servers just close
	}
	_ = l.conn.Close() // the line is of no use any more, whatever comes of it
}

// refusedEntry judges what went wrong before any letter: what does not speak TLS gets no password, a wrong
// certificate is for a person to mend, and everything else may be better in a moment.
func refusedEntry(err error) error {
	err = answered(err, channel.NotSent)
	var rejected *channel.Rejected
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &rejected):
		return err
	case strings.Contains(err.Error(), "does not support STARTTLS"):
		return &channel.Rejected{Code: "no_tls", Reason: provider.BadRequest, Words: "The server offers no TLS, so nothing was sent to it."}
	case errors.As(err, &certificate):
		return &channel.Rejected{Code: "bad_certificate", Reason: provider.BadRequest, Words: "The server's certificate is not for its name, or nobody known has signed it."}
	}
	return err
}
