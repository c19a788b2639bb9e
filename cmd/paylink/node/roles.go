package node

import (
	"fmt"
	"strings"
)

// Roles split nodes by work. A node has one or more of them.
type Roles struct {
	API    bool // machines that call: merchants' programs, and providers with their notices
	Pages  bool // people: payment pages and the dashboard; the sandbox where it is inside
	Worker bool // jobs, sealing, tidying up
}

// ParseRoles reads the names of roles; none at all are all of them.
func ParseRoles(names []string) (Roles, error) {
	var r Roles
	for _, name := range names {
		switch strings.TrimSpace(name) {
		case "api":
			r.API = true
		case "pages":
			r.Pages = true
		case "worker":
			r.Worker = true
		default:
			return Roles{}, fmt.Errorf("%q is none of api, pages, worker", name)
		}
	}
	return r.orAll(), nil
}

// names gives them as they are written.
func (r Roles) names() (names []string) {
	for _, role := range []struct {
		name string
		has  bool
	}{{"api", r.API}, {"pages", r.Pages}, {"worker", r.Worker}} {
		if role.has {
			names = append(names, role.name)
		}
	}
	return names
}

func (r Roles) orAll() Roles {
	if r == (Roles{}) {
		return Roles{API: true, Pages: true, Worker: true}
	}
	return r
}
