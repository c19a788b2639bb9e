package dashboard

import (
	"html"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/store"
	"paylink/store/storetest"
)

// inSteps is the form of a link that goes out one after the other.
func inSteps(key string) url.Values {
	form := filled(key)
	form["send"], form["step_channel_1"] = []string{"steps"}, []string{"whatsapp"}
	form["step_channel_2"], form["step_minutes_2"], form["step_unless_2"] = []string{"sms"}, []string{"1"}, []string{"delivered"}
	form["step_channel_4"], form["step_minutes_4"], form["step_unless_4"] = []string{"email"}, []string{"90"}, []string{""}
	return form
}

// A merchant says in plain words how a link goes out; what is made is the same plan that a program would write,
// and the link's page says what becomes of it.
func TestFormSendsInSteps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		w := o.post("/dashboard/test/links", inSteps(key(t, o.get("/dashboard/test/links/new"))))
		if w.Code != http.StatusSeeOther {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
		l := o.links()[0]
		want := &paylink.DeliveryPlan{Steps: []paylink.DeliveryStep{
			{Channel: "whatsapp"}, {Channel: "sms", After: "1m", Unless: "delivered"}, {Channel: "email", After: "90m"},
		}}
		if !reflect.DeepEqual(l.Terms.Delivery, want) {
			t.Errorf("made %+v", l.Terms.Delivery)
		}
		page := html.UnescapeString(o.get("/dashboard/test/links/" + string(l.ID)).Body.String())
		o.shows(page, "Sent in steps", "1. WhatsApp", "Queued", "2. SMS", "Planned for ", "unless a message has arrived", "3. E-mail")
		o.write(func(tx *store.Tx) {
			run, err := tx.DeliveryRun(o.merchant.ID, l.ID)
			must(t, err)
			m := run[1]
			m.Status, m.ErrorCode = paylink.MessageSkipped, "cancelled"
			read := m.UpdatedAt
			m.Touch(o.clock())
			tx.DecideMessage(m, read)
		})
		page = html.UnescapeString(o.get("/dashboard/test/links/" + string(l.ID)).Body.String())
		o.shows(page, "Not sent: the link is cancelled")
	})
}

// What is wrong with a step is said beside the steps, and nothing that was typed is lost.
func TestWrongStepsAreToldInTheForm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		for name, c := range map[string]struct {
			change func(url.Values)
			want   string
		}{
			"minutes": {func(f url.Values) { f.Set("step_minutes_2", "soon") }, "Step 2: write after how many minutes it goes out."},
			"no step": {func(f url.Values) {
				f.Set("step_channel_1", "")
				f.Set("step_channel_2", "")
				f.Set("step_channel_4", "")
			}, "Choose a channel for the first step"},
			"too long": {func(f url.Values) { f.Set("step_minutes_4", "20000") }, "at most 7 days"},
			"nobody":   {func(f url.Values) { f.Set("phone", ""); f.Set("email", "") }, "No step reaches the customer"},
		} {
			form := inSteps(key(t, o.get("/dashboard/test/links/new")))
			c.change(form)
			w := o.post("/dashboard/test/links", form)
			page := html.UnescapeString(w.Body.String())
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, c.want) || !strings.Contains(page, `value="`+form.Get("step_minutes_4")+`"`) {
				t.Errorf("%s: %d, %t", name, w.Code, strings.Contains(page, c.want))
			}
		}
		if made := o.links(); len(made) > 0 {
			t.Errorf("made %d links", len(made))
		}
	})
}

// The merchant has decided on a plan: the form begins with it, says it, and takes it as it is; a merchant who
// ticks channels instead gets those.
func TestFormBeginsWithTheDecidedPlan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		p := &paylink.DeliveryPlan{Steps: []paylink.DeliveryStep{{Channel: "sms"}, {Channel: "email", After: "2h", Unless: "opened"}}}
		o.write(func(tx *store.Tx) {
			m, err := tx.MerchantToChange(o.merchant.ID)
			must(t, err)
			m.Settings.Delivery = p
			tx.UpdateSettings(m)
		})
		blank := o.get("/dashboard/test/links/new")
		o.shows(html.UnescapeString(blank.Body.String()), "As decided before", "SMS, then E-mail after 2h, unless the link was opened.")
		for send, want := range map[string]*paylink.DeliveryPlan{"like": p, "": nil} {
			o.pass(time.Second)
			form := filled(key(t, o.get("/dashboard/test/links/new")))
			form["send"], form["reference"] = []string{send}, nil
			if w := o.post("/dashboard/test/links", form); w.Code != http.StatusSeeOther {
				t.Fatalf("%d: %s", w.Code, w.Body)
			}
			if got := o.links()[0]; !reflect.DeepEqual(got.Terms.Delivery, want) {
				t.Errorf("%q: %+v by %v", send, got.Terms.Delivery, got.Channels)
			}
		}
	})
}
