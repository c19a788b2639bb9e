package dashboard

import (
	"time"

	"paylink"
)

// frame is what stands around every page behind the sign-in.
type frame struct {
	scene
	Title     string
	Nav       string // which entry of the navigation is this page's
	After     int64  // the sequence up to which the page shows what happened; the stream goes on there
	About     paylink.LinkID
	Phone     string // address of the sandbox phone; empty outside test mode
	Ahead     string // how far the sandbox clock is ahead; empty when it is not
	Again     string // where a browser without scripts looks again every two seconds; empty: it does not
	Own       string // a stream of the page's own, which says when its parts have changed; empty: it has none
	Elsewhere string // the same kind of page in the other mode
}

func (d *Dashboard) frame(s scene, title, nav string) frame {
	f := frame{scene: s, Title: title, Nav: nav}
	other := s
	other.Live = !s.Live
	switch nav {
	case "links":
		f.Elsewhere = other.path("links")
	case "create":
		f.Elsewhere = other.path("links", "new")
	case "bulk":
		f.Elsewhere = other.path("bulk")
	case "customers":
		f.Elsewhere = other.path("customers")
	case "refunds":
		f.Elsewhere = other.path("refunds")
	case "disputes":
		f.Elsewhere = other.path("disputes")
	case "ledger":
		f.Elsewhere = other.path("ledger")
	case "jobs":
		f.Elsewhere = other.path("jobs")
	default:
		f.Elsewhere = other.path()
	}
	if !s.Live {
		f.Phone = d.SandboxURL
		if ahead := s.World.Sub(s.Now); ahead >= time.Second {
			f.Ahead = aheadText(ahead)
		}
	}
	return f
}

func aheadText(d time.Duration) string {
	switch {
	case d < time.Minute:
		return count(int(d/time.Second), "second")
	case d < time.Hour:
		return count(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return count(int(d/time.Hour), "hour")
	}
	return count(int(d/(24*time.Hour)), "day")
}
