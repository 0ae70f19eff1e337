// Package admission decides when the work on a document may begin, so that no client and no
// crowd of clients takes the processors from the rest.
//
// Each client without rights of its own has a budget of points per second. The price of a
// document is taken from it before the document runs. Afterwards the price is settled by what
// the work cost: processor time and bytes of the answer. Documents pass a gate as well, which
// bounds the work in progress: expensive ones take turns, and cheap ones have a lane of their
// own. A short queue waits at the gate; what does not fit is refused at once.
package admission

import (
	"cmp"
	"context"
	"math"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/ratelimit"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// What a point pays for.
const (
	perPoint      = 50 * time.Microsecond // of processor time
	bytesPerPoint = 2 << 10               // of an answer
)

const (
	refusedDocument = 40  // points for a document that was refused: what parsing one takes
	refusedRequest  = 10  // points for a request that came too early
	keptShare       = 0.1 // the part of the price that is kept, however little the work cost
)

// Options configure a Controller.
type Options struct {
	Rate  float64              // points per second of a client; 0: no limit
	Burst float64              // points that a client may save up
	Clock func() time.Time     // nil: the machine's
	CPU   func() time.Duration // processor time of the program so far; nil: the system's

	Lanes Lanes // zero fields have defaults
}

// Controller admits documents.
type Controller struct {
	clients *ratelimit.Limiter[string] // nil: no limit
	clock   func() time.Time
	share   *share
	gate    *gate
}

// New returns a controller without work in progress.
func New(o Options) *Controller {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.CPU == nil {
		o.CPU = processorTime
	}
	c := &Controller{clock: o.Clock, share: &share{cpu: o.CPU}, gate: newGate(o.Lanes)}
	if o.Rate > 0 {
		c.clients = ratelimit.New[string](o.Rate, max(o.Burst, o.Rate)).Charging(refusedRequest)
	}
	return c
}

// client returns whose budget the viewer in ctx spends: a token, or a network; "" for viewers
// without a limit.
func (c *Controller) client(ctx context.Context) string {
	if c.clients == nil || policy.Allows(ctx, policy.SkipPublicLimits) {
		return ""
	}
	return cmp.Or(viewer.From(ctx).TokenID, ratelimit.Network(reqinfo.From(ctx).Address).String())
}

// Check returns an error if the client is in debt. Call it before a document is parsed.
func (c *Controller) Check(ctx context.Context) error { return c.spend(c.client(ctx), 0) }

// Refused charges the client for a document that was refused.
func (c *Controller) Refused(ctx context.Context) {
	if client := c.client(ctx); client != "" {
		c.clients.Charge(client, refusedDocument, c.clock())
	}
}

// Served charges the client for an answer of some bytes from a cache.
func (c *Controller) Served(ctx context.Context, bytes int) {
	c.settle(c.client(ctx), float64(1+bytes/bytesPerPoint))
}

// Begin admits a document of that price, waiting in the queue for its turn. Call done with the
// bytes of the answer when the work has ended.
func (c *Controller) Begin(ctx context.Context, price int64) (done func(bytes int), err error) {
	client := c.client(ctx)
	if err := c.spend(client, float64(price)); err != nil {
		return nil, err
	}
	leave := func() {}
	if !policy.Allows(ctx, policy.SkipPublicLimits) {
		if leave, err = c.gate.enter(ctx, price); err != nil {
			c.settle(client, -float64(price)*(1-keptShare))
			return nil, err
		}
	}
	begun := c.share.begin()
	return func(bytes int) {
		cost := float64(c.share.end(begun))/float64(perPoint) + float64(bytes)/bytesPerPoint
		leave()
		c.settle(client, max(cost, keptShare*float64(price))-float64(price))
	}, nil
}

// spend takes points from the budget of a client.
func (c *Controller) spend(client string, points float64) error {
	if client == "" {
		return nil
	}
	if wait := c.clients.Spend(client, points, c.clock()); wait > 0 {
		return &fault.Error{Code: fault.Limited, Retry: time.Duration(math.Ceil(wait.Seconds())) * time.Second,
			Message: "your queries cost more than the server gives to one address; wait for the seconds in Retry-After, and ask for less at a time"}
	}
	return nil
}

// settle charges a client the difference between its price and what the work cost.
func (c *Controller) settle(client string, points float64) {
	if client != "" {
		c.clients.Charge(client, points, c.clock())
	}
}
