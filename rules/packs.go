package rules

import (
	"time"

	"paylink"
)

// Pack is what the law of one country says about when a customer may be written to, as data. Only messages
// of its purpose to customers of its country are held by it.
type Pack struct {
	Name    string // "in_recovery", the reason that a message is held for
	Country string // ISO 3166, of the customer
	Purpose paylink.Purpose
	From    string // messages go out from this time on, by the customer's clock
	To      string // and up to this one
	Cap     Cap    // zero: none
	Source  string // where the rule stands
	Seen    string // where it was read, and how sure that is
}

// Cap is how many messages of one purpose a customer may get on one channel within a span of time.
type Cap struct {
	Most int
	Span time.Duration
}

const week = 7 * 24 * time.Hour

// Packs are the laws that are known here. They are no legal advice: the source says where to read them, and
// a merchant can be stricter by its own settings.
var Packs = []Pack{
	{
		Name: "in_recovery", Country: "IN", Purpose: paylink.PurposeRecovery, From: "08:00", To: "19:00",
		Source: "Reserve Bank of India, circular on recovery agents of 12 August 2022: no contact for recovery before 8 in the morning or after 7 in the evening",
		Seen:   "reported by the press, the circular itself was not read; a draft of 12 February 2026 adds recording and certification and was not final",
	},
	{
		Name: "us_recovery", Country: "US", Purpose: paylink.PurposeRecovery, From: "08:00", To: "21:00", Cap: Cap{7, week},
		Source: "12 CFR 1006 (Regulation F), 1006.6(b)(1) inconvenient times by the consumer's local time, 1006.14(b)(2) seven within seven days",
		Seen:   "secondary pages; the seven are of calls, and kept for messages here too",
	},
	{
		Name: "in_promotional", Country: "IN", Purpose: paylink.PurposePromotional, From: "10:00", To: "21:00",
		Source: "TRAI, TCCCPR 2018: promotional messages from 10 in the morning to 9 in the evening",
		Seen:   "a provider's documentation of the rule",
	},
}
