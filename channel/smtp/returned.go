package smtp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// returned is a mail that came back, taken apart as far as it lets itself be. Servers write boundaries that
// do not match, forget the last one, or end lines in three ways; so nothing here insists on MIME, and a line
// is looked at wherever it stands before the letter that is returned.
type returned struct {
	header fieldset
	parts  []part
	text   string // all of it, with \n
}

// part is one section of the body.
type part struct {
	kind    string // media type, lower case
	header  fieldset
	content string
}

// fieldset is header fields by lower-case name, unfolded.
type fieldset map[string][]string

func (f fieldset) get(name string) string {
	if len(f[name]) == 0 {
		return ""
	}
	return f[name][0]
}

// parseMail takes a mail apart. What has no header of a mail is refused.
func parseMail(raw []byte) (returned, error) {
	if bytes.IndexByte(raw, 0) >= 0 {
		return returned{}, errors.New("it holds a zero byte")
	}
	text := strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\r", "\n")
	if strings.HasPrefix(text, "From ") { // as mail boxes begin it
		_, text, _ = strings.Cut(text, "\n")
	}
	head, body, _ := strings.Cut(text, "\n\n")
	header, ok := parseFields(head)
	if !ok || header.get("from") == "" || header.get("date")+header.get("received") == "" {
		return returned{}, errors.New("it is no mail")
	}
	m := returned{header: header, text: text}
	kind, params, err := mime.ParseMediaType(header.get("content-type"))
	if err == nil && strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		m.parts = split(body, params["boundary"])
	}
	if len(m.parts) == 0 {
		m.parts = []part{{kind: "text/plain", header: header, content: decoded(header, body)}}
	}
	return m, nil
}

// split cuts a body at its boundary; the last part may lack its end.
func split(body, boundary string) []part {
	var all []part
	var open []string
	inside := false
	finish := func() {
		if inside {
			all = append(all, parsePart(strings.Join(open, "\n")))
		}
		open = nil
	}
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		switch strings.TrimRight(line, " \t") {
		case "--" + boundary:
			finish()
			inside = true
		case "--" + boundary + "--":
			finish()
			return all
		default:
			open = append(open, line)
		}
	}
	finish()
	return all
}

func parsePart(text string) part {
	p := part{kind: "text/plain", header: fieldset{}, content: text}
	if strings.HasPrefix(text, "\n") {
		return p
	}
	head, content, _ := strings.Cut(text, "\n\n")
	if header, ok := parseFields(head); ok {
		p.header, p.content = header, decoded(header, content)
	}
	if kind := header(p.header.get("content-type")); kind != "" {
		p.kind = kind
	}
	return p
}

// header is the value of a header field before its parameters, in lower case.
func header(value string) string {
	value, _, _ = strings.Cut(value, ";")
	return strings.ToLower(strings.TrimSpace(value))
}

// parseFields reads a block of fields; ok is false when a line is none.
func parseFields(block string) (fieldset, bool) {
	fields, last := fieldset{}, ""
	for line := range strings.Lines(block) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			if last == "" {
				return fields, false
			}
			values := fields[last]
			values[len(values)-1] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return fields, false
		}
		last = strings.ToLower(name)
		fields[last] = append(fields[last], strings.TrimSpace(value))
	}
	return fields, len(fields) > 0
}

// decoded undoes the encoding of a part. One that is broken stays as it came.
func decoded(header fieldset, content string) string {
	var from io.Reader
	switch strings.ToLower(header.get("content-transfer-encoding")) {
	case "base64":
		from = base64.NewDecoder(base64.StdEncoding, strings.NewReader(content))
	case "quoted-printable":
		from = quotedprintable.NewReader(strings.NewReader(content))
	default:
		return content
	}
	plain, err := io.ReadAll(from)
	if err != nil || len(plain) == 0 {
		return content
	}
	return string(bytes.ReplaceAll(plain, []byte("\r\n"), []byte("\n")))
}

// at is when it was written, by the clock of whoever did; else when it was received.
func (m returned) at() (time.Time, bool) {
	texts := []string{m.header.get("date")}
	for _, line := range m.header["received"] {
		texts = append(texts, strings.TrimSpace(line[strings.LastIndex(line, ";")+1:]))
	}
	for _, text := range texts {
		if at, err := mail.ParseDate(text); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}
