package pushwire

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"maps"
	"sync"
	"time"

	"paylink/provider"
)

// Kept holds one token for each set of credentials, until it is old. Its zero value is empty. It may be
// used by many goroutines at once: a token that is not there is made once, while the others wait.
type Kept struct {
	mu    sync.Mutex
	slots map[Credentials]*slot
}

// Credentials are a digest of everything that a token is made from, so that changed ones need a new token.
type Credentials [sha256.Size]byte

// Digest is the credentials of an account with what else goes into its tokens.
func Digest(a provider.Account, more ...string) Credentials {
	h := sha256.New()
	for _, part := range append([]string{string(a.ID), a.Secret}, more...) {
		sum := sha256.Sum256([]byte(part))
		h.Write(sum[:])
	}
	return Credentials(h.Sum(nil))
}

type slot struct {
	turn  chan struct{} // holds one while somebody reads or makes the token
	token string
	until time.Time
}

// maxSlots bounds what is kept; beyond it, tokens that are old go first, then all.
const maxSlots = 10_000

// Get gives the kept token, or the one that made gives, which is good until then. fresh tells that it was
// made just now. The error is that of ctx, while somebody else makes the token, or made's.
func (k *Kept) Get(ctx context.Context, c Credentials, now time.Time, made func() (token string, until time.Time, err error)) (token string, fresh bool, err error) {
	s := k.slot(c, now)
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return "", false, &provider.Broken{When: provider.NotSent, Err: ctx.Err()}
	}
	defer func() { <-s.turn }()
	if s.token != "" && now.Before(s.until) {
		return s.token, false, nil
	}
	if s.token, s.until, err = made(); err != nil {
		s.token = ""
		return "", false, err
	}
	return s.token, true, nil
}

// Forget drops a token that the service no longer takes, unless there is a newer one.
func (k *Kept) Forget(c Credentials, token string) {
	k.mu.Lock()
	s := k.slots[c]
	k.mu.Unlock()
	if s == nil {
		return
	}
	s.turn <- struct{}{}
	if subtle.ConstantTimeCompare([]byte(s.token), []byte(token)) == 1 {
		s.token = ""
	}
	<-s.turn
}

func (k *Kept) slot(c Credentials, now time.Time) *slot {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.slots[c]
	if s == nil {
		if len(k.slots) >= maxSlots {
			k.thin(now)
		}
		if k.slots == nil {
			k.slots = map[Credentials]*slot{}
		}
		s = &slot{turn: make(chan struct{}, 1)}
		k.slots[c] = s
	}
	return s
}

// thin makes room. A slot that is in use at this moment is no longer found afterwards, and ends with its
// users.
func (k *Kept) thin(now time.Time) {
	maps.DeleteFunc(k.slots, func(_ Credentials, s *slot) bool {
		select {
		case s.turn <- struct{}{}:
			defer func() { <-s.turn }()
			return !now.Before(s.until)
		default:
			return false
		}
	})
	if len(k.slots) >= maxSlots {
		clear(k.slots)
	}
}
