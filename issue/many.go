package issue

import (
	"context"

	"paylink"
	"paylink/store"
)

// Check judges a draft without making anything of it, and gives what would be made: the link without its
// id and what is signed, and the customer, nil when it has none; *paylink.Invalid with all that is wrong. A
// customer that the draft names by id is not looked up, and is unknown.
func (x *Issuer) Check(by Actor, d Draft) (paylink.Link, *paylink.Customer, error) {
	d.placed = x.placed
	return d.judge(by, x.now(), nil)
}

// Prepared is a link that can be written, with all that goes with it: for those who make many links in
// one transaction of their own.
type Prepared struct{ composed }

// Prepare makes everything of a draft that Create would write; *paylink.Invalid when it cannot be. The
// messages give way to those of links that are made one at a time.
func (x *Issuer) Prepare(ctx context.Context, by Actor, d Draft) (Prepared, error) {
	c, invalid, err := x.compose(ctx, by, d)
	if err != nil {
		return Prepared{}, about(err, "compose a link for", by.Merchant.ID)
	}
	if invalid != nil {
		return Prepared{}, invalid
	}
	for i := range c.jobs {
		if c.jobs[i].Kind == paylink.JobSend {
			c.jobs[i].Priority = paylink.JobBulk
		}
	}
	return Prepared{c}, nil
}

// Changes is how many rows Write changes in the database.
func (p Prepared) Changes() int {
	n := 3 + len(p.Messages) + len(p.jobs) + len(p.skipped) // link, code, event
	if p.newCustomer {
		n++
	}
	return n
}

// Write puts the link into a transaction, which fails with *paylink.Conflict "reference_in_use" when
// another link uses the reference.
func (p Prepared) Write(tx *store.Tx) { p.write(tx) }
