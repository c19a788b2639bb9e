package gateway

// Ability is what a gateway can do beside what all of them can, by the interface that it has.
type Ability string

// The abilities.
const (
	CanForm    Ability = "form"     // its page is opened by a form
	CanTest    Ability = "test"     // it can be asked whether credentials are good
	CanCancel  Ability = "cancel"   // it closes an order that waits for its customer
	CanCapture Ability = "capture"  // it takes later what was reserved
	CanVoid    Ability = "void"     // it gives back what was reserved
	CanRefund  Ability = "refund"   // it gives back what was taken
	CanDispute Ability = "disputes" // it lists objections
	CanContest Ability = "contest"  // it takes the merchant's answer to one
	CanSettle  Ability = "settlements"
)

// Abilities are all of them, in the order in which tables show them.
var Abilities = []Ability{CanTest, CanCancel, CanCapture, CanVoid, CanRefund, CanDispute, CanContest, CanSettle, CanForm}

// AbilitiesOf tells what a gateway can do, also from within one that watches it.
func AbilitiesOf(g Gateway) []Ability {
	able := []Ability{}
	for _, a := range Abilities {
		if has[a](g) {
			able = append(able, a)
		}
	}
	return able
}

var has = map[Ability]func(Gateway) bool{
	CanForm: able[Former], CanTest: able[Tester], CanCancel: able[Canceller], CanCapture: able[Capturer], CanVoid: able[Voider], CanRefund: able[Refunder],
	CanDispute: able[Disputer], CanContest: able[Contester], CanSettle: able[Settler],
}

func able[T any](g Gateway) bool {
	_, ok := As[T](g)
	return ok
}
