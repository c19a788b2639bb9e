package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"paylink/bench/baseline"
)

// spoken is one line of PostgreSQL's JSON log that tells of a statement.
type spoken struct {
	PID     int    `json:"pid"`
	Message string `json:"message"` // "execute stmtcache_1: INSERT …", "statement: COMMIT"
	Detail  string `json:"detail"`  // "Parameters: $1 = 'a', $2 = NULL"
}

// text is the statement itself; empty when the line tells of something else.
func (s spoken) text() string {
	if rest, ok := strings.CutPrefix(s.Message, "statement: "); ok {
		return rest
	}
	if rest, ok := strings.CutPrefix(s.Message, "execute "); ok {
		_, text, _ := strings.Cut(rest, ": ")
		return text
	}
	return ""
}

// readLog takes the statements out of the log in their order.
func readLog(log io.Reader) ([]spoken, error) {
	var all []spoken
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var s spoken
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return nil, fmt.Errorf("read the log of PostgreSQL: %w", err)
		}
		if s.text() != "" {
			all = append(all, s)
		}
	}
	return all, lines.Err()
}

// findChange gives the transaction that made the first link, without its BEGIN and COMMIT.
func findChange(log []spoken) (baseline.Change, error) {
	made := slices.IndexFunc(log, func(s spoken) bool { return strings.HasPrefix(strings.TrimSpace(s.text()), "INSERT INTO links") })
	if made < 0 {
		return nil, errors.New("the log of PostgreSQL holds no INSERT INTO links")
	}
	var session []spoken // of the transaction's connection, from its BEGIN on
	for i, s := range log {
		if s.PID != log[made].PID {
			continue
		}
		if i < made && strings.HasPrefix(s.text(), "BEGIN") {
			session = nil
			continue
		}
		session = append(session, s)
	}
	var change baseline.Change
	for _, s := range session {
		text := s.text()
		if text == "COMMIT" {
			return markUnique(change)
		}
		values, err := readValues(s.Detail)
		if err != nil {
			return nil, err
		}
		change = append(change, baseline.Statement{Text: text, Values: values})
	}
	return nil, errors.New("the log of PostgreSQL does not show how the link's transaction ended")
}

// findPageRead gives the text of the query that finds a link by its code.
func findPageRead(log []spoken) (string, error) {
	for _, s := range log {
		if strings.Contains(s.text(), "FROM codes") {
			return s.text(), nil
		}
	}
	return "", errors.New("the log of PostgreSQL holds no look-up of a code")
}

var oneValue = regexp.MustCompile(`\$\d+ = (NULL|'(?:[^']|'')*')`)

// readValues reads the values that a statement was given. Whole numbers become int64.
func readValues(detail string) ([]baseline.Value, error) {
	var values []baseline.Value
	for _, found := range oneValue.FindAllStringSubmatch(detail, -1) {
		text := found[1]
		if text == "NULL" {
			values = append(values, baseline.Value{})
			continue
		}
		text = strings.ReplaceAll(text[1:len(text)-1], "''", "'")
		if strings.HasPrefix(text, `\x`) {
			return nil, errors.New("the change holds bytes, which pgbench cannot be given")
		}
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
			values = append(values, baseline.Value{Fixed: n})
			continue
		}
		values = append(values, baseline.Value{Fixed: text})
	}
	return values, nil
}

// unique is what a second change may not have in common with the first: the random end of an id, 16
// characters behind the 10 that are its time, and the digits of our own references.
var unique = regexp.MustCompile(`(?:(?:plink|cust|evt|job)_[0-9a-z]{10}|` + referencePrefix + `)([0-9a-z]{16})`)

// markUnique finds in each value what must differ from one change to the next.
func markUnique(change baseline.Change) (baseline.Change, error) {
	codes := slices.IndexFunc(change, func(s baseline.Statement) bool { return strings.Contains(s.Text, "INSERT INTO codes") })
	if codes < 0 || len(change[codes].Values) == 0 {
		return nil, errors.New("the recorded change writes no code")
	}
	key := change[codes].Values[0].Fixed
	for _, s := range change {
		for i, v := range s.Values {
			text, ok := v.Fixed.(string)
			switch {
			case v.Fixed == key:
				s.Values[i] = baseline.Value{Key: true}
			case ok && unique.MatchString(text):
				s.Values[i] = baseline.Value{Parts: around(text, unique.FindAllStringSubmatchIndex(text, -1))}
			}
		}
	}
	return change, nil
}

// around gives what stands before, between and after the first groups of the matches.
func around(text string, matches [][]int) []string {
	var parts []string
	from := 0
	for _, m := range matches {
		parts = append(parts, text[from:m[2]])
		from = m[3]
	}
	return append(parts, text[from:])
}

// movedTo is the change as another merchant would have made it.
func movedTo(change baseline.Change, from, to string) baseline.Change {
	moved := make(baseline.Change, len(change))
	for i, s := range change {
		moved[i] = baseline.Statement{Text: s.Text, Values: slices.Clone(s.Values)}
		for j, v := range moved[i].Values {
			if v.Fixed == from {
				moved[i].Values[j].Fixed = to
			}
		}
	}
	return moved
}
