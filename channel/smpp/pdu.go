package smpp

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The commands of SMPP 3.4, section 5.1.2.1, that a transceiver meets. A response is its request's id
// with the top bit set.
const (
	bindTransceiver uint32 = 0x09
	submitSM        uint32 = 0x04
	deliverSM       uint32 = 0x05
	unbind          uint32 = 0x06
	enquireLink     uint32 = 0x15
	alert           uint32 = 0x102 // alert_notification, which has no response
	outbind         uint32 = 0x0b  // nor has this
	response        uint32 = 0x80000000
	genericNack            = response
)

const (
	headerSize = 16
	maxPDU     = 70_000 // a message_payload of 64 KiB, and what stands around it
)

// errWire is wrapped when what came is not SMPP; the connection cannot be read any further.
var errWire = errors.New("not SMPP")

// pdu is one protocol data unit: 5.1 of the standard.
type pdu struct {
	command, status, sequence uint32
	body                      []byte
}

// readPDU reads the next unit. It allocates for no more than maxPDU, whatever the length says.
func readPDU(r *bufio.Reader) (pdu, error) {
	var head [headerSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return pdu{}, err
	}
	length := binary.BigEndian.Uint32(head[:])
	if length < headerSize || length > maxPDU {
		return pdu{}, fmt.Errorf("%w: a unit of %d bytes", errWire, length)
	}
	p := pdu{
		command: binary.BigEndian.Uint32(head[4:]), status: binary.BigEndian.Uint32(head[8:]),
		sequence: binary.BigEndian.Uint32(head[12:]), body: make([]byte, length-headerSize),
	}
	if _, err := io.ReadFull(r, p.body); err != nil {
		return pdu{}, err
	}
	return p, nil
}

// bytes is the unit on the wire.
func (p pdu) bytes() []byte {
	out := make([]byte, 0, headerSize+len(p.body))
	out = binary.BigEndian.AppendUint32(out, uint32(headerSize+len(p.body)))
	out = binary.BigEndian.AppendUint32(out, p.command)
	out = binary.BigEndian.AppendUint32(out, p.status)
	out = binary.BigEndian.AppendUint32(out, p.sequence)
	return append(out, p.body...)
}

// answer is the response to a request.
func (p pdu) answer(status uint32) pdu {
	r := pdu{command: p.command | response, status: status, sequence: p.sequence}
	if p.command == deliverSM {
		r.body = []byte{0} // message_id, unused and empty
	}
	return r
}

// address is a phone number or name with its type of number and numbering plan.
type address struct {
	ton, npi byte
	number   string
}

// The optional parameters that this adapter knows: 5.3.2.
const (
	tagStatusText      uint16 = 0x001d // additional_status_info_text
	tagReceiptedID     uint16 = 0x001e // receipted_message_id
	tagPayload         uint16 = 0x0424 // message_payload
	tagFailureReason   uint16 = 0x0425 // delivery_failure_reason
	tagMessageState    uint16 = 0x0427 // message_state
	tagNetworkError    uint16 = 0x0423 // network_error_code
	esmUDH             byte   = 0x40   // the text begins with a user data header
	esmReceipt         byte   = 0x04   // an SMSC delivery receipt
	esmNotification    byte   = 0x20   // an intermediate one
	esmType            byte   = 0x3c   // the bits that tell what a deliver_sm is
	codingDefault      byte   = 0x00
	codingASCII        byte   = 0x01
	codingLatin1       byte   = 0x03
	codingUCS2         byte   = 0x08
	tonInternational   byte   = 1
	tonNetworkSpecific byte   = 3
	tonAlphanumeric    byte   = 5
	npiISDN            byte   = 1
)

// tlv is one optional parameter.
type tlv struct {
	tag   uint16
	value []byte
}

// short is a submit_sm or a deliver_sm, which have the same parts: 4.4.1, 4.6.1.
type short struct {
	service             string
	source, destination address
	esm                 byte
	protocol, priority  byte
	schedule, validity  string
	registered, replace byte
	coding, canned      byte
	text                []byte // at most 254 octets
	options             []tlv
}

func (m short) encode() []byte {
	var b []byte
	b = cstring(b, m.service)
	for _, a := range []address{m.source, m.destination} {
		b = cstring(append(b, a.ton, a.npi), a.number)
	}
	b = append(b, m.esm, m.protocol, m.priority)
	b = cstring(b, m.schedule)
	b = cstring(b, m.validity)
	b = append(b, m.registered, m.replace, m.coding, m.canned, byte(len(m.text)))
	b = append(b, m.text...)
	for _, o := range m.options {
		b = binary.BigEndian.AppendUint16(b, o.tag)
		b = binary.BigEndian.AppendUint16(b, uint16(len(o.value)))
		b = append(b, o.value...)
	}
	return b
}

// parseShort reads the body of a deliver_sm. A text in a message_payload stands where a short one would.
func parseShort(body []byte) (short, error) {
	c := cursor{rest: body}
	m := short{service: c.cstring()}
	for _, a := range []*address{&m.source, &m.destination} {
		a.ton, a.npi, a.number = c.octet(), c.octet(), c.cstring()
	}
	m.esm, m.protocol, m.priority = c.octet(), c.octet(), c.octet()
	m.schedule, m.validity = c.cstring(), c.cstring()
	m.registered, m.replace, m.coding, m.canned = c.octet(), c.octet(), c.octet(), c.octet()
	m.text = c.octets(int(c.octet()))
	m.options = c.options()
	if c.short {
		return short{}, fmt.Errorf("%w: a message that ends early", errWire)
	}
	if payload, ok := m.option(tagPayload); ok && len(m.text) == 0 {
		m.text = payload
	}
	return m, nil
}

func (m short) option(tag uint16) ([]byte, bool) {
	for _, o := range m.options {
		if o.tag == tag {
			return o.value, true
		}
	}
	return nil, false
}

// parseAnswer is the body of a submit_sm_resp: the provider's id, and its words when it has any.
func parseAnswer(p pdu) (id, words string) {
	c := cursor{rest: p.body}
	if len(p.body) > 0 {
		id = c.cstring()
	}
	for _, o := range c.options() {
		if o.tag == tagStatusText {
			words = untilNUL(o.value)
		}
	}
	if c.short {
		return "", ""
	}
	return id, words
}

// credentials is the body of a bind_transceiver: 4.1.5.
func credentials(systemID, password, systemType string) []byte {
	var b []byte
	for _, s := range []string{systemID, password, systemType} {
		b = cstring(b, s)
	}
	return append(b, 0x34, 0, 0, 0) // version 3.4, and no range of addresses
}

func cstring(b []byte, s string) []byte { return append(append(b, s...), 0) }

func untilNUL(b []byte) string {
	c := cursor{rest: append(b[:len(b):len(b)], 0)}
	return c.cstring()
}
