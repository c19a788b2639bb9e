package channeltest

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"paylink"
)

// A provider that is wired with an impossible list is asked to carry what it cannot.
func capabilities(t *testing.T, s suite) {
	c := s.Capabilities()
	if c.Name == "" || strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		t.Errorf("the name %q cannot stand in a path", c.Name)
	}
	if len(c.Channels) == 0 || len(slices.Compact(slices.Sorted(slices.Values(c.Channels)))) != len(c.Channels) {
		t.Errorf("channels %v: none, or one twice", c.Channels)
	}
	for _, one := range c.Channels {
		if !slices.Contains(paylink.Channels, one) {
			t.Errorf("channel %q is not one of paylink's", one)
		}
	}
	for _, one := range c.Reads {
		if !slices.Contains(c.Channels, one) || one == paylink.ChannelSMS {
			t.Errorf("reading by %q cannot be known", one)
		}
	}
	if !reflect.DeepEqual(s.Capabilities(), c) {
		t.Error("capabilities change from call to call")
	}
}
