package dashboard

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"paylink"
	"paylink/refund"
	"paylink/store"
)

// refundForm is the page on which many payments are given back at once.
type refundForm struct {
	frame
	flaws
	List, Reason, Speed string
	Window              string // how long all of it can be called off; empty: not at all
	Failed              []failedRefund
	Made                int    // of the list that was sent just now
	Batch               string // address of its page; empty: nothing was made
	Key                 string
}

// failedRefund is a line of the list of which no refund was made, and why.
type failedRefund struct{ Line, Why string }

// NewRefunds shows the form: GET /dashboard/{mode}/refunds/new.
func (d *Dashboard) NewRefunds(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showNewRefunds(w, r, s, http.StatusOK, refundForm{})
	})
}

func (d *Dashboard) showNewRefunds(w http.ResponseWriter, r *http.Request, s scene, status int, v refundForm) error {
	v.frame, v.Key = d.frame(s, "Refund many payments", "refunds"), newFormKey()
	v.Window = windowWords(s.Merchant.Settings.Refunds.Window(true))
	return d.render(w, r, status, newRefundsPage(v))
}

// windowWords say how long a refund can be called off; empty: not at all.
func windowWords(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return spanOf(int64(d / time.Second)).words()
}

// MakeRefunds begins the list's refunds, each by itself: POST /dashboard/{mode}/refunds/new. What could not be begun
// is told by its line, and stays in the form.
func (d *Dashboard) MakeRefunds(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		v := refundForm{List: lines(r.PostForm.Get("list")), Reason: typed(r, "reason"), Speed: typed(r, "speed")}
		wishes, typedLines, wrong, err := d.wishes(r, s, v)
		if err != nil {
			return err
		}
		if r.PostForm.Get("confirm") != "yes" {
			wrong = append(wrong, problem{"confirm", "Tick that this money is to go back."})
		}
		if len(wrong) > 0 {
			v.flaws = flaws{wrong}
			return d.showNewRefunds(w, r, s, http.StatusUnprocessableEntity, v)
		}
		var batch paylink.RefundBatchID
		var all []refund.Listed
		err = once(r.Context(), func() (err error) {
			batch, all, err = d.Refunds.Bulk(r.Context(), refund.Actor(s.actor()), wishes, s.claim(r, "POST "+Root+"/refunds/new", ""))
			return err
		})
		var invalid *paylink.Invalid
		if errors.As(err, &invalid) {
			v.flaws = flawsOf(nil, invalid, []string{"", "list"}, func(f paylink.Field) problem { return problem{Field: "list"} })
			return d.showNewRefunds(w, r, s, http.StatusUnprocessableEntity, v)
		}
		if err != nil {
			return err
		}
		var left []string
		for i, one := range all {
			if one.Err == nil {
				v.Made++
				continue
			}
			left = append(left, typedLines[i])
			v.Failed = append(v.Failed, failedRefund{typedLines[i], refusedWords(one.Err)})
		}
		if len(v.Failed) == 0 {
			http.Redirect(w, r, s.path("refunds", "lists", string(batch))+"?note=listed", http.StatusSeeOther)
			return nil
		}
		v.List = strings.Join(left, "\n")
		if v.Made > 0 {
			v.Batch = s.path("refunds", "lists", string(batch))
		}
		return d.showNewRefunds(w, r, s, http.StatusOK, v)
	})
}

// refusedWords say why one refund of a list was not begun.
func refusedWords(err error) string {
	var conflict *paylink.Conflict
	var missing *paylink.NotFound
	switch {
	case errors.As(err, &missing):
		return "There is no such payment here."
	case errors.As(err, &conflict) && refundRemarks[conflict.Code] != nil:
		return refundRemarks[conflict.Code].Text
	}
	return upperFirst(err.Error())
}

// wishes reads the list: a line is a payment, by its id or its reference, and perhaps an amount.
func (d *Dashboard) wishes(r *http.Request, s scene, v refundForm) (all []refund.Wish, typedLines []string, wrong []problem, err error) {
	fail := func(line, why string) { wrong = append(wrong, problem{"list", "“" + line + "”: " + why}) }
	read := d.Store.Read(r.Context())
	for line := range strings.Lines(v.List) {
		parts := strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ';' || r == '\t' || r == ' ' || r == '\n' })
		if len(parts) == 0 {
			continue
		}
		line = strings.TrimSpace(line)
		if typedLines = append(typedLines, line); len(typedLines) > refund.MostListed {
			return nil, nil, []problem{{"list", "A list has at most 100 payments."}}, nil
		}
		wish := refund.Wish{Payment: paylink.PaymentID(parts[0]), Reason: paylink.RefundReason(v.Reason), Speed: paylink.RefundSpeed(v.Speed)}
		p, err := read.Payment(s.Merchant.ID, s.Live, wish.Payment)
		if paylink.IsNotFound(err) {
			if p, err = read.PaymentByReference(s.Merchant.ID, parts[0]); err == nil && p.Live != s.Live {
				err = &paylink.NotFound{Kind: "payment"}
			}
		}
		switch {
		case err != nil && !paylink.IsNotFound(err):
			return nil, nil, nil, err
		case err != nil:
			fail(line, "there is no such payment here.")
		case len(parts) > 2:
			fail(line, "write a payment, and after it an amount or nothing.")
		case len(parts) == 2:
			minor, why := parseAmount(parts[1], p.Amount.Currency)
			if wish.Amount = &minor; why != "" {
				fail(line, why)
			}
		}
		wish.Payment = p.ID
		all = append(all, wish)
	}
	if len(typedLines) == 0 {
		wrong = append(wrong, problem{"list", "Write the payments that are to go back."})
	}
	return all, typedLines, wrong, nil
}

// refundBatch is the page of a list of refunds.
type refundBatch struct {
	frame
	Note  *remark
	Rows  []refundRow
	Until when // when the gateways are told of those that are decided
	Soon  int  // how many these are
	Waits int  // how many wait for a second person
	ID    string
}

var batchRemarks = map[string]*remark{
	"listed":     {"The refunds are made.", "good"},
	"called_off": {"What the gateway had not been told of is called off.", "good"},
}

// RefundBatch shows a list of refunds: GET /dashboard/{mode}/refunds/lists/{id}.
func (d *Dashboard) RefundBatch(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		id := paylink.RefundBatchID(r.PathValue("id"))
		all, err := d.Store.Read(r.Context()).Refunds(s.Merchant.ID, s.Live, store.RefundFilter{Batch: id}, "", refund.MostListed)
		if err == nil && (id == "" || len(all) == 0) {
			err = &paylink.NotFound{Kind: "refund batch"}
		}
		if err != nil {
			return err
		}
		v := refundBatch{frame: d.frame(s, "A list of refunds", "refunds"), Note: batchRemarks[r.URL.Query().Get("note")], ID: string(id)}
		for _, f := range all {
			row := s.refundRow(f)
			v.Rows = append(v.Rows, row)
			switch {
			case f.Status == paylink.RefundAwaiting:
				v.Waits++
			case row.CanCancel:
				v.Soon++
				v.Until = s.when(f.SendAfter, s.Now)
			}
		}
		return d.render(w, r, http.StatusOK, refundBatchPage(v))
	})
}

// CancelRefundBatch calls off what can be: POST /dashboard/{mode}/refunds/lists/{id}/cancel. A second press finds
// nothing more to call off.
func (d *Dashboard) CancelRefundBatch(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		id := r.PathValue("id")
		if _, err := d.Refunds.CancelBulk(r.Context(), refund.Actor(s.actor()), paylink.RefundBatchID(id)); err != nil {
			return err
		}
		http.Redirect(w, r, s.path("refunds", "lists", id)+"?note=called_off", http.StatusSeeOther)
		return nil
	})
}
