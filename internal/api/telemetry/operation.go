package telemetry

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/internal/api/querycost"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Extensions returns the extensions that observe GraphQL operations.
func (m *Metrics) Extensions(logger *slog.Logger) []graphql.HandlerExtension {
	return []graphql.HandlerExtension{operations{m, logger}}
}

// operations observes and logs each operation.
type operations struct {
	metrics *Metrics
	logger  *slog.Logger
}

var _ interface {
	graphql.HandlerExtension
	graphql.ResponseInterceptor
} = operations{}

// ExtensionName implements graphql.HandlerExtension.
func (operations) ExtensionName() string { return "Telemetry" }

// Validate implements graphql.HandlerExtension.
func (operations) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptResponse times and logs an operation.
func (o operations) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if isEvent(ctx) {
		return next(ctx)
	}
	start := time.Now()
	response := next(ctx)
	took := time.Since(start)
	kind, name, price := "none", "", int64(0)
	if graphql.HasOperationContext(ctx) {
		oc := graphql.GetOperationContext(ctx)
		if oc.Operation != nil {
			kind, name = string(oc.Operation.Operation), safeName(oc.Operation.Name)
		}
		if cost, ok := oc.Stats.GetExtension("cost").(querycost.Cost); ok {
			price = cost.Price
			o.metrics.cost.Observe(float64(price))
		}
	}
	code := codeOf(response)
	o.metrics.operations.WithLabelValues(kind, code).Observe(took.Seconds())
	o.logger.LogAttrs(ctx, slog.LevelInfo, "graphql",
		slog.String("request", reqinfo.From(ctx).ID), slog.String("type", kind), slog.String("name", name),
		slog.String("role", string(viewer.From(ctx).Role)), slog.Int64("cost", price),
		slog.String("code", code), slog.Duration("took", took))
	return response
}

// isEvent reports whether the response is an event of a subscription. Subscriptions are
// observed when they begin and end; else the log would have a line for every event and client.
func isEvent(ctx context.Context) bool {
	if !graphql.HasOperationContext(ctx) {
		return false
	}
	op := graphql.GetOperationContext(ctx).Operation
	return op != nil && op.Operation == ast.Subscription
}

// codeOf returns OK, or the code of the first error.
func codeOf(response *graphql.Response) string {
	if response == nil || len(response.Errors) == 0 {
		return "OK"
	}
	switch code := response.Errors[0].Extensions["code"].(type) {
	case fault.Code:
		return string(code)
	case string:
		return code
	}
	return string(fault.Internal)
}

// safeName returns the name of an operation without characters that could forge a log line.
func safeName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, name)
	return name[:min(len(name), 50)]
}
