package paylink

import (
	"encoding/json"
	"slices"
	"strings"
)

// ParseDelivery reads a plan as people write it in one cell: steps between semicolons or "then", each a channel, or
// several with "and" that go out together; then "after 60s", "unless delivered" and "via msg91 or twilio", each
// once and in any order. "whatsapp; sms after 60s unless delivered" is one. It may also be the JSON of the API. It
// is false for what is neither; what a channel, a time and the rest may be is not judged.
func ParseDelivery(text string) (p DeliveryPlan, ok bool) {
	if text = strings.TrimSpace(text); strings.HasPrefix(text, "{") {
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		err := d.Decode(&p)
		return p, err == nil && !d.More() && len(p.Steps) > 0
	}
	words := strings.Fields(strings.NewReplacer(";", " then ", ",", " , ").Replace(text))
	for len(words) > 0 {
		part, rest := words, []string(nil)
		if end := slices.Index(words, "then"); end >= 0 {
			if part, rest = words[:end], words[end+1:]; len(rest) == 0 {
				return p, false
			}
			part = part[:len(part)-trailing(part)]
		}
		steps, ok := readSteps(part)
		if !ok {
			return p, false
		}
		p.Steps, words = append(p.Steps, steps...), rest
	}
	return p, len(p.Steps) > 0
}

// trailing is 1 when a comma stands before "then".
func trailing(part []string) int {
	if len(part) > 0 && part[len(part)-1] == "," {
		return 1
	}
	return 0
}

// readSteps reads what stands between two semicolons: one step for each channel.
func readSteps(words []string) ([]DeliveryStep, bool) {
	channels, left := joined(words, "and")
	var first DeliveryStep
	for len(left) > 1 {
		word := left[0]
		switch {
		case word == "after" && first.After == "":
			first.After, left = left[1], left[2:]
		case word == "unless" && first.Unless == "":
			first.Unless, left = Unless(left[1]), left[2:]
		case word == "via" && first.Providers == nil:
			first.Providers, left = joined(left[1:], "or")
		default:
			return nil, false
		}
	}
	if len(channels) == 0 || len(left) > 0 || len(channels) > 1 && (first.Unless != "" || first.Providers != nil) ||
		slices.Contains(deliveryWords, first.After) || slices.Contains(deliveryWords, string(first.Unless)) {
		return nil, false
	}
	steps := make([]DeliveryStep, len(channels))
	for i, channel := range channels {
		if i == 0 {
			steps[i] = first
		}
		steps[i].Channel = Channel(strings.ToLower(channel))
	}
	return steps, true
}

// deliveryWords are the words that say what follows, and so are none that follow.
var deliveryWords = []string{",", "after", "unless", "via", "and", "or"}

// joined takes words between which stands the joint, and gives what is left.
func joined(words []string, joint string) (all, left []string) {
	for i := 0; i < len(words); i += 2 {
		if slices.Contains(deliveryWords, words[i]) {
			return nil, words // nothing follows the joint
		}
		all = append(all, words[i])
		if i+1 >= len(words) || words[i+1] != joint {
			return all, words[i+1:]
		}
	}
	return nil, words
}
