package store

import "time"

// Times stand in the database as microseconds since 1970 in UTC, "never" as NULL.

func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }

// nullMicros gives NULL for the zero time.
func nullMicros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// fromNullMicros gives the zero time for NULL.
func fromNullMicros(us *int64) time.Time {
	if us == nil {
		return time.Time{}
	}
	return fromMicros(*us)
}

// bit writes a yes or no: both databases keep it as a number, 1 or 0.
func bit(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// nullText gives NULL for the empty string.
func nullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// nullBlob gives NULL for no bytes.
func nullBlob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// below gives the id under which a page of a list begins: the cursor, or what stands above every id.
// A condition that leaves the cursor out instead would make the database read all newer rows of the
// list again for each page.
func below(cursor string) string {
	if cursor == "" {
		return "~"
	}
	return cursor
}
