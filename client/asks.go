package client

// Question is one thing that the page asks before a payment starts.
type Question struct {
	Key           string   `json:"key"` // yours; small letters, digits and underscores
	Label         string   `json:"label"`
	Type          string   `json:"type"`                     // text, number, choice
	Choices       []string `json:"choices,omitempty"`        // for choice
	Required      bool     `json:"required,omitempty"`       // no payment starts without an answer
	MaximumLength int64    `json:"maximum_length,omitempty"` // for text, in characters; 0: 200
}

// Answer is what the customer answered to a question.
type Answer struct {
	Key   string  `json:"key"`
	Label string  `json:"label"` // as it was asked
	Value *string `json:"value"` // nil in events, and when it was erased
}
