package node

import (
	"context"
	"net/http"
	"strings"

	"paylink"
	"paylink/attach"
	"paylink/audit"
	"paylink/channel/webpush"
	"paylink/checkout"
	"paylink/confirm"
	"paylink/connect"
	"paylink/customer"
	"paylink/dispatch"
	"paylink/inbox"
	"paylink/issue"
	"paylink/issue/bulk"
	"paylink/ledger"
	"paylink/notify"
	"paylink/outbound"
	"paylink/provider/httpwire"
	"paylink/queue"
	"paylink/refund"
	"paylink/routing"
	"paylink/sandbox"
	"paylink/web"
	"paylink/web/api"
	"paylink/web/dashboard"
	"paylink/web/inbound"
	"paylink/web/paypage"
	"paylink/web/reference"
	"paylink/web/unsubscribe"
)

// rooms is everything that is wired, and what of it works by itself.
type rooms struct {
	handler http.Handler
	sandbox *sandbox.Sandbox // nil when it is a process of its own
	clients []*outbound.Client
	uploads *bulk.Uploads
	workers map[string]func(context.Context) error

	carriers []interface{ Close() } // those that keep connections
}

// wire makes every room and gives it what it needs.
func (n *Node) wire() error {
	now, log, db, ring, see := n.world.Now, n.world.Log, n.store, n.ring, n.see
	public := n.settings.PublicURL

	// Merchants choose the endpoints and the carriers' base URLs, the operator chooses the sandbox: a client
	// for each, so that what is open to the one is not open to the other.
	endpoints := outbound.New(outbound.Options{
		AllowLoopback: n.settings.Demo, Now: now, Log: log, UnguardedTransport: n.world.Transport, Watch: see.calls("endpoint"),
	})
	providers := outbound.New(outbound.Options{
		AllowHosts: []string{n.sandboxHost()}, Now: now, Log: log, UnguardedTransport: n.world.Transport, Watch: see.calls("provider"),
	})
	outside := outbound.New(outbound.Options{
		AllowLoopback: n.settings.Demo, AllowHosts: n.settings.ProviderHosts, Now: now, Log: log,
		UnguardedTransport: n.world.Transport, UnguardedDial: n.world.Dial, Watch: see.calls("provider"),
	})
	// Gateways answer with lists, and with a payment in all its parts.
	banks := outbound.New(outbound.Options{
		AllowLoopback: n.settings.Demo, AllowHosts: n.settings.ProviderHosts, MaxResponse: httpwire.MaxBody, Now: now, Log: log,
		UnguardedTransport: n.world.Transport, Watch: see.calls("provider"),
	})
	n.rooms.clients = []*outbound.Client{endpoints, providers, outside, banks}
	gateways := n.gateways(providers, banks)
	senders := n.carriers(providers, outside)
	accounts := connect.New(connect.Deps{Store: db, Ring: ring, Senders: senders, Gateways: gateways, Client: outside, PublicURL: public, Now: now, Log: log})

	jobs := queue.New(db, queue.Options{Now: now, Log: log, Poll: n.world.Poll, Around: see.aroundJob, Ended: see.jobEnded})
	issuer := issue.New(issue.Deps{Store: db, Ring: ring, Placed: n.settings.CountryHeader != "", Now: now})
	n.rooms.uploads = bulk.New(bulk.Deps{Store: db, Ring: ring, Issuer: issuer, PerSecond: n.settings.BulkRate, Now: now, Log: log})
	people := customer.New(customer.Deps{Store: db, Ring: ring, Issuer: issuer, Now: now})
	sending := dispatch.New(dispatch.Deps{
		Store: db, Ring: ring, Senders: senders, PublicURL: public, Now: now, Log: log,
		Turned: func(provider string, to dispatch.BreakerState) { see.metrics.Turned(provider, string(to)) },
	})
	health := routing.NewHealth(routing.Deps{
		Store: db, Now: now, Log: log, Turned: func(provider string, to routing.State) { see.metrics.Turned(provider, string(to)) },
	})
	see.health.Store(health)
	paying := checkout.New(checkout.Deps{Store: db, Ring: ring, Gateways: gateways, Health: health, PublicURL: public, Now: now, Log: log})
	confirming := confirm.New(confirm.Deps{Store: db, Ring: ring, Gateways: gateways, Now: now, Log: log})
	refunding := refund.New(refund.Deps{Store: db, Ring: ring, Gateways: gateways, Now: now, Log: log})
	notifying := notify.New(notify.Deps{
		Store: db, Ring: ring, Client: endpoints, Push: webpush.New(outside), Say: dashboard.NewsBy(public),
		Contact: "https://" + strings.TrimPrefix(strings.TrimPrefix(public, "https://"), "http://"), Now: now, Log: log, Attempted: see.attempted,
	})
	devices := inbox.New(inbox.Deps{Store: db, Ring: ring, Now: now})
	for _, step := range []interface{ Register(*queue.Queue) }{issuer, n.rooms.uploads, people, sending, paying, confirming, refunding, notifying} {
		step.Register(jobs)
	}
	feed := notify.NewFeed(db, log)
	see.feed.Store(feed)
	sealer := audit.New(audit.Deps{Store: db, Now: now, Log: log, Poll: n.world.Poll, Sealed: see.sealed})
	// What the doors need runs wherever there are doors; the work itself only where the role is.
	n.rooms.workers = map[string]func(context.Context) error{"feed": feed.Work, "checkout": paying.Work, "access": n.access.Work, "seeing": see.count, "gateways": health.Work}
	notary := audit.NewNotary(audit.NotaryDeps{Store: db, Ring: ring, Sealer: sealer, File: n.settings.Checkpoints, Now: now, Log: log})
	roles := n.settings.Roles.orAll()
	if roles.Worker {
		n.rooms.workers["queue"], n.rooms.workers["tidy"] = jobs.Work, n.tidy
		n.rooms.workers["disputes"] = confirming.Watch
		n.rooms.workers["sealer"], n.rooms.workers["notary"] = sealer.Work, notary.Work
		n.rooms.workers["lines"] = sending.Listen
		n.rooms.workers["books"] = ledger.NewKeeper(ledger.Deps{Store: db, Now: now, Log: log}).Work
	}
	if err := n.wireSandbox(); err != nil {
		return err
	}
	secure := strings.HasPrefix(public, "https://")
	files := attach.New(attach.Deps{Store: db, Ring: ring, Most: n.settings.Attachments, Now: now})
	pages := dashboard.New(dashboard.Deps{
		Store: db, Access: n.access, Issuer: issuer, Bulk: n.rooms.uploads, Attachments: files, Accounts: accounts, People: people, Refunds: refunding, Confirm: confirming, Health: healthBy(sending), Gateways: gatewayHealthBy(health), Queue: jobs, Feed: feed, Notify: notifying, Devices: devices, Ring: ring, PublicURL: public, SandboxURL: n.sandboxURL(),
		Secure: secure, Stop: n.stop, Now: now, Log: log,
	})
	perSecond, burst := n.settings.rate()
	merchants := api.New(api.Deps{
		Store: db, Ring: ring, Issuer: issuer, Bulk: n.rooms.uploads, Attachments: files, Accounts: accounts, Customers: people, Access: n.access, Notify: notifying, Refunds: refunding, Confirm: confirming, Dispatch: sending, Inbox: devices, Feed: feed, PublicURL: public,
		PerSecond: perSecond, Burst: burst, Keyless: n.keyless(pages), Stop: n.stop, Now: now, Log: log,
	})
	n.rooms.handler = n.closing(web.Routes(web.Doors{
		NoAPI: !roles.API, NoPages: !roles.Pages,
		Edge:    n.edge(),
		Load:    n.load,
		API:     merchants,
		Inbound: inbound.New(inbound.Deps{Confirm: confirming, Dispatch: sending, PublicURL: public}),
		Pages: paypage.New(paypage.Deps{
			Checkout: paying, Issuer: issuer, Feed: feed, PublicURL: public, SandboxURL: n.sandboxURL(), Stop: n.stop, Now: now, Log: log,
			Proxies: n.settings.Proxies, CountryHeader: n.settings.CountryHeader,
		}),
		Unsubscribe: unsubscribe.New(unsubscribe.Deps{Dispatch: sending, Log: log}),
		Dashboard:   pages,
		Reference:   reference.New(merchants.DocumentJSON, public, n.sandboxURL()),
		Sandbox:     n.sandboxDoor(pages),
	}))
	return nil
}

// wireSandbox makes the pretend world, unless it is a process of its own. It is spoken to over HTTP
// like any provider; all that it shares with the rest is the address.
func (n *Node) wireSandbox() error {
	if n.settings.SandboxURL != "" || !n.settings.Roles.orAll().Pages {
		return nil
	}
	config := sandbox.Config{
		Master: n.settings.SandboxKey, URL: n.sandboxURL(), Paylink: n.settings.PublicURL,
		Now: n.world.Now, Transport: n.world.Transport, Journal: n.settings.Journal, Log: n.world.Log,
	}
	if n.world.Sandbox != nil {
		n.world.Sandbox(&config)
	}
	var err error
	if n.rooms.sandbox, err = sandbox.New(config); err != nil {
		return err
	}
	n.rooms.workers["sandbox"] = n.rooms.sandbox.Run
	return nil
}

// sandboxDoor guards the pretend world where it is inside.
func (n *Node) sandboxDoor(pages *dashboard.Dashboard) *web.Sandbox {
	if n.rooms.sandbox == nil {
		return nil
	}
	return &web.Sandbox{
		World: n.rooms.sandbox, Control: n.rooms.sandbox.Control, Access: n.access, Keyless: n.keyless(pages),
	}
}

// keyless tells for whom the sandbox acts when no key says so: for whoever is signed in, and in the
// demo for its merchant.
func (n *Node) keyless(pages *dashboard.Dashboard) func(*http.Request) (paylink.MerchantID, bool) {
	return func(r *http.Request) (paylink.MerchantID, bool) {
		if merchant, ok := pages.SignedIn(r); ok {
			return merchant, true
		}
		return n.demo, n.demo != ""
	}
}

func (r rooms) close() error {
	for _, c := range r.carriers {
		c.Close()
	}
	for _, c := range r.clients {
		c.Close()
	}
	if r.sandbox == nil {
		return nil
	}
	return r.sandbox.Close()
}
