package paylink

// ContactCaps is how often one customer hears of a merchant on one channel without having asked: reminders,
// recovery and promotion together.
type ContactCaps struct {
	Day  int64 `json:"per_day,omitempty" minimum:"0" maximum:"100" doc:"within 24 hours; absent or 0: as often as other rules let"`
	Week int64 `json:"per_week,omitempty" minimum:"0" maximum:"500" doc:"within seven days; absent or 0: as often as other rules let"`
}
