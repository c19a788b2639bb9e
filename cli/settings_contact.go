package cli

import (
	"fmt"
	"strconv"
	"strings"

	"paylink/client"
)

// contact reads when and how often customers are written to.
func (c *settingsSetCommand) contact(to *client.SettingsChange) error {
	from, until, ok := strings.Cut(c.ContactHours, "-")
	if !ok && c.ContactHours != "" && c.ContactHours != "none" {
		return usage("--contact-hours is two times such as 08:00-20:00")
	}
	decide(&to.ContactHours, c.ContactHours, client.DailyHours{From: from, To: until})
	var caps client.ContactCaps
	of := map[string]*int64{"day": &caps.PerDay, "week": &caps.PerWeek}
	for _, text := range c.ContactCap {
		span, times, _ := strings.Cut(text, "=")
		if text == "none" && len(c.ContactCap) == 1 {
			break
		}
		n, err := strconv.ParseInt(times, 10, 64)
		if of[span] == nil || err != nil || n < 1 {
			return usage("--contact-cap is day or week with a number, such as day=1")
		}
		*of[span] = n
	}
	decide(&to.ContactCaps, strings.Join(c.ContactCap, ","), caps)
	return nil
}

// registered reads what is registered with India's operators.
func (c *settingsSetCommand) registered(t *Terminal, to *client.SettingsChange) error {
	var d client.DLT
	if c.DLT != "" && c.DLT != "none" {
		if err := readObject(t, c.DLT, "the registration", &d); err != nil {
			return err
		}
	}
	decide(&to.DLT, c.DLT, d)
	return nil
}

// contactFacts shows when and how often customers are written to, and how far messages to India are registered.
func contactFacts(w table, s client.Settings) {
	if h := s.ContactHours; h != nil {
		w.fact("Customers hear", "from "+h.From+" to "+h.To+", by their clock")
	}
	if c := s.ContactCaps; c != nil {
		var words []string
		if c.PerDay > 0 {
			words = append(words, fmt.Sprintf("%d a day", c.PerDay))
		}
		if c.PerWeek > 0 {
			words = append(words, fmt.Sprintf("%d a week", c.PerWeek))
		}
		w.fact("Unasked at most", strings.Join(words, ", "))
	}
	if d := s.DLT; d != nil {
		w.fact("India (DLT)", fmt.Sprintf("%s, %s, %d texts", d.EntityID, strings.Join(d.Headers, " "), len(d.Templates)))
	}
}
