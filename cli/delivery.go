package cli

import (
	"slices"
	"strings"

	"paylink/client"
)

// deliveryPhrase is how a plan is written on the command line.
const deliveryPhrase = `--deliver is a phrase such as "whatsapp, then sms after 60s unless delivered"`

// deliveryPlan reads a plan as people say it: steps between ", then" or "then", each a channel or several with
// "and", which go out together; then "after TIME", "unless WHAT" and "via PROVIDER or PROVIDER", each once and in
// any order. What a channel, a time and the rest may be is judged by the server.
func deliveryPlan(text string) (*client.DeliveryPlan, error) {
	words := strings.Fields(strings.ReplaceAll(text, ",", " , "))
	var p client.DeliveryPlan
	for len(words) > 0 {
		end := slices.Index(words, "then")
		part := words
		if end >= 0 {
			part, words = words[:end], words[end+1:]
			if len(words) == 0 {
				return nil, usage(deliveryPhrase + `; nothing stands after the last "then"`)
			}
			if len(part) > 0 && part[len(part)-1] == "," {
				part = part[:len(part)-1]
			}
		} else {
			words = nil
		}
		steps, err := deliverySteps(part)
		if err != nil {
			return nil, err
		}
		p.Steps = append(p.Steps, steps...)
	}
	if len(p.Steps) == 0 {
		return nil, usage(deliveryPhrase)
	}
	return &p, nil
}

// deliverySteps reads what stands between two "then": one step for each channel.
func deliverySteps(words []string) ([]client.DeliveryStep, error) {
	said := deliveryWords{left: words}
	channels := said.list("and")
	if len(channels) == 0 {
		return nil, usage(deliveryPhrase + "; a step begins with a channel")
	}
	var first client.DeliveryStep
	for len(said.left) > 0 {
		word := said.next()
		switch {
		case word == "after" && first.After == "":
			first.After = said.next()
		case word == "unless" && first.Unless == "":
			first.Unless = said.next()
		case word == "via" && first.Providers == nil:
			first.Providers = said.list("or")
		default:
			return nil, usage(deliveryPhrase+"; it is not clear what %s means there", word)
		}
	}
	if said.short {
		return nil, usage(deliveryPhrase + "; a word is missing")
	}
	steps := make([]client.DeliveryStep, len(channels))
	for i, channel := range channels {
		steps[i] = client.DeliveryStep{Channel: channel}
		if i == 0 {
			steps[i] = first
			steps[i].Channel = channel
		} else if first.Unless != "" || first.Providers != nil {
			return nil, usage(deliveryPhrase + "; channels that go out together have no unless and no via")
		}
	}
	return steps, nil
}

// deliveryWords are the words that are still to be read.
type deliveryWords struct {
	left  []string
	short bool // a word was asked for, and there was none
}

// next takes a word; it is none of those that say what follows.
func (w *deliveryWords) next() string {
	if len(w.left) == 0 {
		w.short = true
		return ""
	}
	word := w.left[0]
	w.left = w.left[1:]
	return word
}

// list takes words between which stands the joint.
func (w *deliveryWords) list(joint string) []string {
	all := []string{w.next()}
	for len(w.left) > 0 && w.left[0] == joint {
		w.left = w.left[1:]
		all = append(all, w.next())
	}
	if w.short || slices.ContainsFunc(all, func(word string) bool {
		return slices.Contains([]string{",", "after", "unless", "via", "and", "or"}, word)
	}) {
		w.short = true
		return nil
	}
	return all
}

// phrase writes a plan as deliveryPlan reads it.
func phrase(steps []client.DeliveryStep) string {
	var parts []string
	for i := 0; i < len(steps); {
		first, channels := steps[i], []string{steps[i].Channel}
		for i++; i < len(steps) && plain(steps[i]) && first.Unless == "" && len(first.Providers) == 0; i++ {
			channels = append(channels, steps[i].Channel)
		}
		part := strings.Join(channels, " and ")
		if first.After != "" {
			part += " after " + first.After
		}
		if first.Unless != "" {
			part += " unless " + first.Unless
		}
		if len(first.Providers) > 0 {
			part += " via " + strings.Join(first.Providers, " or ")
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", then ")
}

// plain tells that a step only goes out together with the one before.
func plain(s client.DeliveryStep) bool {
	return s.After == "" && s.Unless == "" && len(s.Providers) == 0
}
