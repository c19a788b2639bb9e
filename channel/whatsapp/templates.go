package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"paylink/channel"
)

const (
	templatesPerPage = 20
	maxPages         = 200 // a business account holds at most 6,000 templates, and most a few dozen
)

// registered is a template as the API lists it.
type registered struct {
	Name       string `json:"name"`
	Language   string `json:"language"`
	Status     string `json:"status"`
	Category   string `json:"category"`
	Components []struct {
		Type    string `json:"type"`
		Text    string `json:"text"`
		Buttons []struct {
			Type string `json:"type"`
			URL  string `json:"url"`
		} `json:"buttons"`
	} `json:"components"`
}

// Templates lists the templates of the account's business account.
func (s *Sender) Templates(ctx context.Context, a channel.Account) ([]channel.Registered, error) {
	list, err := s.templates(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("list the templates of account %s: %w", a.ID, err)
	}
	return list, nil
}

func (s *Sender) templates(ctx context.Context, a channel.Account) (list []channel.Registered, err error) {
	perPage, after := templatesPerPage, ""
	for range maxPages {
		var page struct {
			Data   []registered `json:"data"`
			Paging struct {
				Next    string `json:"next"`
				Cursors struct {
					After string `json:"after"`
				} `json:"cursors"`
			} `json:"paging"`
		}
		query := url.Values{"fields": {"name,language,status,category,components"}, "limit": {strconv.Itoa(perPage)}}
		if after != "" {
			query.Set("after", after)
		}
		err := s.call(ctx, a, request{method: http.MethodGet, path: "/" + url.PathEscape(a.Fields[businessAccount]) + "/message_templates", query: query}, &page)
		switch {
		case errors.Is(err, errLong) && perPage > 1:
			perPage /= 2 // long texts in an alphabet that is written as escapes
			continue
		case err != nil:
			return nil, err
		}
		for _, r := range page.Data {
			list = append(list, r.read())
		}
		// The address of the next page is told too, but only ours are called.
		if after = page.Paging.Cursors.After; page.Paging.Next == "" || after == "" {
			return list, nil
		}
	}
	return nil, unknown("the list of templates has no end")
}

var variable = regexp.MustCompile(`\{\{\s*([a-z0-9_]+)\s*\}\}`)

func (r registered) read() channel.Registered {
	t := channel.Registered{Name: r.Name, Language: r.Language, Status: strings.ToLower(r.Status), Category: strings.ToLower(r.Category)}
	for _, c := range r.Components {
		switch c.Type {
		case "BODY":
			t.Body = c.Text
			for _, place := range variable.FindAllStringSubmatch(c.Text, -1) {
				if !slices.Contains(t.Variables, place[1]) {
					t.Variables = append(t.Variables, place[1])
				}
			}
		case "BUTTONS":
			for _, b := range c.Buttons {
				if b.Type == "URL" && t.ButtonURL == "" {
					t.ButtonURL = b.URL
				}
			}
		}
	}
	return t
}
