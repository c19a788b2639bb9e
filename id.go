package paylink

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"
)

// Ids are tagged by kind, sort by the time they were made, and are safe to log.
type (
	MerchantID string
	CustomerID string
	LinkID     string
	PaymentID  string
	MessageID  string
	EventID    string
	EndpointID string
	DeliveryID string
	KeyID      string
	StaffID    string
	NoticeID   string
	JobID      string
	AccountID  string
	BulkID     string
	TemplateID string

	AttachmentID string

	DiscountCodeID string

	RefundID      string
	RefundBatchID string
	DisputeID     string

	SuppressionID     string
	MessageTemplateID string
	ConsentID         string

	DeviceID    string
	InboxItemID string

	EntryID string
)

// The tag of each kind of id, without the underscore.
const (
	tagMerchant = "mer"
	tagCustomer = "cust"
	tagLink     = "plink"
	tagPayment  = "pay"
	tagMessage  = "msg"
	tagEvent    = "evt"
	tagEndpoint = "we"
	tagDelivery = "whd"
	tagKey      = "key"
	tagStaff    = "usr"
	tagNotice   = "ntc"
	tagJob      = "job"
	tagAccount  = "acct"
	tagBulk     = "bulk"
	tagTemplate = "tmpl"

	tagAttachment = "att"

	tagDiscountCode = "disc"

	tagRefund      = "rfnd"
	tagRefundBatch = "rfnb"
	tagDispute     = "dspt"

	tagSuppression     = "supp"
	tagMessageTemplate = "mtmpl"
	tagConsent         = "cons"

	tagDevice    = "dev"
	tagInboxItem = "item"

	tagEntry = "entry"
)

func NewMerchantID(now time.Time) MerchantID     { return MerchantID(newID(tagMerchant, now)) }
func NewCustomerID(now time.Time) CustomerID     { return CustomerID(newID(tagCustomer, now)) }
func NewLinkID(now time.Time) LinkID             { return LinkID(newID(tagLink, now)) }
func NewPaymentID(now time.Time) PaymentID       { return PaymentID(newID(tagPayment, now)) }
func NewMessageID(now time.Time) MessageID       { return MessageID(newID(tagMessage, now)) }
func NewEventID(now time.Time) EventID           { return EventID(newID(tagEvent, now)) }
func NewEndpointID(now time.Time) EndpointID     { return EndpointID(newID(tagEndpoint, now)) }
func NewDeliveryID(now time.Time) DeliveryID     { return DeliveryID(newID(tagDelivery, now)) }
func NewKeyID(now time.Time) KeyID               { return KeyID(newID(tagKey, now)) }
func NewStaffID(now time.Time) StaffID           { return StaffID(newID(tagStaff, now)) }
func NewNoticeID(now time.Time) NoticeID         { return NoticeID(newID(tagNotice, now)) }
func NewJobID(now time.Time) JobID               { return JobID(newID(tagJob, now)) }
func NewAccountID(now time.Time) AccountID       { return AccountID(newID(tagAccount, now)) }
func NewTemplateID(now time.Time) TemplateID     { return TemplateID(newID(tagTemplate, now)) }
func NewAttachmentID(now time.Time) AttachmentID { return AttachmentID(newID(tagAttachment, now)) }
func NewBulkID(now time.Time) BulkID             { return BulkID(newID(tagBulk, now)) }

func NewDiscountCodeID(now time.Time) DiscountCodeID {
	return DiscountCodeID(newID(tagDiscountCode, now))
}

func NewMessageTemplateID(now time.Time) MessageTemplateID {
	return MessageTemplateID(newID(tagMessageTemplate, now))
}

func NewConsentID(now time.Time) ConsentID { return ConsentID(newID(tagConsent, now)) }

func NewRefundID(now time.Time) RefundID { return RefundID(newID(tagRefund, now)) }

func NewDisputeID(now time.Time) DisputeID { return DisputeID(newID(tagDispute, now)) }

func NewRefundBatchID(now time.Time) RefundBatchID {
	return RefundBatchID(newID(tagRefundBatch, now))
}

func NewSuppressionID(now time.Time) SuppressionID {
	return SuppressionID(newID(tagSuppression, now))
}

func NewDeviceID(now time.Time) DeviceID       { return DeviceID(newID(tagDevice, now)) }
func NewInboxItemID(now time.Time) InboxItemID { return InboxItemID(newID(tagInboxItem, now)) }

func NewEntryID(now time.Time) EntryID { return EntryID(newID(tagEntry, now)) }

// idLetters is Crockford's base32 in lower case: it keeps the order of the bytes that it writes.
const idLetters = "0123456789abcdefghjkmnpqrstvwxyz"

var idAlphabet = base32.NewEncoding(idLetters).WithPadding(base32.NoPadding)

// newID writes 48 bits of milliseconds and 80 random bits as 26 characters behind the tag.
func newID(tag string, now time.Time) string {
	var b [16]byte
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	rand.Read(b[6:]) // never fails since Go 1.24
	return tag + "_" + idAlphabet.EncodeToString(b[:])
}

// EntryIDFrom is the lowest id that an entry of that time or a later one can have, to the millisecond.
func EntryIDFrom(at time.Time) EntryID { return EntryID(idFrom(tagEntry, at)) }

// PaymentIDFrom is the same for payments.
func PaymentIDFrom(at time.Time) PaymentID { return PaymentID(idFrom(tagPayment, at)) }

func idFrom(tag string, at time.Time) string {
	var b [16]byte
	for i, ms := 0, uint64(max(0, at.UnixMilli())); i < 6; i++ {
		b[i] = byte(ms >> (40 - 8*i))
	}
	return tag + "_" + idAlphabet.EncodeToString(b[:])
}

// MadeAt tells when an id was made, to the millisecond; the zero time when the text is no id.
func MadeAt[ID ~string](id ID) time.Time {
	_, rest, _ := strings.Cut(string(id), "_")
	b, err := idAlphabet.DecodeString(rest)
	if err != nil || len(b) != 16 {
		return time.Time{}
	}
	var ms int64
	for _, digit := range b[:6] {
		ms = ms<<8 | int64(digit)
	}
	return time.UnixMilli(ms).UTC()
}

// NewPaymentReference makes the 20 characters of A–Z and 0–9 that every gateway is given as its
// order id: 100 random bits, the first key of reconciliation.
func NewPaymentReference() string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	var b [20]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b[:])
}

// HasTag tells whether an id that came from outside is of the kind that the tag names and could be
// one of ours; it spares the database a look-up.
func HasTag(id, tag string) bool {
	rest, ok := strings.CutPrefix(id, tag+"_")
	if !ok || len(rest) != 26 {
		return false
	}
	return strings.Trim(rest, idLetters) == ""
}
