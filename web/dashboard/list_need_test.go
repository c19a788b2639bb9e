package dashboard

import (
	"strings"
	"testing"
	"time"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

// Whoever asks for the overdue links, and gets all of them or none, calls the wrong customers.
func TestListIsFilteredByWhatLinksWaitFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newOffice(t, s)
		named := func(name string, change func(*issue.Draft)) paylink.Link {
			return o.link(func(d *issue.Draft) {
				d.Description, d.NoExpiry = name, true
				if change != nil {
					change(d)
				}
			})
		}
		due := noon.Add(time.Hour)
		named("Nothing", nil)
		named("Late tea", func(d *issue.Draft) { d.Terms.DueAt = &due })
		promised, wish := named("Word given", nil), named("More time", nil)
		o.alter(promised.ID, func(l *paylink.Link) { l.Promised(paylink.Promising{Date: noon.AddDate(0, 0, 9)}, noon) })
		o.alter(wish.ID, func(l *paylink.Link) { l.RefreshAskedAt = noon })
		o.pass(2 * time.Hour)
		for need, want := range map[string]string{"overdue": "Late tea", "promised": "Word given", "time": "More time", "": "Nothing", "else": "Nothing"} {
			page := o.get("/dashboard/test/links?need=" + need).Body.String()
			rows := 1
			if needWords[need] == "" {
				rows = 4
			} else if !strings.Contains(page, `<option value="`+need+`" selected>`) || !strings.Contains(page, "Filters in use") {
				t.Errorf("%s: the page does not say by what it is filtered", need)
			}
			if !strings.Contains(page, want) || strings.Count(page, "data-link=") != rows {
				t.Errorf("%q: %d rows, %s among them: %t", need, strings.Count(page, "data-link="), want, strings.Contains(page, want))
			}
		}
	})
}
