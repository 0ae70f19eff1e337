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

// CostStat is the name under which an operation's gate.Cost stands in its
// Stats, for whoever measures or charges.
const CostStat = "cost"

// Options says how the endpoint behaves. The zero value is a safe one.
type Options struct {
	Introspection bool             // clients may read the schema, and are told names similar to a wrong one
	Limits        querycost.Limits // zero fields have defaults
	Prices        querycost.Prices
	CacheBytes    int64        // for parsed documents; default 16 MiB
	Logger        *slog.Logger // default slog.Default()

	// RequestID is the id that the HTTP layer gave to the request. Without it,
	// or where it is empty, the handler makes one.
	RequestID func(context.Context) string

	// Streams says how subscriptions are carried.
	Streams StreamOptions

	// Around are called around operations, in this order; a document that was
	// refused before it could be parsed has an OperationContext without Doc.
	Around []graphql.HandlerExtension
}

// New serves schema as GraphQL over HTTP: POST with JSON, and GET for
// queries. No document, however hostile, costs it more than a few milliseconds
// before it is refused.
func New(schema graphql.ExecutableSchema, o Options) http.Handler {
	if o.Logger == nil {
		o.Logger = slog.Default()
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
	exec.SetParserTokenLimit(limits.Tokens + 1) // the end is one, too
	exec.SetDisableSuggestion(!o.Introspection)
	exec.SetDefaultRulesFn(func() *rules.Rules { return validation(o.Introspection) })
	exec.Use(guard{limits, o.Prices, o.Introspection})
	for _, extension := range o.Around {
		exec.Use(extension)
	}
	return &handler{exec: exec, limits: limits, errors: errors, requestID: o.RequestID, streams: o.Streams.withDefaults()}
}

// validation is the rules of the specification. Names similar to a wrong one
// are told only to those who may read the schema anyway.
func validation(suggest bool) *rules.Rules {
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

// numbersInRange refuses the literals that gqlparser panics on when it makes
// arguments of them; in the place of a scalar of ours, it lets any number pass.
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

// guard puts the gate in front of the executor, and the cost into the answer.
type guard struct {
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
} = guard{}

// ExtensionName names the extension.
func (guard) ExtensionName() string { return "Gate" }

// Validate has nothing to object.
func (guard) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters checks the text before it is parsed.
func (g guard) MutateOperationParameters(_ context.Context, r *graphql.RawParams) *gqlerror.Error {
	wholeNumbers(r.Variables)
	return carry(querycost.Precheck(r.Query, g.limits))
}

// MutateOperationContext prices the validated document.
func (g guard) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	op.DisableIntrospection = !g.introspection
	cost, err := querycost.Estimate(op.Operation, op.Variables, g.prices, g.limits)
	op.Stats.SetExtension(CostStat, cost)
	return carry(err)
}

// InterceptResponse tells the cost.
func (g guard) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
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

// InterceptRootField answers for the schema where introspection is off: no type
// is known, and __schema is refused.
func (g guard) InterceptRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	if g.introspection {
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

// carry lets the executor pass an error of ours on to the presenter.
func carry(err error) *gqlerror.Error {
	if err == nil {
		return nil
	}
	return gqlerror.Wrap(err)
}

// newExchange is what is said of the request in ctx.
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
