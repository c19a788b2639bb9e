package dashboard

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"paylink"
	"paylink/issue"
)

// How a link goes out: on its channels at once, in steps that are typed, or in those that the template or the
// merchant's settings say.
const (
	sendAtOnce = ""
	sendSteps  = "steps"
	sendLike   = "like"
)

// stepRows is how many steps the form has; the API takes more.
const stepRows = 4

// stepTyped is one step as it is typed. The first has a channel only.
type stepTyped struct{ Channel, Minutes, Unless string }

// blankSteps is a plan that most merchants would begin with.
func blankSteps() []stepTyped {
	rows := make([]stepTyped, stepRows)
	for i := range rows {
		rows[i] = stepTyped{Minutes: "60", Unless: string(paylink.UnlessOpened)}
	}
	rows[0] = stepTyped{Channel: string(paylink.ChannelWhatsApp)}
	rows[1] = stepTyped{Channel: string(paylink.ChannelSMS), Minutes: "1", Unless: string(paylink.UnlessDelivered)}
	return rows
}

func readSending(r *http.Request) []stepTyped {
	rows := make([]stepTyped, stepRows)
	for i := range rows {
		get := func(name string) string {
			return strings.TrimSpace(r.PostForm.Get(fmt.Sprintf("step_%s_%d", name, i+1)))
		}
		rows[i] = stepTyped{Channel: get("channel"), Minutes: get("minutes"), Unless: get("unless")}
	}
	return rows
}

// steps puts how the link goes out into the draft; like is what the template says.
func (f form) steps(d *issue.Draft, m paylink.Merchant, like *paylink.DeliveryPlan, wrong func(field, text string)) {
	switch f.Send {
	case sendSteps:
		d.Terms.Delivery = &paylink.DeliveryPlan{Steps: typedSteps(f.Steps, wrong)}
	case sendLike:
		d.Terms.Delivery = like // nil: the settings say it, as channels are not said either
	default:
		f.channels(d, m)
	}
}

// typedSteps reads the rows that have a channel. A time that cannot be read is left for issue to refuse.
func typedSteps(rows []stepTyped, wrong func(field, text string)) []paylink.DeliveryStep {
	var steps []paylink.DeliveryStep
	for i, row := range rows {
		if row.Channel == "" {
			continue
		}
		s := paylink.DeliveryStep{Channel: paylink.Channel(row.Channel)}
		if i > 0 && len(steps) > 0 {
			minutes, err := strconv.ParseUint(row.Minutes, 10, 16)
			if err != nil || minutes == 0 {
				wrong("delivery", fmt.Sprintf("Step %d: write after how many minutes it goes out.", i+1))
			}
			s.After, s.Unless = fmt.Sprintf("%dm", minutes), paylink.Unless(row.Unless)
		}
		steps = append(steps, s)
	}
	return steps
}

// stepChannels are what a step may go by; the first has to go by something.
func (c create) stepChannels(i int) []choice {
	var all []choice
	if i > 0 {
		all = append(all, choice{Value: "", Word: "No further step", Chosen: c.Form.Steps[i].Channel == ""})
	}
	for _, channel := range c.Channels {
		if channel.Connected || channel.Value == c.Form.Steps[i].Channel {
			all = append(all, choice{channel.Value, channel.Word, channel.Value == c.Form.Steps[i].Channel})
		}
	}
	return all
}

// stepUnlesses are when a step goes out.
func (c create) stepUnlesses(i int) []choice {
	all := []choice{
		{Value: string(paylink.UnlessSent), Word: "if nothing could be sent"}, {Value: string(paylink.UnlessDelivered), Word: "if nothing has arrived"},
		{Value: string(paylink.UnlessRead), Word: "if nothing was read"}, {Value: string(paylink.UnlessOpened), Word: "if the link was not opened"},
		{Value: "", Word: "in any case"},
	}
	for n := range all {
		all[n].Chosen = all[n].Value == c.Form.Steps[i].Unless
	}
	return all
}

// sendChoices are the ways to send; the last one where the template or the settings have a plan.
func (c create) sendChoices() []choice {
	all := []choice{{Value: sendAtOnce, Word: "At once"}, {Value: sendSteps, Word: "One after the other"}}
	if c.Form.Like != "" {
		all = append(all, choice{Value: sendLike, Word: "As decided before"})
	}
	for i := range all {
		all[i].Chosen = all[i].Value == c.Form.Send
	}
	return all
}

// planSaid says a plan in a sentence.
func planSaid(p *paylink.DeliveryPlan) string {
	if p == nil {
		return ""
	}
	var parts []string
	for i, s := range p.Steps {
		part := word(channelWords, s.Channel)
		if rule := stepRule(s); rule != "" {
			part += " " + rule
		}
		if i > 0 && s.After == "" {
			parts[len(parts)-1] += " and " + part
			continue
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", then ")
}

// stepRule says when a step goes out.
func stepRule(s paylink.DeliveryStep) string {
	text := ""
	if s.After != "" {
		text = "after " + s.After
	}
	if why := unlessWords[s.Unless]; why != "" {
		text += ", unless " + why
	}
	return strings.TrimPrefix(text, ", ")
}

var unlessWords = map[paylink.Unless]string{
	paylink.UnlessSent: "a message has gone out", paylink.UnlessDelivered: "a message has arrived",
	paylink.UnlessRead: "a message was read", paylink.UnlessOpened: "the link was opened",
}

// deliveryProblem says to a person at the form what is wrong with a plan.
func deliveryProblem(f paylink.Field) string {
	switch f.Code {
	case "needs_contact":
		return "No step reaches the customer: give a phone number or an e-mail address."
	case "required":
		return "Choose a channel for the first step, and a time for those after it."
	case "too_far":
		return "A step goes out at most 7 days after the one before."
	case "bad_time":
		return "Write after how many minutes each step goes out."
	}
	return f.Detail
}

// deliveryFacts say what becomes of the steps of a link's plans: those that it was sent with last.
func (s scene) deliveryFacts(messages []paylink.Message) []fact {
	var run paylink.MessageID
	for _, m := range messages {
		if m.Plan != "" {
			run = m.Plan
		}
	}
	var all []fact
	for _, m := range messages {
		if m.Plan == run && m.Plan != "" {
			all = append(all, fact{fmt.Sprintf("%d. %s", m.Step, word(channelWords, m.Channel)), s.stepSaid(m)})
		}
	}
	return all
}

// stepSaid says what becomes of one step.
func (s scene) stepSaid(m paylink.Message) string {
	switch m.Status {
	case paylink.MessageScheduled:
		text := "Planned for " + s.Lang.Moment(m.DueAt, s.Merchant.TimeZone)
		if why := unlessWords[m.Unless]; why != "" {
			text += ", unless " + why
		}
		return text
	case paylink.MessageSkipped:
		if why := skipWords[m.ErrorCode]; why != "" {
			return "Not sent: " + why
		}
	}
	return labelOf(messageLabels, m.Status).Word
}

// skipWords say why a message was not sent.
var skipWords = map[string]string{
	paylink.SkipNotNeeded: "an earlier message did it", paylink.SkipOpened: "the link was opened", paylink.SkipReplaced: "the link was sent anew",
	paylink.SkipNoContact: "there is no address for it", "paid": "nothing is due", "cancelled": "the link is cancelled",
	"archived": "the link is archived", "expired": "the link has ended", "on_hold": "the link is on hold",
}
