package issue

import (
	"fmt"
	"reflect"

	"paylink"
)

// judgeItems puts new lines into a link that is made of lines, under the rules of its amount: they never
// come to less than is paid, and a payment of the least that they can come to fits under a cap.
func (a Amendment) judgeItems(j *judgement, l *paylink.Link) {
	if len(l.Terms.Items) == 0 {
		j.bad.Add("/line_items", "conflicting", "This link is not made of lines.")
		return
	}
	if a.Amount != nil {
		return // which is refused already
	}
	if l.Terms.Plan != nil && !reflect.DeepEqual(a.Items, l.Terms.Items) {
		j.bad.Add("/line_items", "conflicting", "The instalments of the plan come to the amount. Make another plan.")
		return
	}
	before := len(j.bad.Fields)
	l.Terms.Items = a.Items
	if l.Amount.Minor = j.items(a.Items); len(j.bad.Fields) > before {
		return
	}
	if l.Terms.Partial != nil && l.Terms.Adjustable() {
		j.bad.Add("/line_items", "conflicting", "Lines whose quantity the customer chooses cannot be paid in parts.")
	}
	least := l.Least()
	if l.Usage.MaxTotal > 0 && least > l.Usage.MaxTotal-l.Settled() {
		j.bad.Add("/line_items", "too_large", "Not even one payment of these lines fits under the link's cap on the total.")
	}
	if l.Usage.Mode == paylink.UsageSingle && least < l.Settled() {
		j.bad.Add("/line_items", "too_small", fmt.Sprintf("%d minor units are paid already, and the lines cannot come to less.", l.Settled()))
	}
}
