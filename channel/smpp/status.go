package smpp

import (
	"fmt"
	"time"

	"paylink/channel"
	"paylink/provider"
)

// The command_status values that something here decides on.
const (
	statusOK        uint32 = 0x00
	statusUnknownID uint32 = 0x03 // ESME_RINVCMDID, for a command that we do not know
	statusThrottled uint32 = 0x58
	statusRetry     uint32 = 0x64 // ESME_RX_T_APPN: deliver it again later
	statusRefused   uint32 = 0x65 // ESME_RX_P_APPN: do not
)

// verdict is what a command_status means.
type verdict struct {
	name      string
	reason    provider.Reason
	temporary bool
	after     time.Duration
}

// verdicts are the values of SMPP 3.4, section 5.1.3, that a bind or a submit can end with.
var verdicts = map[uint32]verdict{
	0x01: {"ESME_RINVMSGLEN", provider.BadRequest, false, 0},
	0x02: {"ESME_RINVCMDLEN", provider.BadRequest, false, 0},
	0x03: {"ESME_RINVCMDID", provider.BadRequest, false, 0},
	0x04: {"ESME_RINVBNDSTS", provider.ProviderDown, true, time.Second},
	0x05: {"ESME_RALYBND", provider.ProviderDown, true, time.Minute},
	0x06: {"ESME_RINVPRTFLG", provider.BadRequest, false, 0},
	0x07: {"ESME_RINVREGDLVFLG", provider.BadRequest, false, 0},
	0x08: {"ESME_RSYSERR", provider.ProviderDown, true, 5 * time.Second},
	0x0a: {"ESME_RINVSRCADR", provider.BadRequest, false, 0},
	0x0b: {"ESME_RINVDSTADR", provider.InvalidAddress, false, 0},
	0x0c: {"ESME_RINVMSGID", provider.BadRequest, false, 0},
	0x0d: {"ESME_RBINDFAIL", provider.BadCredentials, false, 0},
	0x0e: {"ESME_RINVPASWD", provider.BadCredentials, false, 0},
	0x0f: {"ESME_RINVSYSID", provider.BadCredentials, false, 0},
	0x14: {"ESME_RMSGQFUL", provider.Throttled, true, 5 * time.Second},
	0x15: {"ESME_RINVSERTYP", provider.BadRequest, false, 0},
	0x43: {"ESME_RINVESMCLASS", provider.BadRequest, false, 0},
	0x45: {"ESME_RSUBMITFAIL", provider.ProviderDown, false, 0},
	0x48: {"ESME_RINVSRCTON", provider.BadRequest, false, 0},
	0x49: {"ESME_RINVSRCNPI", provider.BadRequest, false, 0},
	0x50: {"ESME_RINVDSTTON", provider.BadRequest, false, 0},
	0x51: {"ESME_RINVDSTNPI", provider.BadRequest, false, 0},
	0x53: {"ESME_RINVSYSTYP", provider.BadCredentials, false, 0},
	0x58: {"ESME_RTHROTTLED", provider.Throttled, true, time.Second},
	0x61: {"ESME_RINVSCHED", provider.BadRequest, false, 0},
	0x62: {"ESME_RINVEXPIRY", provider.BadRequest, false, 0},
	0x64: {"ESME_RX_T_APPN", provider.ProviderDown, true, 5 * time.Second},
	0x65: {"ESME_RX_P_APPN", provider.ProviderDown, false, 0},
	0x66: {"ESME_RX_R_APPN", provider.Blocked, false, 0},
	0xc0: {"ESME_RINVOPTPARSTREAM", provider.BadRequest, false, 0},
	0xc1: {"ESME_ROPTPARNOTALLWD", provider.BadRequest, false, 0},
	0xc2: {"ESME_RINVPARLEN", provider.BadRequest, false, 0},
	0xc3: {"ESME_RMISSINGOPTPARAM", provider.BadTemplate, false, 0},
	0xc4: {"ESME_RINVOPTPARAMVAL", provider.BadTemplate, false, 0},
	0xfe: {"ESME_RDELIVERYFAILURE", provider.Unreachable, false, 0},
	0xff: {"ESME_RUNKNOWNERR", provider.ProviderDown, false, 0},
}

// rejected is a command_status as an error. Operators put what their filters say into the vendor's range:
// with a registered template it is about the template, without one about the letter. What nobody has
// defined refuses for good, because a repetition would be answered in the same way.
func rejected(status uint32, templated bool, words string) *channel.Rejected {
	v, known := verdicts[status]
	switch {
	case known:
	case status >= 0x400 && status <= 0x4ff && templated:
		v = verdict{name: fmt.Sprintf("status_0x%04x", status), reason: provider.BadTemplate}
	case status >= 0x400 && status <= 0x4ff:
		v = verdict{name: fmt.Sprintf("status_0x%04x", status), reason: provider.Blocked}
	default:
		v = verdict{name: fmt.Sprintf("status_0x%04x", status), reason: provider.BadRequest}
	}
	return &channel.Rejected{Code: v.name, Reason: v.reason, Temporary: v.temporary, After: v.after, Words: provider.SafeWords(words)}
}
