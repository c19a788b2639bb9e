package fcm

import "time"

// SetNow gives the sender a clock.
func SetNow(s *Sender, now func() time.Time) { s.now = now }
