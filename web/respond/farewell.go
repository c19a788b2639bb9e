package respond

import (
	"fmt"
	"math/rand/v2"
)

// Farewell is the last word of a stream of server-sent events whose node stops: the reader comes back
// soon, to another node, and not everybody in the same moment.
func Farewell() string { return fmt.Sprintf("retry: %d\n\n", 200+rand.IntN(1300)) }
