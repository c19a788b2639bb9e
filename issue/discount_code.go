package issue

import (
	"context"
	"time"

	"paylink"
	"paylink/store"
)

// DiscountDraft is what a merchant says about a new discount code: exactly one of Percent and Amount.
type DiscountDraft struct {
	Code             string
	Percent          string // of what is asked, as a decimal text
	Amount           *int64 // minor units of Currency
	Currency         paylink.Currency
	Maximum, Minimum *int64 // minor units of Currency
	MaxUses          *int64
	StartsAt, EndsAt *time.Time // in the merchant's world
}

// DiscountChange is what is to be different about a discount code. What is nil stays.
type DiscountChange struct {
	MaxUses *int64 // 0: no limit
	EndsAt  *time.Time
	NoEnd   bool
	Active  *bool
}

// CreateDiscountCode makes a discount code. It fails with *paylink.Invalid naming every wrong field, and
// with *paylink.Conflict "code_in_use". A claim that was used before gives the code as it was made then.
func (x *Issuer) CreateDiscountCode(ctx context.Context, by Actor, d DiscountDraft, claim *store.Claim) (*paylink.DiscountCodeSnapshot, error) {
	now := x.now()
	code, invalid := d.judge(by, now)
	if invalid != nil && claim == nil {
		return nil, invalid
	}
	e := discountEvent(code, by, now, paylink.EventDiscountCodeCreated)
	out, replayed, err := x.store.WriteOnce(ctx, claim, now, func(tx *store.Tx) (store.Outcome, error) {
		if invalid != nil { // what was right when it was first asked may have become wrong: the look says whether it was asked
			if _, err := tx.Merchant(by.Merchant.ID); err != nil {
				return store.Outcome{}, err
			}
			return store.Outcome{}, invalid
		}
		tx.InsertDiscountCode(code)
		tx.AppendEvent(e)
		return store.Outcome{Status: 201, Object: string(code.ID), Event: e.ID}, nil
	})
	if err != nil {
		return nil, about(err, "create a discount code for", by.Merchant.ID)
	}
	if !replayed {
		return code.Snapshot(), nil
	}
	first, err := x.store.Read(ctx).Event(by.Merchant.ID, by.Live, out.Event)
	return first.Data.DiscountCode, about(err, "answer again about discount code", out.Object)
}

// ChangeDiscountCode changes a code from now on; payments that are under way keep what they were given.
// What is said and is so already changes nothing.
func (x *Issuer) ChangeDiscountCode(ctx context.Context, by Actor, id paylink.DiscountCodeID, change DiscountChange) (*paylink.DiscountCodeSnapshot, error) {
	var made *paylink.DiscountCodeSnapshot
	now := x.now()
	told := paylink.NewEventID(now)
	err := x.store.Write(ctx, func(tx *store.Tx) error {
		d, err := tx.DiscountCode(by.Merchant.ID, by.Live, id)
		if err != nil {
			return err
		}
		before := d
		if err := change.apply(&d, by, now); err != nil {
			return err
		}
		if made = d.Snapshot(); d == before {
			return nil
		}
		if d.UpdatedAt = now; !now.After(before.UpdatedAt) {
			d.UpdatedAt = before.UpdatedAt.Add(time.Microsecond)
		}
		made = d.Snapshot()
		tx.UpdateDiscountCode(d, before.UpdatedAt)
		e := discountEvent(d, by, now, paylink.EventDiscountCodeUpdated)
		e.ID = told
		tx.AppendEvent(e)
		return nil
	})
	return made, about(err, "change discount code", id)
}

func discountEvent(d paylink.DiscountCode, by Actor, now time.Time, kind paylink.EventType) paylink.Event {
	return paylink.Event{
		ID: paylink.NewEventID(now), Merchant: d.Merchant, Live: d.Live, At: d.UpdatedAt, Type: kind, Actor: by.ID,
		Data: paylink.EventData{DiscountCode: d.Snapshot()},
	}
}

// judge gives the code of a draft, or *paylink.Invalid with all that is wrong.
func (d DiscountDraft) judge(by Actor, now time.Time) (paylink.DiscountCode, error) {
	j := &judgement{by: by, world: by.Merchant.Now(by.Live, now)}
	code := paylink.DiscountCode{
		ID: paylink.NewDiscountCodeID(now), Merchant: by.Merchant.ID, Live: by.Live, Code: paylink.NormalCode(d.Code), Percent: d.Percent,
		Currency: d.Currency, Active: true, CreatedAt: now, UpdatedAt: now,
	}
	j.code("/code", code.Code)
	money := func(pointer string, said *int64) int64 {
		if said == nil {
			return 0
		}
		if j.within(pointer, *said, 1, paylink.MaxMinor); d.Currency == "" {
			j.bad.Add("/currency", "required", "An amount needs its currency.")
		}
		return *said
	}
	switch {
	case d.Amount != nil && d.Percent != "":
		j.bad.Add("/percent", "conflicting", "Say either percent or amount.")
	case d.Amount == nil && d.Percent == "":
		j.bad.Add("/percent", "required", "Say either percent or amount.")
	case d.Percent != "":
		j.percent(d.Percent)
	case d.Maximum != nil:
		j.bad.Add("/maximum_discount", "conflicting", "Only a percentage has a maximum.")
	}
	code.Amount, code.Maximum, code.Minimum = money("/amount", d.Amount), money("/maximum_discount", d.Maximum), money("/minimum_amount", d.Minimum)
	if d.Currency != "" {
		j.currency(d.Currency)
	}
	if d.MaxUses != nil {
		j.within("/max_uses", *d.MaxUses, 1, maxPayments)
		code.MaxUses = *d.MaxUses
	}
	if d.StartsAt != nil {
		code.StartsAt = d.StartsAt.UTC().Truncate(time.Microsecond)
	}
	if d.EndsAt != nil {
		code.EndsAt = d.EndsAt.UTC().Truncate(time.Microsecond)
		j.ends(code)
	}
	return code, j.bad.OrNil()
}

// percent takes more than nothing and less than all: a payment of nothing is none.
func (j *judgement) percent(text string) {
	rate, ok := paylink.Surcharge{Rate: text}.Millionths()
	if !ok || rate < 1 || rate >= 1_000_000 {
		j.bad.Add("/percent", "bad_rate", "The percentage must be more than 0 and less than 100 with at most 4 decimals, such as 10 or 12.5.")
	}
}

// ends judges when a code ends.
func (j *judgement) ends(d paylink.DiscountCode) {
	if !d.EndsAt.After(j.world) {
		j.bad.Add("/ends_at", "in_the_past", "The end must be in the future.")
	} else if !d.EndsAt.After(d.StartsAt) {
		j.bad.Add("/ends_at", "too_small", "The end must be after the start.")
	}
}

func (change DiscountChange) apply(d *paylink.DiscountCode, by Actor, now time.Time) error {
	j := &judgement{by: by, world: by.Merchant.Now(by.Live, now)}
	if change.MaxUses != nil {
		j.within("/max_uses", *change.MaxUses, 0, maxPayments)
		d.MaxUses = *change.MaxUses
	}
	if change.Active != nil {
		d.Active = *change.Active
	}
	if change.NoEnd {
		d.EndsAt = time.Time{}
	} else if change.EndsAt != nil {
		d.EndsAt = change.EndsAt.UTC().Truncate(time.Microsecond)
		j.ends(*d)
	}
	return j.bad.OrNil()
}
