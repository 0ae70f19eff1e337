package graphqlhttp

import (
	"context"
	"errors"
	"math"
	"net/http"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tonggao/tonggao/internal/api/querycost"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Admission decides when the work on a document may begin.
type Admission interface {
	// Check returns an error if the client may send no document now.
	Check(ctx context.Context) error
	// Refused is called for a request that is not executed because it or its document is
	// invalid.
	Refused(ctx context.Context)
	// Served charges the client for an answer of some bytes that took no work.
	Served(ctx context.Context, bytes int)
	// Begin admits a document of a price in points. Done is called with the bytes of the answer.
	Begin(ctx context.Context, price int64) (done func(bytes int), err error)
}

// freely admits everything.
type freely struct{}

func (freely) Check(context.Context) error                            { return nil }
func (freely) Refused(context.Context)                                {}
func (freely) Served(context.Context, int)                            {}
func (freely) Begin(context.Context, int64) (done func(int), _ error) { return func(int) {}, nil }

// price returns the points of an operation that was priced.
func price(op *graphql.OperationContext) int64 {
	cost, _ := op.Stats.GetExtension(CostStat).(querycost.Cost)
	return cost.Price
}

// notAdmitted returns the response to a document that may not begin.
func (h *handler) notAdmitted(ctx context.Context, err error) response {
	status := http.StatusServiceUnavailable
	if fault.Is(err, fault.Limited) {
		status = http.StatusTooManyRequests
	}
	resp := h.errorResponse(ctx, httpError{status, err})
	var f *fault.Error
	if errors.As(err, &f) {
		resp.retryAfter = int(math.Ceil(f.Retry.Seconds()))
	}
	return resp
}
