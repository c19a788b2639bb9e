package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"paylink"
)

// A list walks its links newest first along the index that fits its filters best. What no index narrows
// is looked for in so many links a page and no more, so that a page costs the same among a thousand links
// and among millions; a page may then be short, and the list goes on.
const (
	glance = 200 // links that are looked at when the first ones did not fit
	walked = 700 // and then, before the page ends as it is
)

// LinkFilter chooses links for a list. Zero fields do not filter.
type LinkFilter struct {
	Merchant      paylink.MerchantID
	Live          bool
	Status        paylink.LinkStatus
	Reference     string
	Customer      paylink.CustomerID
	Channel       paylink.Channel // one of those that the link was made for
	Phone         string
	Email         string // in any case
	Search        Search
	Archived      bool   // only what was archived; otherwise only what was not
	From          string // LinkPage.Next of the page before, with the same filters
	CreatedAfter  time.Time
	CreatedBefore time.Time
	AmountMin     int64
	AmountMax     int64
	DueAfter      time.Time // of paylink.Link.NextDue, in the time of the links' world
	DueBefore     time.Time
	Promised      bool // only those with an open promise to pay
	Asking        bool // only those whose customer asked for more time and waits for an answer
	Limit         int  // required, at most 100

	walked meanings // what a search looks for in each link
}

// LinkPage is one page of a list of links, newest first.
type LinkPage struct {
	Links []paylink.Link
	Next  string // where the list goes on, which a short or empty page may do as well; "" at its end
}

// FindLinks gives one page of the merchant's links. Links that are made while somebody pages are newer than
// the page, so none is missed or shown twice for them.
func (r Reader) FindLinks(f LinkFilter) (LinkPage, error) {
	if f.Search != (Search{}) {
		return r.search(f)
	}
	if f.candidates() {
		ids, all, err := r.candidatesOf(f)
		if err != nil {
			return LinkPage{}, err
		}
		if all {
			return r.named(f, ids, f.From, f.Limit)
		}
	}
	return r.walk(f, f.From, f.Limit)
}

// walk gives up to limit links below from that fit the filter. Next is the last link that was looked at.
func (r Reader) walk(f LinkFilter, from string, limit int) (LinkPage, error) {
	var page LinkPage
	for _, window := range []int{limit + 1, glance, walked} {
		c := f.along(from)
		c.add("ORDER BY id DESC LIMIT $%d", int64(window))
		ids, _, err := r.few(window, `SELECT id FROM links WHERE `+c.text, c.args...)
		if err != nil {
			return LinkPage{}, err
		}
		if more, err := r.take(f, &page, ids, limit); more || err != nil {
			return page, err
		}
		if len(ids) < window {
			page.Next = ""
			return page, nil
		}
		from = ids[len(ids)-1]
		page.Next = from
	}
	return page, nil
}

// named gives up to limit links below from that are among the ids and fit the filter.
func (r Reader) named(f LinkFilter, ids []string, from string, limit int) (page LinkPage, err error) {
	_, err = r.take(f, &page, older(ids, from), limit)
	return page, err
}

// take adds to a page those of the links that fit the filter. The ids are newest first, and older than the
// page. more tells that the page is full and that there is another link.
func (r Reader) take(f LinkFilter, page *LinkPage, ids []string, limit int) (more bool, err error) {
	size := sizeFor(limit + 1)
	for len(ids) > 0 {
		some := ids[:min(size, len(ids))]
		ids, size = ids[len(some):], min(4*size, 512)
		c := f.among(some)
		c.residue(f)
		had := len(page.Links)
		err := r.rowsOf(`SELECT `+linkColumns+` FROM links WHERE `+c.text, c.args, func(scan func(...any) error) error {
			l, err := linkFrom(scan)
			page.Links = append(page.Links, l)
			return err
		})
		if err != nil {
			return false, err
		}
		slices.SortFunc(page.Links[had:], newestFirst)
		if len(page.Links) > limit {
			page.Links = slices.Clip(page.Links[:limit])
			page.Next = string(page.Links[limit-1].ID)
			return true, nil
		}
	}
	return false, nil
}

func newestFirst(a, b paylink.Link) int { return strings.Compare(string(b.ID), string(a.ID)) }

// older puts ids in the order of a list, each once, and leaves out those from the cursor on.
func older(ids []string, from string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if from != "" {
		at, _ := slices.BinarySearch(ids, from)
		ids = ids[:at]
	}
	slices.Reverse(ids)
	return ids
}

// conditions are the WHERE of a statement about links.
type conditions struct {
	text string
	args []any
}

// add adds words with the number of their argument.
func (c *conditions) add(words string, arg any) {
	c.args = append(c.args, arg)
	c.text += " " + fmt.Sprintf(words, len(c.args))
}

func (f LinkFilter) world() conditions {
	return conditions{`merchant_id = $1 AND livemode = $2`, []any{string(f.Merchant), bit(f.Live)}}
}

// statuses are the conditions under which the index of a status has it, word for word, since SQLite takes
// a partial index for nothing less.
var statuses = map[paylink.LinkStatus]string{
	paylink.LinkPending: openStatuses, paylink.LinkFailed: openStatuses, paylink.LinkPartiallyPaid: openStatuses,
	paylink.LinkPaid: closedStatuses, paylink.LinkCancelled: closedStatuses, paylink.LinkExpired: closedStatuses,
}

const (
	openStatuses   = ` AND status IN ('pending', 'failed', 'partially_paid') AND status = `
	closedStatuses = ` AND status IN ('paid', 'cancelled', 'expired') AND status = `
)

// along are the conditions that one index keeps in the order of the list, below from.
func (f LinkFilter) along(from string) conditions {
	c := f.world()
	switch {
	case f.Customer != "":
		c.add("AND customer_id = $%d", string(f.Customer))
	case f.Asking:
		c.text += ` AND refresh_asked_at IS NOT NULL`
	case f.Promised:
		c.text += ` AND promised_for IS NOT NULL`
	case f.dated():
		c.text += ` AND next_due_at IS NOT NULL`
	case f.AmountMin > 0 && f.AmountMin == f.AmountMax:
		c.add("AND amount = $%d", f.AmountMin)
	case f.Archived:
		c.text += ` AND archived_at IS NOT NULL`
	case statuses[f.Status] != "":
		c.text += statuses[f.Status] + `'` + string(f.Status) + `'`
	}
	// An id begins with its time; nine characters are 8 ms of it.
	if !f.CreatedAfter.IsZero() {
		c.add("AND id >= $%d", instant(f.CreatedAfter))
	}
	if before := instant(f.CreatedBefore) + "~"; !f.CreatedBefore.IsZero() && (from == "" || before < from) {
		from = before
	}
	if from != "" {
		c.add("AND id < $%d", from)
	}
	return c
}

// instant is how the ids of links begin that are made at a time.
func instant(t time.Time) string {
	const certain = len("plink_") + 9
	return string(paylink.NewLinkID(t))[:certain]
}

// among are the conditions of links that are named, at most 512. The last one is named again until one of
// few sizes is full, so that the statement has few texts of the statement.
func (f LinkFilter) among(ids []string) conditions {
	c := f.world()
	places := make([]string, sizeFor(len(ids)))
	for i := range places {
		c.args = append(c.args, ids[min(i, len(ids)-1)])
		places[i] = fmt.Sprintf("$%d", len(c.args))
	}
	c.text += ` AND id IN (` + strings.Join(places, ", ") + `)`
	return c
}

func sizeFor(n int) int {
	size := 8
	for size < n {
		size *= 4
	}
	return size
}

// residue adds every filter, as a condition on each link that is looked at. A plus before a column
// hides it from the planner: links that are named are found by their names, and SQLite would go through half
// a merchant's links along the column instead.
func (c *conditions) residue(f LinkFilter) {
	if f.Archived {
		c.text += ` AND +archived_at IS NOT NULL`
	} else {
		c.text += ` AND +archived_at IS NULL`
	}
	if f.Status != "" {
		c.add("AND status = $%d", string(f.Status))
	}
	if f.Reference != "" {
		c.add("AND reference = $%d", f.Reference)
	}
	if f.Customer != "" {
		c.add("AND customer_id = $%d", string(f.Customer))
	}
	if f.Channel != "" { // the column is a JSON list of words
		c.add("AND channels LIKE $%d ESCAPE '!'", `%"`+likeEscape.Replace(string(f.Channel))+`"%`)
	}
	if f.Phone != "" {
		c.add("AND "+hasPhone, f.Phone)
	}
	if f.Email != "" {
		c.add("AND "+hasEmail, lowerASCII(f.Email))
	}
	if !f.CreatedAfter.IsZero() {
		c.add("AND created_at > $%d", micros(f.CreatedAfter))
	}
	if !f.CreatedBefore.IsZero() {
		c.add("AND created_at < $%d", micros(f.CreatedBefore))
	}
	if f.AmountMin > 0 {
		c.add("AND +amount >= $%d", f.AmountMin)
	}
	if f.AmountMax > 0 {
		c.add("AND +amount <= $%d", f.AmountMax)
	}
	if !f.DueAfter.IsZero() {
		c.add("AND +next_due_at > $%d", micros(f.DueAfter))
	}
	if !f.DueBefore.IsZero() {
		c.add("AND +next_due_at < $%d", micros(f.DueBefore))
	}
	if f.Promised {
		c.text += ` AND +promised_for IS NOT NULL`
	}
	if f.Asking {
		c.text += ` AND +refresh_asked_at IS NOT NULL`
	}
	c.search(f.walked)
}
