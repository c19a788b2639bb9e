package main

import (
	"math"
	"strings"
	"testing"
	"time"
)

// A slope that is off by its unit calls a leak flat, or a full cache a leak.
func TestGrowthIsJudgedByTheHour(t *testing.T) {
	line := func(start, perMinute int64) (samples []sample) {
		for minute := range int64(30) {
			samples = append(samples, sample{time.Duration(minute) * time.Minute, start<<20 + minute*perMinute<<20})
		}
		return samples
	}
	if slope, mean := perHour(line(100, 1)); math.Abs(slope-60<<20) > 1 || math.Abs(mean-114.5*(1<<20)) > 1 {
		t.Errorf("a megabyte a minute is %f an hour, around %f", slope, mean)
	}
	for want, samples := range map[string][]sample{
		"memory flat":                           line(100, 0),
		"memory **growing**: ":                  line(100, 1),
		"+60.0 MB an hour":                      line(100, 1),
		"too short to say anything":             line(100, 1)[:1],
		"memory flat: 1022 MB on average, 1029": line(1000, 1),
	} {
		if got := verdict(samples); !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
}
