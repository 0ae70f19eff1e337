// Package graphqlhttp serves an executable schema as GraphQL over HTTP: POST with JSON, GET
// for queries, and subscriptions over server-sent events or graphql-transport-ws.
//
// Every request passes the same steps: it is read within limits, its document is checked
// for size before it is parsed (querycost.Precheck), parsed and validated or found in the
// document cache, priced (querycost.Estimate), and executed. Errors leave through one
// presenter, which shows faults and logs defects. Invariant: no document, however hostile,
// takes more than a few milliseconds before it is refused, and a slow consumer of a
// subscription holds one event in memory, because the next is fetched only when the last
// was written (backpressure).
//
// It has no resolvers and knows no field of the product; Options brings the schema's prices.
package graphqlhttp

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/tonggao/tonggao/internal/api/querycost"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Options configures the endpoint. The zero value is a safe configuration.
type Options struct {
	Introspection bool             // clients may read the schema, and get suggestions for misspelled names
	Limits        querycost.Limits // zero fields have defaults
	Prices        querycost.Prices
	CacheBytes    int64        // for parsed documents; default 16 MiB
	Logger        *slog.Logger // default slog.Default()

	// RequestID returns the ID that the HTTP layer gave to the request. Without it,
	// or where it returns nothing, the handler makes one.
	RequestID func(context.Context) string

	// Admission decides when the work on a document may begin; nil: at once.
	Admission Admission

	// Place chooses the database that an operation works on, and returns its context. Done,
	// called when it has ended, adds headers to the answer.
	Place func(context.Context, Operation) (placed context.Context, done func(answer http.Header), err error)

	// Cached keeps answers to anonymous queries; nil: none is kept.
	Cached *Cached

	// AnswerBytes bounds an answer to a viewer without a token; 0: no bound.
	AnswerBytes int64

	// Streams configures subscriptions.
	Streams StreamOptions

	// Extensions are called around operations, in this order. A document that was
	// refused before it was parsed has an OperationContext without Doc.
	Extensions []graphql.HandlerExtension
}

// New returns a handler that serves schema.
func New(schema graphql.ExecutableSchema, o Options) http.Handler {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Admission == nil {
		o.Admission = freely{}
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = 16 << 20
	}
	limits := o.Limits.WithDefaults()
	errors := presenter{o.Logger}

	exec := executor.New(schema)
	exec.SetQueryCache(newDocumentCache(o.CacheBytes))
	exec.SetErrorPresenter(errors.present)
	exec.SetRecoverFunc(recovered)
	exec.SetParserTokenLimit(limits.Tokens + 1) // the end of the document is a token, too
	exec.SetDisableSuggestion(!o.Introspection)
	exec.SetDefaultRulesFn(func() *rules.Rules { return validationRules(o.Introspection) })
	exec.Use(costLimit{limits, o.Prices, o.Introspection})
	for _, extension := range o.Extensions {
		exec.Use(extension)
	}
	return &handler{exec: exec, limits: limits, errors: errors, requestID: o.RequestID, streams: o.Streams.withDefaults(), answerBytes: o.AnswerBytes, admission: o.Admission, place: o.Place, cached: o.Cached}
}

// validationRules returns the rules of the specification and our own. Only clients that may
// read the schema get suggestions.
func validationRules(suggest bool) *rules.Rules {
	all := rules.NewDefaultRules()
	all.AddRule("NoDefer", noDefer)
	all.AddRule("NumbersInRange", numbersInRange)
	all.AddRule("WholeCharacters", wholeCharacters)
	// A value can be as long as a request, and comparing it with every value of an enum takes too long.
	all.ReplaceRule(rules.ValuesOfCorrectTypeRule.Name, rules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc)
	if !suggest {
		all.ReplaceRule(rules.KnownArgumentNamesRule.Name, rules.KnownArgumentNamesRuleWithoutSuggestions.RuleFunc)
		all.ReplaceRule(rules.KnownTypeNamesRule.Name, rules.KnownTypeNamesRuleWithoutSuggestions.RuleFunc)
	}
	return all
}

// noDefer refuses @defer, which gqlgen declares and this transport cannot deliver.
func noDefer(observers *core.Events, addError core.AddErrFunc) {
	observers.OnDirective(func(_ *core.Walker, d *ast.Directive) {
		if d.Name == "defer" {
			addError(core.Message("@defer is not supported; leave it out"), core.At(d.Position))
		}
	})
}

// numbersInRange refuses number literals that make gqlparser panic when it reads arguments:
// it does not check the range of a literal for a custom scalar.
func numbersInRange(observers *core.Events, addError core.AddErrFunc) {
	observers.OnValue(func(_ *core.Walker, v *ast.Value) {
		if v.Kind != ast.IntValue && v.Kind != ast.FloatValue {
			return
		}
		if _, err := v.Value(nil); err != nil {
			addError(core.Message("a number has more than 64 bits; send it as a string"), core.At(v.Position))
		}
	})
}

// CostStat is the name under which the Stats of an operation have its querycost.Cost.
const CostStat = "cost"

// costLimit applies querycost to every operation and reports the cost in the response.
type costLimit struct {
	limits        querycost.Limits
	prices        querycost.Prices
	introspection bool
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
	graphql.OperationContextMutator
	graphql.ResponseInterceptor
	graphql.RootFieldInterceptor
	graphql.FieldInterceptor
} = costLimit{}

// ExtensionName implements graphql.HandlerExtension.
func (costLimit) ExtensionName() string { return "CostLimit" }

// Validate implements graphql.HandlerExtension.
func (costLimit) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters checks the text of the document before it is parsed.
func (c costLimit) MutateOperationParameters(_ context.Context, r *graphql.RawParams) *gqlerror.Error {
	wholeNumbers(r.Variables)
	return wrapError(querycost.Precheck(r.Query, c.limits))
}

// MutateOperationContext prices the validated document.
func (c costLimit) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	op.DisableIntrospection = !c.introspection
	cost, err := querycost.Estimate(op.Operation, op.Variables, c.prices, c.limits)
	op.Stats.SetExtension(CostStat, cost)
	return wrapError(err)
}

// InterceptResponse adds the cost to the extensions of the response.
func (c costLimit) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if response == nil || !graphql.HasOperationContext(ctx) || isSubscription(ctx) {
		return response
	}
	if cost, ok := graphql.GetOperationContext(ctx).Stats.GetExtension(CostStat).(querycost.Cost); ok {
		if response.Extensions == nil {
			response.Extensions = map[string]any{}
		}
		response.Extensions["cost"] = cost
	}
	return response
}

// InterceptRootField answers __type and __schema where introspection is off: no type is
// known, and __schema is refused.
func (c costLimit) InterceptRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	if c.introspection {
		return next(ctx)
	}
	switch field := graphql.GetRootFieldContext(ctx).Field; field.Name {
	case "__type":
		return graphql.Null
	case "__schema":
		off := fault.New(fault.Forbidden, "introspection is off here; ask the operator for the schema, or run `tonggao schema`")
		graphql.AddError(ctx, gqlerror.WrapPath(ast.Path{ast.PathName(field.Alias)}, off))
		return graphql.Null
	}
	return next(ctx)
}

// wrapError wraps err so that the executor passes it to the presenter.
func wrapError(err error) *gqlerror.Error {
	if err == nil {
		return nil
	}
	return gqlerror.Wrap(err)
}

// newExchange returns the state of the request in ctx.
func (h *handler) newExchange(ctx context.Context) *exchange {
	var id string
	if h.requestID != nil {
		id = h.requestID(ctx)
	}
	if id == "" {
		id = rand.Text()[:16]
	}
	return &exchange{id: id}
}
