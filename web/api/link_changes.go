package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/issue"
	"paylink/store"
)

// expiryBody is an optional new lifetime.
type expiryBody struct {
	ExpiresIn *int64 `json:"expires_in,omitempty" minimum:"1" maximum:"31536000" doc:"seconds from now"`
}

type expiryIn struct {
	LinkPath
	Body *expiryBody
}

func (a *API) linkChanges() {
	about := func(verb, summary, description string) huma.Operation {
		return huma.Operation{
			OperationID: verb + "_payment_link", Method: http.MethodPost, Path: "/v1/payment_links/{id}/" + verb, Tags: []string{"Payment links"},
			DefaultStatus: http.StatusOK, Summary: summary, Description: description,
		}
	}
	add(a, about("cancel", "Withdraw a link at once", "A payment that is under way may still succeed, and is late then."),
		func(ctx context.Context, c *call, in *LinkPath) (*linkAnswer, error) {
			return a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
				return a.Issuer.Cancel(ctx, by, paylink.LinkID(in.ID), c.claim)
			})
		})
	add(a, about("reactivate", "Take a cancellation back", ""),
		func(ctx context.Context, c *call, in *LinkPath) (*linkAnswer, error) {
			return a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
				return a.Issuer.Reactivate(ctx, by, paylink.LinkID(in.ID), c.claim)
			})
		})
	add(a, about("refresh", "Revive an expired link on the same URL", "Without expires_in, for as long as the link's refresh policy gives, or your default lifetime. Where the customer has asked for new time, this says yes: also before the expiry, and the link is sent again on its channels."),
		func(ctx context.Context, c *call, in *expiryIn) (*linkAnswer, error) {
			return a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
				return a.Issuer.Refresh(ctx, by, paylink.LinkID(in.ID), in.seconds(), c.claim)
			})
		})
	add(a, about("decline_refresh", "Say no to a customer who asked for new time", "The page says so. Nobody can ask again until the link has another expiry."),
		func(ctx context.Context, c *call, in *LinkPath) (*linkAnswer, error) {
			return a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
				return a.Issuer.DeclineRefresh(ctx, by, paylink.LinkID(in.ID), c.claim)
			})
		})
	add(a, about("extend", "Move the expiry of a link that has not expired", "expires_in is required and counts from now."),
		func(ctx context.Context, c *call, in *expiryIn) (*linkAnswer, error) {
			return a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
				return a.Issuer.Extend(ctx, by, paylink.LinkID(in.ID), in.seconds(), c.claim)
			})
		})
	add(a, about("pause", "Stop a link from taking payments for now", "Its page says that it is off for the moment. A payment that is under way goes on."),
		func(ctx context.Context, c *call, in *LinkPath) (*linkAnswer, error) {
			return a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
				return a.Issuer.Pause(ctx, by, paylink.LinkID(in.ID), c.claim)
			})
		})
	add(a, about("resume", "End a pause", ""),
		func(ctx context.Context, c *call, in *LinkPath) (*linkAnswer, error) {
			return a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
				return a.Issuer.Resume(ctx, by, paylink.LinkID(in.ID), c.claim)
			})
		})
	add(a, about("archive", "Take a link that is done with out of the lists", "One that can still be paid is cancelled first. It stays readable by its id, and in lists that ask for archived=true."),
		func(ctx context.Context, c *call, in *LinkPath) (*linkAnswer, error) {
			return a.change(ctx, c, func(by issue.Actor) (issue.Changed, error) {
				return a.Issuer.Archive(ctx, by, paylink.LinkID(in.ID), c.claim)
			})
		})
	a.proofOperations()
	a.linkAmendments()
	a.linkPlans()
	add(a, about("send", "Send a link again", "On any channel, to the same URL, to a corrected address if one is given."), a.sendLink)
}

func (in *expiryIn) seconds() *int64 {
	if in.Body == nil {
		return nil
	}
	return in.Body.ExpiresIn
}

// change runs a change of a link. The answer shows the link as the change left it, also to a replay,
// and so without messages and payments, which go on.
func (a *API) change(ctx context.Context, c *call, run func(by issue.Actor) (issue.Changed, error)) (*linkAnswer, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	done, err := run(by)
	if err != nil {
		return nil, err
	}
	v, err := a.viewWhole(ctx, done.Link, done.Customer)
	if err != nil {
		return nil, err
	}
	return &linkAnswer{ETag: etag(v.Revision), Body: v}, nil
}

type sendIn struct {
	LinkPath
	Body sendBody
}

type sendBody struct {
	Channels []paylink.Channel          `json:"channels,omitempty" doc:"at least one, unless delivery says it"`
	To       map[paylink.Channel]string `json:"to,omitempty" doc:"corrected addresses by channel, for this sending only"`
	Delivery *paylink.DeliveryPlan      `json:"delivery,omitempty" doc:"in steps, instead of channels; what is still scheduled of an earlier plan is skipped"`
	Purpose  paylink.Purpose            `json:"purpose,omitempty" enum:"requested,transactional,reminder,recovery,promotional" doc:"reminder: in the words of one, at most once an hour; any other: the request again, for which the laws of its purpose hold; absent: the link's own purpose"`
}

// sentView is what a second sending comes to: the messages that it made.
type sentView struct {
	ID         paylink.LinkID `json:"id" doc:"plink_…"`
	Object     string         `json:"object" enum:"payment_link"`
	URL        string         `json:"url"`
	Code       string         `json:"code"`
	Deliveries []messageView  `json:"deliveries" doc:"the new messages, queued"`
}

func (a *API) sendLink(ctx context.Context, c *call, in *sendIn) (*struct{ Body sentView }, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	if in.Body.Delivery != nil {
		sent, err := a.deliverLink(ctx, c, by, in)
		return a.sent(sent, err)
	}
	send := a.Issuer.Send
	switch in.Body.Purpose {
	case "":
	case paylink.PurposeReminder:
		send = a.Issuer.Remind
	default:
		if !slices.Contains(paylink.LinkPurposes, in.Body.Purpose) {
			return nil, &paylink.Invalid{Fields: []paylink.Field{{Pointer: "/purpose", Code: "unknown_value", Detail: "There is no such purpose."}}}
		}
		send = func(ctx context.Context, by issue.Actor, id paylink.LinkID, channels []paylink.Channel, to map[paylink.Channel]string, claim *store.Claim) (issue.Sent, error) {
			return a.Issuer.SendFor(ctx, by, id, channels, to, claim, in.Body.Purpose)
		}
	}
	sent, err := send(ctx, by, paylink.LinkID(in.ID), in.Body.Channels, in.Body.To, c.claim)
	if err != nil {
		return nil, err
	}
	if sent.Replayed {
		if sent.Messages, err = a.sentAt(ctx, c, sent.Link.ID, len(in.Body.Channels)); err != nil {
			return nil, err
		}
	}
	return a.sent(sent, nil)
}

// sent answers with the messages of a sending.
func (a *API) sent(sent issue.Sent, err error) (*struct{ Body sentView }, error) {
	if err != nil {
		return nil, err
	}
	v, err := a.view(sent.Link, nil)
	if err != nil {
		return nil, err
	}
	return &struct{ Body sentView }{sentView{v.ID, v.Object, v.URL, v.Code, each(sent.Messages, viewMessage)}}, nil
}

// sentAt finds the messages that a sending made, by the time at which its key was first used, as they
// were then.
func (a *API) sentAt(ctx context.Context, c *call, link paylink.LinkID, count int) ([]paylink.Message, error) {
	made, err := a.madeAt(ctx, c, link, count)
	for i, m := range made {
		made[i] = paylink.Message{ID: m.ID, Channel: m.Channel, Purpose: m.Purpose, To: m.To, Status: paylink.MessageQueued}
	}
	return made, err
}

// madeAt is sentAt with the messages as they are now.
func (a *API) madeAt(ctx context.Context, c *call, link paylink.LinkID, count int) ([]paylink.Message, error) {
	all, err := a.Store.Read(ctx).MessagesOf(c.Merchant, link, 1000)
	if err != nil {
		return nil, err
	}
	var made []paylink.Message
	for _, m := range all {
		if since := m.CreatedAt.Sub(c.claim.FirstAt); since >= 0 && since < time.Duration(count)*time.Microsecond {
			made = append(made, m)
		}
	}
	return made, nil
}
