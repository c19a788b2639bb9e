package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of argon2id, as OWASP's password storage page sets the least: 19 MiB, two passes.
const (
	argonMemory  = 19 * 1024 // KiB
	argonPasses  = 2
	argonThreads = 1
	saltSize     = 16
	hashSize     = 32
)

// nobody is the hash that a password is held against when no account has the address, so that both
// take the same time. No password has it.
var nobody = encodePHC(argonMemory, argonPasses, argonThreads, make([]byte, saltSize), make([]byte, hashSize))

// hashPassword gives the argon2id hash of a password in PHC format.
func (a *Access) hashPassword(ctx context.Context, password string) (string, error) {
	if err := a.enterHashing(ctx); err != nil {
		return "", err
	}
	defer a.leaveHashing()
	salt := make([]byte, saltSize)
	rand.Read(salt)
	hash := argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonThreads, hashSize)
	return encodePHC(argonMemory, argonPasses, argonThreads, salt, hash), nil
}

// passwordMatches holds a password against a hash in PHC format. A hash that cannot be read is an
// error, not a mismatch.
func (a *Access) passwordMatches(ctx context.Context, phc, password string) (bool, error) {
	memory, passes, threads, salt, want, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	if err := a.enterHashing(ctx); err != nil {
		return false, err
	}
	defer a.leaveHashing()
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func (a *Access) enterHashing(ctx context.Context) error {
	select {
	case a.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *Access) leaveHashing() { <-a.hashing }

func encodePHC(memory, passes uint32, threads uint8, salt, hash []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads, b64(salt), b64(hash))
}

func parsePHC(phc string) (memory, passes uint32, threads uint8, salt, hash []byte, err error) {
	parts := strings.Split(phc, "$")
	var version int
	if len(parts) == 6 && parts[0] == "" && parts[1] == "argon2id" {
		_, err = fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &threads)
		if err == nil {
			salt, err = base64.RawStdEncoding.DecodeString(parts[4])
		}
		if err == nil {
			hash, err = base64.RawStdEncoding.DecodeString(parts[5])
		}
	}
	if err != nil || version != argon2.Version || len(salt) < 8 || len(hash) < 16 || passes == 0 || threads == 0 || memory > 1<<20 {
		return 0, 0, 0, nil, nil, fmt.Errorf("the stored password is not argon2id in PHC format")
	}
	return memory, passes, threads, salt, hash, nil
}
