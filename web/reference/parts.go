package reference

import "strings"

// parts splits a text at its backquotes: every second part is code.
func parts(words string) []string { return strings.Split(words, "`") }

// short is a method's name for a narrow list.
func short(method string) string {
	if method == "DELETE" {
		return "DEL"
	}
	return method
}
