package cli

import (
	"strings"

	"paylink/client"
)

// reminders reads when a customer is reminded: 2h after the link was sent, end-24h before it
// expires, due+3d after its due date; none, alone, for no reminder. The times are judged by the server.
func reminders(texts []string) ([]client.Reminder, error) {
	all := []client.Reminder{}
	for _, text := range texts {
		if text == "none" && len(texts) == 1 {
			return all, nil
		}
		var r client.Reminder
		if span, ok := strings.CutPrefix(text, "due+"); ok {
			r.AfterDue = span
		} else if span, ok := strings.CutPrefix(text, "end-"); ok {
			r.BeforeExpiry = span
		} else {
			r.After = strings.TrimPrefix(text, "+")
		}
		if r.After+r.BeforeExpiry+r.AfterDue == "" {
			return nil, usage("--remind is a time such as 2h, end-24h or due+3d")
		}
		all = append(all, r)
	}
	return all, nil
}
