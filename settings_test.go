package paylink_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"paylink"
)

// What a page saves is what differs from what it showed; a member that it forgot or made up would undo what
// somebody else has decided.
func TestChangesLeadFromOneToTheOther(t *testing.T) {
	from := paylink.Settings{OnLate: "hold", ReturnOrigins: []string{"https://a.example"}, NotifyExpiry: true}
	to := paylink.Settings{OnLate: "refund", ReturnOrigins: []string{"https://a.example"}, QuietHours: &paylink.DailyHours{From: "20:00", To: "08:00"}}
	changes := from.Changes(to)
	want := map[string]json.RawMessage{
		"on_late_payment": json.RawMessage(`"refund"`), "notify_expiry": json.RawMessage(`null`), "quiet_hours": json.RawMessage(`{"from":"20:00","to":"08:00"}`),
	}
	if !reflect.DeepEqual(changes, want) {
		t.Errorf("%s", changes)
	}
	if got, err := from.With(changes); err != nil || !reflect.DeepEqual(got, to) {
		t.Errorf("%+v, %v", got, err)
	}
	if same := to.Changes(to); len(same) != 0 {
		t.Errorf("%s", same)
	}
}
