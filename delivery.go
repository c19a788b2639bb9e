package paylink

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// DeliveryPlan says how a link goes out: in steps, of which each may wait for a time and may turn out not to
// be needed. It stands in the place of a list of channels, which is sent on all of them at once.
type DeliveryPlan struct {
	Steps     []DeliveryStep `json:"steps" minItems:"1" maxItems:"8" doc:"in their order; the first goes out at once"`
	Heedless  bool           `json:"after_opening,omitempty" doc:"true: later steps go out also when a person has opened the link; absent: opening it ends the plan"`
	OnUnknown UnknownPolicy  `json:"on_unknown,omitempty" enum:"wait,next" doc:"when a provider never said what became of a message: wait keeps the next step's time, next sends it at once; absent: wait"`
}

// DeliveryStep is one message of a plan.
type DeliveryStep struct {
	Channel   Channel  `json:"channel" enum:"sms,whatsapp,email,in_app"`
	After     string   `json:"after,omitempty" maxLength:"16" doc:"so long after the step before, of the first after the link is made, such as 60s, 5m, 2h or 1d; at most 7 days; absent: together with the step before" example:"60s"`
	Unless    Unless   `json:"unless,omitempty" enum:"sent,delivered,read,opened" doc:"it does not go out when a message of an earlier step came that far, or for opened a person opened the link; absent: it goes out in any case"`
	Providers []string `json:"providers,omitempty" maxItems:"8" doc:"who carries it: names of providers or ids of accounts, tried in this order; absent: whoever carries the channel"`
}

// Unless is how far an earlier message must have come for a step not to be needed.
type Unless string

const (
	UnlessSent      Unless = "sent"
	UnlessDelivered Unless = "delivered"
	UnlessRead      Unless = "read"
	UnlessOpened    Unless = "opened" // the link, by a person
)

// Unlesses lists what a step may be made to depend on, the least first.
var Unlesses = []Unless{UnlessSent, UnlessDelivered, UnlessRead, UnlessOpened}

// UnknownPolicy says what a message does to the step after it of which nobody knows whether it arrived.
type UnknownPolicy string

const (
	UnknownWaits UnknownPolicy = "wait"
	UnknownNext  UnknownPolicy = "next"
)

// The bounds of a plan.
const (
	MaxDeliverySteps     = 8
	MaxDeliveryPause     = 7 * 24 * time.Hour
	MaxDeliveryProviders = 8
)

// longestPause is how long the text of a pause may be.
const longestPause = 16

// ParsePause reads how long a step waits, such as "60s", "1m30s", "2h" or "1d": whole seconds, more than none.
func ParsePause(text string) (time.Duration, bool) {
	if len(text) > longestPause {
		return 0, false
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 8)
		return time.Duration(n) * 24 * time.Hour, err == nil && n > 0 && days[0] != '+'
	}
	pause, err := time.ParseDuration(text)
	return pause, err == nil && pause > 0 && pause%time.Second == 0
}

// pause is how long the step waits; 0 when it does not say, or cannot be read.
func (s DeliveryStep) pause() time.Duration {
	pause, ok := ParsePause(s.After)
	if !ok {
		return 0
	}
	return pause
}

// Channels lists the channels of a plan, each once, in the order of the steps.
func (d DeliveryPlan) Channels() []Channel {
	all := []Channel{}
	for _, s := range d.Steps {
		if !slices.Contains(all, s.Channel) {
			all = append(all, s.Channel)
		}
	}
	return all
}

// Messages makes the messages of a plan, all of them scheduled, from start on, which is a time of the link's
// world. Ids, addresses, real times and the plan's name are still to be set.
func (d DeliveryPlan) Messages(l Link, start time.Time) []Message {
	messages, due := make([]Message, len(d.Steps)), start
	for i, s := range d.Steps {
		due = due.Add(s.pause())
		messages[i] = Message{
			Merchant: l.Merchant, Live: l.Live, Link: l.ID, Channel: s.Channel, Status: MessageScheduled,
			Step: int64(i) + 1, DueAt: due, Unless: s.Unless, Heedless: d.Heedless, Hasty: d.OnUnknown == UnknownNext,
			Providers: strings.Join(s.Providers, ","),
		}
	}
	return messages
}
