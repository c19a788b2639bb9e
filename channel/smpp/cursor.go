package smpp

import (
	"bytes"
	"encoding/binary"
)

// cursor reads the parts of a body in their order. Past its end everything is empty, and short says so.
type cursor struct {
	rest  []byte
	short bool
}

func (c *cursor) octet() byte {
	if b := c.octets(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (c *cursor) octets(n int) []byte {
	if n > len(c.rest) {
		c.rest, c.short = nil, true
		return nil
	}
	taken := c.rest[:n:n]
	c.rest = c.rest[n:]
	return taken
}

// cstring reads up to the next NUL.
func (c *cursor) cstring() string {
	at := bytes.IndexByte(c.rest, 0)
	if at < 0 {
		c.rest, c.short = nil, true
		return ""
	}
	text := string(c.rest[:at])
	c.rest = c.rest[at+1:]
	return text
}

// options reads the optional parameters, which are all that is left. One that is cut short is left out, with
// what comes after it: for an operator's slip in them nobody should lose the message.
func (c *cursor) options() (all []tlv) {
	for len(c.rest) >= 4 {
		tag, length := binary.BigEndian.Uint16(c.rest), int(binary.BigEndian.Uint16(c.rest[2:]))
		if 4+length > len(c.rest) {
			break
		}
		all = append(all, tlv{tag, c.rest[4 : 4+length : 4+length]})
		c.rest = c.rest[4+length:]
	}
	c.rest = nil
	return all
}
