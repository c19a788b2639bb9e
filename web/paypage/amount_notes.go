package paypage

// The notes about what was typed.
const (
	noteAmountNone   note = "amount_none"
	noteAmountOdd    note = "amount_odd"
	noteAmountSmall  note = "amount_small"
	noteAmountLarge  note = "amount_large"
	noteQuantities   note = "quantities"
	noteTotalChanged note = "total_changed"
	noteTerms        note = "terms"
	noteAnswers      note = "answers"
)

func (n note) aboutAmount() bool {
	switch n {
	case noteAmountNone, noteAmountOdd, noteAmountSmall, noteAmountLarge, noteQuantities, noteTotalChanged, noteTerms, noteTip, noteShipping, noteCode, noteAnswers:
		return true
	}
	return false
}
