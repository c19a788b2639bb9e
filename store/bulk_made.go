package store

import (
	"fmt"
	"strconv"
	"strings"

	"paylink"
)

// BulkMade is the table of which links came of which rows.
const BulkMade = "bulk_made"

// BulkLink is a link and the row that it came of.
type BulkLink struct {
	Row  int64
	Link paylink.LinkID
}

const linkTag = "plink_"

// InsertBulkMade notes which links came of the rows of a piece from one of them on.
func (tx *Tx) InsertBulkMade(b paylink.Bulk, p BulkPiece, links []BulkLink) {
	var text strings.Builder
	for i, l := range links {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(strconv.FormatInt(l.Row, 10) + ":" + strings.TrimPrefix(string(l.Link), linkTag))
	}
	const q = `INSERT INTO bulk_made (merchant_id, bulk_id, number, first, links) VALUES ($1, $2, $3, $4, $5)`
	tx.put(q, string(b.Merchant), string(b.ID), p.Number, p.Done, text.String())
}

// BulkPlace is where in bulk_made a reading stands. It begins before piece 0.
type BulkPlace struct{ Piece, First int64 }

// BulkLinks lists links of an upload after a place, those of up to limit transactions, and gives the place
// of the last one.
func (r Reader) BulkLinks(b paylink.Bulk, after BulkPlace, limit int) (all []BulkLink, last BulkPlace, err error) {
	const q = `
		SELECT number, first, links FROM bulk_made
		WHERE merchant_id = $1 AND bulk_id = $2 AND (number, first) > ($3, $4)
		ORDER BY number, first LIMIT $5`
	return r.bulkLinks(b, q, string(b.Merchant), string(b.ID), after.Piece, after.First, int64(limit))
}

// PieceLinks lists the links of one piece, in the order of its rows.
func (r Reader) PieceLinks(b paylink.Bulk, piece int64) ([]BulkLink, error) {
	const q = `
		SELECT number, first, links FROM bulk_made
		WHERE merchant_id = $1 AND bulk_id = $2 AND number = $3
		ORDER BY number, first`
	all, _, err := r.bulkLinks(b, q, string(b.Merchant), string(b.ID), piece)
	return all, err
}

func (r Reader) bulkLinks(b paylink.Bulk, q string, args ...any) (all []BulkLink, last BulkPlace, err error) {
	err = r.rows(q, args, func(scan func(...any) error) error {
		var text string
		if err := scan(&last.Piece, &last.First, &text); err != nil {
			return err
		}
		for one := range strings.SplitSeq(text, " ") {
			row, id, _ := strings.Cut(one, ":")
			n, err := strconv.ParseInt(row, 10, 64)
			if err != nil {
				return fmt.Errorf("links of %s: %w", b.ID, err)
			}
			all = append(all, BulkLink{n, paylink.LinkID(linkTag + id)})
		}
		return nil
	})
	return all, last, err
}

// LinkCourses counts how far some links have come, up to 500 of them.
func (r Reader) LinkCourses(merchant paylink.MerchantID, live bool, ids []paylink.LinkID) (c paylink.BulkCourse, err error) {
	if len(ids) == 0 {
		return c, nil
	}
	among, args := listed(ids, string(merchant), bit(live))
	message := func(which string) string {
		return `EXISTS (SELECT 1 FROM messages m WHERE m.merchant_id = l.merchant_id AND m.link_id = l.id AND m.` + which + `)`
	}
	count := func(which string) string {
		return `CAST(COALESCE(SUM(CASE WHEN ` + which + ` THEN 1 ELSE 0 END), 0) AS BIGINT)`
	}
	waiting := message(`status IN ('scheduled', 'queued')`)
	q := `
		SELECT COUNT(l.sent_at), ` + count(`l.sent_at IS NULL AND `+waiting) + `,
			` + count(`l.sent_at IS NULL AND NOT `+waiting+` AND `+message(`status = 'unknown'`)) + `,
			` + count(message(`delivered_at IS NOT NULL`)) + `, COUNT(l.opened_at), ` + count(`l.status = 'paid'`) + `
		FROM links l WHERE l.merchant_id = $1 AND l.livemode = $2 AND l.id IN ` + among
	err = r.row(q, args, &c.Sent, &c.Waiting, &c.Unknown, &c.Delivered, &c.Opened, &c.Paid)
	return c, err
}

// LinksByID reads up to 500 links of a merchant in one mode, in no order. Those that are not there are
// left out.
func (r Reader) LinksByID(merchant paylink.MerchantID, live bool, ids []paylink.LinkID) (all map[paylink.LinkID]paylink.Link, err error) {
	all = map[paylink.LinkID]paylink.Link{}
	if len(ids) == 0 {
		return all, nil
	}
	among, args := listed(ids, string(merchant), bit(live))
	q := `SELECT ` + linkColumns + ` FROM links WHERE merchant_id = $1 AND livemode = $2 AND id IN ` + among
	err = r.rows(q, args, func(scan func(...any) error) error {
		l, err := linkFrom(scan)
		all[l.ID] = l
		return err
	})
	return all, err
}

// ReferencesInUse tells which of up to 500 references are those of links that are neither cancelled nor
// expired.
func (r Reader) ReferencesInUse(merchant paylink.MerchantID, live bool, references []string) (map[string]bool, error) {
	used := map[string]bool{}
	if len(references) == 0 {
		return used, nil
	}
	among, args := listed(references, string(merchant), bit(live))
	q := `
		SELECT reference FROM links WHERE merchant_id = $1 AND livemode = $2 AND reference IN ` + among + `
		AND status IN ('pending', 'failed', 'partially_paid', 'paid')`
	err := r.rows(q, args, func(scan func(...any) error) error {
		var reference string
		err := scan(&reference)
		used[reference] = true
		return err
	})
	return used, err
}

// listed makes of texts a list for IN, whose arguments follow those given.
func listed[T ~string](texts []T, args ...any) (string, []any) {
	places := make([]string, len(texts))
	for i, text := range texts {
		args = append(args, string(text))
		places[i] = "$" + strconv.Itoa(len(args))
	}
	return "(" + strings.Join(places, ", ") + ")", args
}
