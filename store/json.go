package store

import (
	"encoding/json"
	"strings"
)

// toJSON writes a column of JSON text. The values are plain structs, lists and maps of ours, which
// always marshal.
func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("column: " + err.Error())
	}
	return string(b)
}

// listFromJSON and mapFromJSON read a column of JSON text. Most of them hold nothing, which needs no
// parser: a page is opened more often than anything else happens.
func listFromJSON[E any](text string, into *[]E) error {
	switch text {
	case "null":
		return nil
	case "[]":
		*into = []E{}
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

func mapFromJSON(text string, into *map[string]string) error {
	switch text {
	case "null":
		return nil
	case "{}":
		*into = map[string]string{}
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

func textOrEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// likeEscape keeps a customer's % and _ from meaning anything in a LIKE with ESCAPE '!'.
var likeEscape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// lowerASCII does to a text what LOWER does to a column in both databases.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}
