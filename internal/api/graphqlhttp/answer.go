package graphqlhttp

import (
	"context"
	"encoding/json"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tonggao/tonggao/internal/api/execution"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// answer bounds the bytes of an answer while its fields are resolved: texts that a resolver
// returns are counted as they are, without names and quotes. Texts of rows are in memory
// anyway; package execution ends lists when too much of them is written.
type answer struct {
	limit int64 // 0: none
	bytes atomic.Int64
}

type answerKey struct{}

// withAnswer returns a context with the answer of the operation of a query. Answers to
// viewers with a token are not bounded.
func (h *handler) withAnswer(ctx context.Context) (context.Context, *answer) {
	a := &answer{limit: h.answerBytes}
	if viewer.From(ctx).TokenID != "" {
		a.limit = 0
	}
	return execution.WithLimit(context.WithValue(ctx, answerKey{}, a), int(a.limit)), a
}

// tooLarge reports whether the answer, or so much of it as is known, exceeds the limit.
func (a *answer) tooLarge(size int) bool {
	return a.limit > 0 && max(a.bytes.Load(), int64(size)) > a.limit
}

func (a *answer) err() error {
	return fault.New(fault.TooExpensive, "the answer has more than %d bytes; ask for fewer articles at a time (first), or for fewer forms of a text", a.limit)
}

// InterceptField resolves a field unless the deadline has passed or the answer is too large
// already: both end the work on the fields that are left.
func (c costLimit) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a, _ := ctx.Value(answerKey{}).(*answer)
	if a == nil {
		return next(ctx)
	}
	if a.tooLarge(0) {
		return nil, a.err()
	}
	value, err := next(ctx)
	a.bytes.Add(textSize(value))
	return value, err
}

// textSize returns the bytes of the texts in a leaf.
func textSize(value any) (size int64) {
	switch v := value.(type) {
	case string:
		return int64(len(v))
	case optional.String:
		return int64(len(v))
	case json.RawMessage:
		return int64(len(v))
	case *string:
		if v != nil {
			return int64(len(*v))
		}
	case []string:
		for _, s := range v {
			size += int64(len(s))
		}
	}
	return size
}
