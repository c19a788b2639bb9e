package access

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"paylink"
	"paylink/store"
)

// SessionLife is how long a session lasts, however much it is used.
const SessionLife = 12 * time.Hour

const (
	leastPassword = 10 // characters
	mostPassword  = 200
	mostEmail     = 254
)

var (
	errSignIn     = &paylink.Refused{Code: "bad_credentials", Detail: "The e-mail address or the password is wrong."}
	errNoSession  = &paylink.Refused{Code: "no_session", Detail: "Nobody is signed in."}
	errSessionOld = &paylink.Expired{Code: "session_expired", Detail: "The session has ended. Sign in again."}
)

// NewStaff makes a person who may sign in, for InsertStaff. The error is *paylink.Invalid when the
// address cannot be one, or the password has fewer than 10 or more than 200 characters.
func (a *Access) NewStaff(ctx context.Context, merchant paylink.MerchantID, email, password string) (paylink.Staff, error) {
	wrong := &paylink.Invalid{}
	email = lowerEmail(email)
	if address, err := mail.ParseAddress(email); err != nil || address.Address != email || len(email) > mostEmail {
		wrong.Add("/email", "bad_email", "This is not an e-mail address.")
	}
	if n := utf8.RuneCountInString(password); n < leastPassword {
		wrong.Add("/password", "too_short", fmt.Sprintf("A password has at least %d characters.", leastPassword))
	} else if n > mostPassword {
		wrong.Add("/password", "too_long", fmt.Sprintf("A password has at most %d characters.", mostPassword))
	}
	if err := wrong.OrNil(); err != nil {
		return paylink.Staff{}, err
	}
	hash, err := a.hashPassword(ctx, password)
	if err != nil {
		return paylink.Staff{}, fmt.Errorf("make staff for %s: %w", merchant, err)
	}
	now := a.Now()
	return paylink.Staff{ID: paylink.NewStaffID(now), Merchant: merchant, Email: email, Password: hash, CreatedAt: now.UTC().Truncate(time.Microsecond)}, nil
}

// SignIn checks an address and a password and opens a session, whose token goes into a cookie and is
// kept nowhere. old is the token that the browser carried before, if any: its session ends, so that
// nobody can have planted it. ip is the client's, for the count of failures.
//
// A wrong address and a wrong password are the same *paylink.Refused "bad_credentials" after the same
// time. After several failures for the account or from the address it is "too_many_attempts" for a
// while that grows, whether or not the password is right.
func (a *Access) SignIn(ctx context.Context, email, password, ip, old string) (token string, s paylink.Session, err error) {
	email = lowerEmail(email)
	if len(email) > mostEmail || utf8.RuneCountInString(password) > mostPassword {
		return "", s, errSignIn // no account can have these, which the caller knows as well
	}
	// The failure is counted before the password is looked at, so that a hundred guesses at once are
	// a hundred guesses.
	if err := a.countAttempt(ctx, email, ip); err != nil {
		return "", s, err
	}
	who, err := a.Store.Read(ctx).StaffByEmail(email)
	unknown := paylink.IsNotFound(err)
	if err != nil && !unknown {
		return "", s, fmt.Errorf("sign in: %w", err)
	}
	phc := who.Password
	if unknown {
		phc = nobody
	}
	matches, err := a.passwordMatches(ctx, phc, password)
	if err != nil {
		return "", s, fmt.Errorf("sign in %s: %w", who.ID, err)
	}
	if unknown || !matches {
		return "", s, errSignIn
	}
	return a.open(ctx, who, ip, old)
}

// open begins a session and takes the attempt back that countAttempt counted.
func (a *Access) open(ctx context.Context, who paylink.Staff, ip, old string) (string, paylink.Session, error) {
	token, now := randomText(), a.Now().UTC().Truncate(time.Microsecond)
	s := paylink.Session{Hash: sessionHash(token), Staff: who.ID, Merchant: who.Merchant, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(SessionLife)}
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		if err := takeBack(tx, who.Email, ip, now); err != nil {
			return err
		}
		if old != "" {
			tx.DeleteSession(sessionHash(old))
		}
		tx.InsertSession(s)
		return nil
	})
	if err != nil {
		return "", paylink.Session{}, fmt.Errorf("open a session for %s: %w", who.ID, err)
	}
	a.Log.Info("access.signed_in", "merchant", who.Merchant, "staff", who.ID)
	return token, s, nil
}

// Session tells whose session a token is. The error is *paylink.Refused "no_session" for a token that
// is not ours or was signed out, *paylink.Expired "session_expired" after twelve hours.
func (a *Access) Session(ctx context.Context, token string) (paylink.Session, error) {
	if token == "" || len(token) > 100 {
		return paylink.Session{}, errNoSession
	}
	s, err := a.Store.Read(ctx).Session(sessionHash(token))
	switch {
	case paylink.IsNotFound(err):
		return paylink.Session{}, errNoSession
	case err != nil:
		return paylink.Session{}, fmt.Errorf("read a session: %w", err)
	case !a.Now().Before(s.ExpiresAt):
		return paylink.Session{}, errSessionOld
	}
	return s, nil
}

// SignOut ends the session of a token, if there is one.
func (a *Access) SignOut(ctx context.Context, token string) error {
	err := a.Store.Write(ctx, func(tx *store.Tx) error {
		tx.DeleteSession(sessionHash(token))
		return nil
	})
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

func sessionHash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

func lowerEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
