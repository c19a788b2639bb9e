package api

import (
	"context"
	"time"

	"paylink"
)

// reminderView is a reminder and what becomes of it.
type reminderView struct {
	paylink.Reminder
	At     *time.Time             `json:"at" doc:"when it goes out, or when that was decided; null: it does not"`
	Status paylink.ReminderStatus `json:"status" enum:"planned,sent,skipped" doc:"how far it has come"`
	Reason string                 `json:"reason" doc:"why it is skipped: paid, cancelled, archived, expired, on_hold, merged, opted_out, disputed, no_contact, no_expiry, no_due_date or too_late; or what it waits for: quiet_hours, gap, promised, payment_in_flight or on_hold; else empty"`
}

// remind adds to views of one merchant's links what becomes of their reminders. Links without reminders cost nothing.
func (a *API) remind(ctx context.Context, views []linkView, links []paylink.Link) error {
	var m *paylink.Merchant
	for i, l := range links {
		if len(l.Terms.Reminders) == 0 {
			continue
		}
		if m == nil {
			read, err := a.Store.Read(ctx).Merchant(l.Merchant)
			if err != nil {
				return err
			}
			m = &read
		}
		for _, p := range l.Reminders(m.Quiet(), m.Now(l.Live, a.Now())) {
			views[i].Reminders = append(views[i].Reminders, reminderView{p.Reminder, timeOrNil(p.At), p.Status, p.Reason})
		}
	}
	return nil
}

// viewWhole is view with the link's reminders.
func (a *API) viewWhole(ctx context.Context, l paylink.Link, customer *paylink.Customer) (linkView, error) {
	v, err := a.view(l, customer)
	if err != nil {
		return v, err
	}
	whole := []linkView{v}
	err = a.remind(ctx, whole, []paylink.Link{l})
	return whole[0], err
}
