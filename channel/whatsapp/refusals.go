package whatsapp

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"paylink/channel"
	"paylink/outbound"
	"paylink/provider"
)

// graphError is an error as the API answers and posts it. Meta asks to judge by code and details, never
// by the title or the status of the answer.
type graphError struct {
	Code    int64  `json:"code"`
	Title   string `json:"title"`
	Message string `json:"message"`
	Data    struct {
		Details string `json:"details"`
	} `json:"error_data"`
}

// refusal is what a code means.
type refusal struct {
	reason    provider.Reason
	temporary bool
	after     time.Duration // how long Meta asks to wait; 0: not told
}

// refusals are Meta's codes in our words, from its table of Cloud API error codes.
//
// The waits: one message every 6 s may go to one person (131056); a number has its messages counted by
// the second (130429; the first wait that is not one of a second in Meta's 4^n); apps and business
// accounts by the hour (4, 80007), of which a twelfth is waited; how much a number may send is judged
// anew over longer times (131048).
var refusals = map[int64]refusal{
	1: {provider.ProviderDown, true, 0}, 2: {provider.ProviderDown, true, 0},
	131000: {provider.ProviderDown, true, 0}, 131016: {provider.ProviderDown, true, 0},
	131057: {provider.ProviderDown, true, time.Minute}, // while its throughput is raised

	0: {provider.BadCredentials, false, 0}, 3: {provider.BadCredentials, false, 0}, 10: {provider.BadCredentials, false, 0},
	33: {provider.BadCredentials, false, 0}, 190: {provider.BadCredentials, false, 0}, 803: {provider.BadCredentials, false, 0},
	131005: {provider.BadCredentials, false, 0}, 131045: {provider.BadCredentials, false, 0}, 133010: {provider.BadCredentials, false, 0},

	4: {provider.Throttled, true, 5 * time.Minute}, 80007: {provider.Throttled, true, 5 * time.Minute},
	130429: {provider.Throttled, true, 4 * time.Second}, 131056: {provider.Throttled, true, 6 * time.Second},
	131048: {provider.Throttled, true, time.Hour}, 133016: {provider.Throttled, true, time.Hour},

	368: {provider.Blocked, false, 0}, 130472: {provider.Blocked, false, 0}, 131031: {provider.Blocked, false, 0},
	131049: {provider.Blocked, false, 0}, // to send it again at once makes it worse
	131050: {provider.OptedOut, false, 0},
	131026: {provider.NotOnChannel, false, 0},
	131021: {provider.InvalidAddress, false, 0}, // the merchant's own number
	131042: {provider.NoBalance, false, 0},

	131047: {provider.BadTemplate, false, 0}, // free text, and the customer did not write within 24 hours
	132000: {provider.BadTemplate, false, 0}, 132001: {provider.BadTemplate, false, 0}, 132005: {provider.BadTemplate, false, 0},
	132007: {provider.BadTemplate, false, 0}, 132012: {provider.BadTemplate, false, 0}, 132015: {provider.BadTemplate, false, 0},
	132016: {provider.BadTemplate, false, 0}, 132018: {provider.BadTemplate, false, 0},

	100: {provider.BadRequest, false, 0}, 131008: {provider.BadRequest, false, 0}, 131009: {provider.BadRequest, false, 0},
	131030: {provider.BadRequest, false, 0}, // a test number speaks to a list of numbers only
	131051: {provider.BadRequest, false, 0},
}

// meaning gives what a code means, by its family where it is not listed itself.
func meaning(code int64) (refusal, bool) {
	r, known := refusals[code]
	switch {
	case known:
	case code >= 200 && code <= 299:
		r, known = refusal{reason: provider.BadCredentials}, true // permissions
	case code >= 132000 && code <= 132999:
		r, known = refusal{reason: provider.BadTemplate}, true
	}
	return r, known
}

// ending is how a call ended that was answered with the error.
func (e graphError) ending(res outbound.Response) error {
	r, known := meaning(e.Code)
	if res.Status >= 500 && (!known || r.reason == provider.ProviderDown) {
		return unknown("the API broke down: " + e.code()) // before or after it took the message: nobody knows
	}
	if !known {
		r.reason = provider.BadRequest
		if res.Status == 429 {
			r = refusal{reason: provider.Throttled, temporary: true}
		}
	}
	return &channel.Rejected{
		Code: e.code(), Reason: r.reason, Temporary: r.temporary, After: cmp.Or(provider.RetryAfter(res.Header), r.after), Words: e.words(),
	}
}

// code is the error's number as our logs keep codes: a number alone could be somebody's.
func (e graphError) code() string {
	return provider.SafeCode("wa_"+strconv.FormatInt(e.Code, 10), "unknown")
}

// words are Meta's most telling ones, without the number that it writes before them.
func (e graphError) words() string {
	said := cmp.Or(e.Data.Details, e.Message, e.Title)
	if rest, found := strings.CutPrefix(said, "(#"); found {
		if _, after, closed := strings.Cut(rest, ") "); closed {
			said = after
		}
	}
	return provider.SafeWords(said)
}
