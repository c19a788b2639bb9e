package issue_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"paylink"
	"paylink/issue"
	"paylink/store"
	"paylink/store/storetest"
)

func saving(name string) issue.Saving {
	return issue.Saving{Name: &name, Settings: json.RawMessage(`{"notes":"n"}`), Draft: issue.Draft{Notes: "n"}}
}

// Two people save a template under one name at the same moment: a link that names it must know which.
func TestOneNameIsOneTemplate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		first, err := w.issuer.SaveTemplate(t.Context(), w.actor(), "", saving("Monthly"), nil)
		if err != nil {
			t.Fatal(err)
		}
		by := w.actor()
		var mu sync.Mutex
		codes := map[string]int{}
		var together sync.WaitGroup
		for range 10 {
			for _, id := range []paylink.TemplateID{"", first.ID} { // a new one, and the first one renamed
				together.Go(func() {
					_, err := w.issuer.SaveTemplate(t.Context(), by, id, saving("Yearly"), nil)
					code, _ := codeOf(err)
					mu.Lock()
					defer mu.Unlock()
					codes[code]++
				})
			}
		}
		together.Wait()
		// Either a new one took the name, and nobody else has it; or the first one did, as often as it was asked.
		if codes["name_in_use"] != 19 && codes["name_in_use"] != 10 || codes["name_in_use"]+codes[""] != 20 {
			t.Errorf("answers %v", codes)
		}
		all, err := s.Read(t.Context()).Templates(w.merchant.ID, false)
		named := 0
		for _, one := range all {
			if one.Name == "Yearly" {
				named++
			}
		}
		if err != nil || named != 1 {
			t.Errorf("%d templates are called Yearly, %v", named, err)
		}
	})
}

// Two people have one template open and save it: the second must be told, not undo what he has not seen.
func TestUnseenTemplateIsNotOverwritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		by := w.actor()
		first, err := w.issuer.SaveTemplate(t.Context(), by, "", saving("Monthly"), nil)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		codes := map[string]int{}
		var together sync.WaitGroup
		for range 10 {
			together.Go(func() {
				change := saving("Monthly")
				change.Seen = &first.UpdatedAt
				_, err := w.issuer.SaveTemplate(t.Context(), by, first.ID, change, nil)
				code, _ := codeOf(err)
				mu.Lock()
				defer mu.Unlock()
				codes[code]++
			})
		}
		together.Wait()
		if codes[""] != 1 || codes["template_changed"] != 9 {
			t.Errorf("answers %v", codes)
		}
	})
}

// Somebody's script saves templates without end: their list stays one that a person can read.
func TestTemplatesHaveARoom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for i := range store.MaxTemplates - 5 {
			w.write(func(tx *store.Tx) error {
				tx.InsertTemplate(paylink.Template{
					ID: paylink.NewTemplateID(start), Merchant: w.merchant.ID, Name: fmt.Sprint("t", i), Settings: json.RawMessage(`{}`), CreatedAt: start, UpdatedAt: start,
				})
				return nil
			})
		}
		by := w.actor()
		var together sync.WaitGroup
		for i := range 20 {
			together.Go(func() {
				_, err := w.issuer.SaveTemplate(t.Context(), by, "", saving(fmt.Sprint("new ", i)), nil)
				if code, _ := codeOf(err); err != nil && code != "too_many_templates" {
					t.Error(err)
				}
			})
		}
		together.Wait()
		_, count, err := s.Read(t.Context()).TemplateNamed(w.merchant.ID, false, "", "")
		if err != nil || count != store.MaxTemplates {
			t.Errorf("%d templates, %v; want %d", count, err, store.MaxTemplates)
		}
	})
}
