package paylink

import "time"

// APIKey lets a program act for a merchant in one mode. Only the secret's hash is kept.
type APIKey struct {
	ID         KeyID
	Merchant   MerchantID
	Live       bool
	Name       string
	Prefix     string // "sk_test_ab12": enough to recognise it
	Hash       []byte // SHA-256 of the whole secret, which has 256 random bits
	CreatedAt  time.Time
	LastUsedAt time.Time
	RevokedAt  time.Time
}

// Staff is a person who signs in to the merchant's dashboard.
type Staff struct {
	ID        StaffID
	Merchant  MerchantID
	Email     string // in lower case
	Password  string // argon2id, in PHC format
	CreatedAt time.Time
}

// Session is a signed-in browser. Only the token's hash is kept.
type Session struct {
	Hash      []byte
	Staff     StaffID
	Merchant  MerchantID
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}
