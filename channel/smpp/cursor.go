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

// options reads the optional parameters, which are all that is left.
func (c *cursor) options() (all []tlv) {
	for len(c.rest) > 0 && !c.short {
		head := c.octets(4)
		if len(head) < 4 {
			return nil
		}
		value := c.octets(int(binary.BigEndian.Uint16(head[2:])))
		all = append(all, tlv{binary.BigEndian.Uint16(head), value})
	}
	return all
}
