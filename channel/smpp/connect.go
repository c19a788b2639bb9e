package smpp

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/time/rate"

	"paylink/outbound"
)

// open connects and binds. The error is a *Rejected, or *Broken and NotSent: nothing was submitted.
func open(ctx context.Context, client *outbound.Client, s settings) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, responseTimeout)
	defer cancel()
	conn, err := client.Dial(ctx, s.address)
	if err != nil {
		return nil, err
	}
	if s.encrypted {
		secure := tls.Client(conn, s.tls())
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, notSent(fmt.Errorf("agree on TLS: %w", err))
		}
		conn = secure
	}
	n := &session{
		conn: conn, in: bufio.NewReaderSize(conn, 16<<10), window: make(chan struct{}, s.window), pace: rate.NewLimiter(rate.Inf, 1),
		waiting: map[uint32]*call{}, ended: make(chan struct{}),
	}
	if s.perSecond > 0 {
		n.pace = rate.NewLimiter(rate.Limit(s.perSecond), 1+s.perSecond/20)
	}
	if err := n.bind(ctx, s); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return n, nil
}

// tls trusts the system's authorities, or just the one certificate that the account names.
func (s settings) tls() *tls.Config {
	c := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	if s.pin != "" {
		c.InsecureSkipVerify = true // instead of the chain, the certificate itself is compared
		c.VerifyConnection = func(state tls.ConnectionState) error {
			sum := sha256.Sum256(state.PeerCertificates[0].Raw)
			if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(s.pin)) != 1 {
				return errors.New("the operator's certificate is not the one of the account")
			}
			return nil
		}
	}
	return c
}

// bind asks to be a transceiver and reads the answer, before anybody else reads.
func (n *session) bind(ctx context.Context, s settings) error {
	stop := context.AfterFunc(ctx, func() { _ = n.conn.Close() })
	defer stop()
	n.sequence = 1
	request := pdu{command: bindTransceiver, sequence: n.sequence, body: credentials(s.systemID, s.password, s.systemType)}
	if _, err := n.conn.Write(request.bytes()); err != nil {
		return notSent(fmt.Errorf("bind: %w", err))
	}
	for {
		p, err := readPDU(n.in)
		switch {
		case err != nil:
			return notSent(fmt.Errorf("bind: %w", err))
		case p.command == genericNack, p.command == bindTransceiver|response && p.status != statusOK:
			return rejected(p.status, false, "")
		case p.command == bindTransceiver|response:
			return nil
		}
	}
}
