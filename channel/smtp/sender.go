// Package smtp is the channel adapter for e-mail: it submits letters to any mail server by SMTP, signs them
// with DKIM, and reads the bounces and complaints that come back.
//
// It is for dispatch, through the port channel.Sender, and for whoever pipes returned mail to the door for
// receipts (see docs/email.md). It leaves the words of letters to locale, what follows from a bounce to
// dispatch, and the safety of the destination to outbound.
package smtp

import (
	"context"
	"errors"
	"fmt"

	"paylink"
	"paylink/channel"
	"paylink/outbound"
)

// Sender submits by SMTP. Make it with New.
type Sender struct{ lanes lanes }

// New makes an adapter that connects by client. Close it when done.
func New(client *outbound.Client) *Sender {
	return &Sender{lanes: lanes{dial: client.Dial, of: map[laneKey]*lane{}}}
}

// Close ends the connections that wait for the next letter.
func (s *Sender) Close() { s.lanes.close() }

// Capabilities says what mail can do: a server takes the same letter twice, and nobody knows who read.
func (s *Sender) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Name: "smtp", Title: "E-mail (SMTP)", Channels: []paylink.Channel{paylink.ChannelEmail}, Fields: fields(),
		Schemes: map[string]string{"smtp": "587", "smtps": "465"},
		Judge:   "aiosmtpd as the server, mailauth for signatures, returned mail of sixteen real servers",
	}
}

// Send submits one letter. What the server answers before it has the whole letter is certain; when the
// connection breaks after that, nobody knows.
func (s *Sender) Send(ctx context.Context, a channel.Account, l channel.Letter) (channel.Sent, error) {
	reference, err := s.submit(ctx, a, l)
	if err != nil {
		return channel.Sent{}, fmt.Errorf("send %s: %w", l.ID, err)
	}
	return channel.Sent{Reference: reference}, nil
}

func (s *Sender) submit(ctx context.Context, a channel.Account, l channel.Letter) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", &channel.Broken{When: channel.NotSent, Err: err}
	}
	e, err := seal(a, l)
	if err != nil {
		return "", err
	}
	at, err := serverOf(a)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	for {
		line, err := s.lanes.take(ctx, at)
		if err != nil {
			return "", err
		}
		err = line.carry(ctx, e)
		s.lanes.give(at, line)
		if line.used && stale(err) {
			continue // it had ended while it waited, and the server has heard nothing; a new one takes its place
		}
		return e.id, err
	}
}

// Test signs in and leaves again, without a letter.
func (s *Sender) Test(ctx context.Context, a channel.Account) error {
	at, err := serverOf(a)
	if err == nil {
		_, err = keysOf(a)
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	line, err := s.lanes.fresh(ctx, at)
	if err != nil {
		return err
	}
	line.hangUp()
	return nil
}

// envelope is a letter as the server gets it.
type envelope struct {
	id       string // its Message-ID, without the brackets
	from, to string // of the envelope
	data     []byte // header and body, signed, with CRLF
}

// carry hands one letter to the server on an open line. The server answers for a letter after the dot that
// ends it: what breaks before that was not sent.
func (l *line) carry(ctx context.Context, e envelope) error {
	stop := l.until(ctx)
	defer stop()
	err := l.offer(e)
	var rejected *channel.Rejected
	if err != nil {
		l.over = !errors.As(err, &rejected) || l.client.Reset() != nil
	}
	return err
}

func (l *line) offer(e envelope) error {
	l.client.SkipSMTPUTF8(ascii(e.from + e.to))
	if err := l.client.Mail("<" + e.from + ">"); err != nil {
		if closing(err) && l.used {
			return notSent(err) // it only says that the line has waited too long
		}
		return answered(err, channel.NotSent)
	}
	if err := l.client.Rcpt("<" + e.to + ">"); err != nil {
		return answered(err, channel.NotSent)
	}
	body, err := l.client.Data()
	if err != nil {
		return answered(err, channel.NotSent)
	}
	l.letters++
	// The lines wait in a buffer, so that a part of them that fails to leave has no dot behind it.
	if _, err := body.Write(e.data); err != nil {
		return answered(err, channel.NotSent)
	}
	return answered(body.Close(), channel.Unknown)
}

// stale tells whether a call broke before the server heard of a letter.
func stale(err error) bool {
	var broken *channel.Broken
	return errors.As(err, &broken) && broken.When == channel.NotSent && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled)
}
