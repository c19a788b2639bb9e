package store

import (
	"context"
	"errors"
	"time"

	"paylink"
)

const noticeColumns = `merchant_id, id, livemode, kind, provider, account_id, digest, body, verdict, reason,
	payment_id, message_id, received_at, judged_at`

// KeepNotice keeps a notice as it arrived, in one transaction with the job that understands it when it
// was received, and gives the verdict under which it is kept. A second arrival of the same genuine body
// at the same account is kept as replayed, without the body, and gets no job.
func (s *Store) KeepNotice(ctx context.Context, n paylink.Notice, job paylink.Job) (paylink.Verdict, error) {
	err := s.Write(ctx, func(tx *Tx) error {
		tx.insertNotice(n)
		if n.Verdict == paylink.NoticeReceived {
			tx.Enqueue(job, n.ReceivedAt)
		}
		return nil
	})
	if !errors.Is(err, errNoticeKnown) {
		return n.Verdict, err
	}
	n.Verdict, n.Reason, n.Body, n.JudgedAt = paylink.NoticeReplayed, "known_already", []byte{}, n.ReceivedAt
	err = s.Write(ctx, func(tx *Tx) error {
		tx.insertNotice(n)
		return nil
	})
	return n.Verdict, err
}

// errNoticeKnown says that the same body arrived at the same account before.
var errNoticeKnown = errors.New("the notice is known")

func (tx *Tx) insertNotice(n paylink.Notice) {
	const q = `
		INSERT INTO notices (` + noticeColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT DO NOTHING`
	tx.putUnless(errNoticeKnown, q, string(n.Merchant), string(n.ID), bit(n.Live), string(n.Kind), n.Provider, string(n.Account), n.Digest, n.Body,
		string(n.Verdict), n.Reason, string(n.Payment), string(n.Message), micros(n.ReceivedAt), nullMicros(n.JudgedAt))
}

// JudgeNotice writes what became of a notice. A notice is judged once.
func (tx *Tx) JudgeNotice(n paylink.Notice) {
	const q = `
		UPDATE notices SET verdict = $3, reason = $4, payment_id = $5, message_id = $6, judged_at = $7
		WHERE merchant_id = $1 AND id = $2 AND verdict = 'received'`
	tx.putUnless(&paylink.Conflict{Code: "notice_judged", Detail: "The notice was judged before.", Other: string(n.ID)}, q,
		string(n.Merchant), string(n.ID), string(n.Verdict), n.Reason, string(n.Payment), string(n.Message), micros(n.JudgedAt))
}

// Notice reads one notice.
func (r Reader) Notice(merchant paylink.MerchantID, id paylink.NoticeID) (paylink.Notice, error) {
	const q = `SELECT ` + noticeColumns + ` FROM notices WHERE merchant_id = $1 AND id = $2`
	n, err := noticeFrom(func(dest ...any) error { return r.row(q, []any{string(merchant), string(id)}, dest...) })
	if err == errNoRow {
		return n, &paylink.NotFound{Kind: "notice", ID: string(id)}
	}
	return n, err
}

// Notices lists the merchant's notices in one mode, newest first, below the cursor; a kind of "" lists
// gateways' notices and carriers' receipts alike.
func (r Reader) Notices(merchant paylink.MerchantID, live bool, kind paylink.AccountKind, before paylink.NoticeID, limit int) ([]paylink.Notice, error) {
	q := `
		SELECT ` + noticeColumns + ` FROM notices
		WHERE merchant_id = $1 AND livemode = $2 AND id < $3`
	args := []any{string(merchant), bit(live), below(string(before)), int64(limit)}
	if kind != "" {
		q += ` AND kind = $5`
		args = append(args, string(kind))
	}
	q += ` ORDER BY id DESC LIMIT $4`
	var all []paylink.Notice
	err := r.rows(q, args, func(scan func(...any) error) error {
		n, err := noticeFrom(scan)
		all = append(all, n)
		return err
	})
	return all, err
}

// NoticesAside lists the gateways' notices of the merchant in one mode that were set aside about a payment, among the
// latest few hundred, newest first.
func (r Reader) NoticesAside(merchant paylink.MerchantID, live bool, limit int) ([]paylink.Notice, error) {
	latest, err := r.Notices(merchant, live, paylink.AccountGateway, "", 300)
	var aside []paylink.Notice
	for _, n := range latest {
		if n.Verdict == paylink.NoticeQuarantined && n.Payment != "" && len(aside) < limit {
			aside = append(aside, n)
		}
	}
	return aside, err
}

// ForgetNotices deletes up to limit notices received before the time, and returns how many: they hold
// personal data, sealed, and are kept for ninety days.
func (tx *Tx) ForgetNotices(before time.Time, limit int) (int64, error) {
	const q = `
		DELETE FROM notices WHERE (merchant_id, id) IN (
			SELECT merchant_id, id FROM notices WHERE received_at < $1 LIMIT $2)`
	return tx.exec(q, micros(before), int64(limit))
}

func noticeFrom(scan func(...any) error) (paylink.Notice, error) {
	var n paylink.Notice
	var live, received int64
	var judged *int64
	err := scan((*string)(&n.Merchant), (*string)(&n.ID), &live, (*string)(&n.Kind), &n.Provider, (*string)(&n.Account), &n.Digest, &n.Body,
		(*string)(&n.Verdict), &n.Reason, (*string)(&n.Payment), (*string)(&n.Message), &received, &judged)
	n.Live, n.ReceivedAt, n.JudgedAt = live == 1, fromMicros(received), fromNullMicros(judged)
	return n, err
}
