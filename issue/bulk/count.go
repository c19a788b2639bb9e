package bulk

import (
	"context"
	"fmt"
	"time"

	"paylink"
	"paylink/queue"
	"paylink/store"
)

const (
	// countAtOnce is how many transactions' links are counted in one statement: some hundreds of links.
	countAtOnce = 40
	// countedLive is how many links are counted whenever somebody looks; those of larger uploads are
	// counted by their job.
	countedLive = 1000
	// longestSending is how long an upload waits for its last messages. What is on its way then, such as in
	// a night in which nothing is sent, is told as such.
	longestSending = 24 * time.Hour
)

// count sees how far the links of an upload have come, some hundreds in a statement.
func (u *Uploads) count(ctx context.Context, b *paylink.Bulk) error {
	c := paylink.BulkCourse{Told: b.Course.Told}
	for place := (store.BulkPlace{Piece: -1}); ; {
		links, last, err := u.Store.Read(ctx).BulkLinks(*b, place, countAtOnce)
		if err != nil {
			return fmt.Errorf("list the links of %s: %w", b.ID, err)
		}
		if len(links) == 0 {
			break
		}
		c.At = u.now() // of an upload of before there is no list
		for len(links) > 0 {
			some := links[:min(mostCounted, len(links))]
			ids := make([]paylink.LinkID, len(some))
			for i, l := range some {
				ids[i] = l.Link
			}
			counted, err := u.Store.Read(ctx).LinkCourses(b.Merchant, b.Live, ids)
			if err != nil {
				return fmt.Errorf("count the links of %s: %w", b.ID, err)
			}
			c.Add(counted)
			links = links[len(some):]
		}
		place = last
	}
	b.Course = c
	return nil
}

// mostCounted is how many links one statement counts.
const mostCounted = 500

// runSending looks whether every link has been handed to a provider, and ends the upload when it has.
func (u *Uploads) runSending(ctx context.Context, r *queue.Run, b paylink.Bulk) error {
	p, err := u.Store.Read(ctx).BulkProgress(b.Merchant, b.ID)
	if err != nil {
		return err
	}
	b.Course.Told = p.Told
	began := u.now()
	if err := u.count(ctx, &b); err != nil {
		return err
	}
	if b.Course.Waiting == 0 || began.Sub(b.UpdatedAt) > longestSending {
		return u.finish(ctx, r, b, paylink.BulkFinished)
	}
	pause := max(time.Second, 4*u.now().Sub(began))
	return r.Again(ctx, u.now().Add(pause), func(tx *store.Tx) error {
		tx.SetBulkCourse(b)
		return nil
	})
}

// runEnded counts again what goes on after a large upload has come to its end: links are opened and paid.
func (u *Uploads) runEnded(ctx context.Context, r *queue.Run, b paylink.Bulk) error {
	if b.Made <= countedLive || len(b.Head) == 0 {
		return nil // it is counted whenever somebody looks, or it is forgotten
	}
	if err := u.count(ctx, &b); err != nil {
		return err
	}
	return r.Again(ctx, u.now().Add(countAgain(u.now().Sub(b.FinishedAt))), func(tx *store.Tx) error {
		tx.SetBulkCourse(b)
		return nil
	})
}

// countAgain is after which time a large upload is counted again: the older it is, the less happens.
func countAgain(age time.Duration) time.Duration {
	return min(max(age/4, 30*time.Second), 6*time.Hour)
}
