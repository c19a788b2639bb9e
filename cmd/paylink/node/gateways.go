package node

import (
	"cmp"
	"slices"

	"paylink"
	"paylink/gateway"
	"paylink/gateway/adyen"
	"paylink/gateway/cashfree"
	"paylink/gateway/payu"
	"paylink/gateway/razorpay"
	gatewaysandbox "paylink/gateway/sandbox"
	"paylink/gateway/stripe"
	"paylink/outbound"
	"paylink/routing"
	"paylink/web/dashboard"
)

// Gateways are all adapters that take payments, for the programs that list them: one line for each. The
// sandbox's address is open to its own adapter alone: merchants name the base URLs of the others.
func Gateways(sandbox, client *outbound.Client) []gateway.Gateway {
	return []gateway.Gateway{
		gatewaysandbox.New(sandbox),
		adyen.New(client),
		cashfree.New(client),
		payu.New(client),
		razorpay.New(client),
		stripe.New(client),
	}
}

// gateways are they by the names under which accounts know them, and those that the world adds, each watched.
func (n *Node) gateways(sandbox, client *outbound.Client) map[string]gateway.Gateway {
	all := Gateways(sandbox, client)
	if n.world.Gateways != nil {
		all = append(all, n.world.Gateways(client)...)
	}
	watched := map[string]gateway.Gateway{}
	for _, g := range all {
		watched[g.Capabilities().Name] = watchedGateway{g, n.see}
	}
	return watched
}

// gatewayHealthBy tells the dashboard how accounts with gateways do, by method and by bank or app.
func gatewayHealthBy(health *routing.Health) func(paylink.AccountID) dashboard.GatewayHealth {
	return func(id paylink.AccountID) dashboard.GatewayHealth {
		var seen dashboard.GatewayHealth
		var methods []paylink.Method
		for _, s := range health.Of(id) {
			if !slices.Contains(methods, s.Method) {
				methods = append(methods, s.Method)
			}
			if s.Through != "" && s.Tried() > 0 {
				seen.Through = append(seen.Through, ended(s))
			}
		}
		for _, m := range methods {
			if s := health.See(id, m); s.Tried() > 0 || s.Slow() {
				seen.Methods = append(seen.Methods, ended(s))
			}
		}
		resting := health.See(id, "")
		seen.Resting, seen.Until = resting.Resting, resting.Until
		slices.SortFunc(seen.Through, func(a, b dashboard.PaymentsEnded) int { return cmp.Compare(b.Tried, a.Tried) })
		return seen
	}
}

func ended(s routing.Standing) dashboard.PaymentsEnded {
	return dashboard.PaymentsEnded{Method: s.Method, Through: s.Through, Tried: s.Tried(), Taken: s.Taken, Down: s.Down, Slow: s.Slow()}
}
