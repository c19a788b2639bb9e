package store

import "paylink"

// traceLink notes under which trace a link is made. Without one it costs nothing.
func (tx *Tx) traceLink(l paylink.Link) {
	if trace := paylink.TraceOf(tx.ctx); trace != "" {
		tx.put(`UPDATE links SET trace = $3 WHERE merchant_id = $1 AND id = $2`, string(l.Merchant), string(l.ID), trace)
	}
}

// TraceOfJob gives the traceparent under which the link was made that a job is about; empty when there
// is no such link, or nobody traced it.
func (r Reader) TraceOfJob(j paylink.Job) (string, error) {
	var q, id string
	switch p := j.Payload; {
	case p.Link != "":
		q, id = `SELECT trace FROM links WHERE merchant_id = $1 AND id = $2`, string(p.Link)
	case p.Payment != "":
		q, id = `
			SELECT l.trace FROM payments p JOIN links l ON l.merchant_id = p.merchant_id AND l.id = p.link_id
			WHERE p.merchant_id = $1 AND p.id = $2`, string(p.Payment)
	case p.Delivery != "":
		q, id = `
			SELECT l.trace FROM deliveries d
			JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id
			JOIN links l ON l.merchant_id = e.merchant_id AND l.id = e.link_id
			WHERE d.merchant_id = $1 AND d.id = $2`, string(p.Delivery)
	default:
		return "", nil
	}
	var trace *string
	err := r.row(q, []any{string(j.Merchant), id}, &trace)
	if err == errNoRow {
		return "", nil
	}
	return textOrEmpty(trace), err
}
