package store

import "regexp"

var bareLimit = regexp.MustCompile(`\bLIMIT (\$\d+)`)

// planOnce makes a text that SQLite plans when it is prepared and never again. A bare parameter behind
// LIMIT is one that the planner looks into, and so it plans anew whenever one is bound, which took a
// sixth of the time of sealing. It does not look into a sum.
func planOnce(q string) string { return bareLimit.ReplaceAllString(q, "LIMIT $1 + 0") }
