package app

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/api/position"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// place chooses the database of an operation. Anonymous readers may read from a standby,
// except for the state of their report, which is not public. An answer that is kept must have all that this
// program has acknowledged, so it is read from the primary. Readers with a token find what
// they have just written, and staff find drafts. A query about the schema needs no database.
func (a *App) place(ctx context.Context, op graphqlhttp.Operation) (context.Context, func(http.Header), error) {
	if !op.Query {
		writing, written, err := a.positions().Write(ctx, op.Header)
		return writing, func(answer http.Header) { position.Set(answer, written()) }, err
	}
	if !slices.ContainsFunc(op.Fields, func(name string) bool { return !strings.HasPrefix(name, "__") }) {
		return ctx, func(http.Header) {}, nil
	}
	anonymous := viewer.From(ctx).Role == viewer.Anonymous && !slices.Contains(op.Fields, "reportStatus")
	reading, at, err := a.positions().Read(ctx, op.Header, anonymous && !op.Kept)
	return reading, func(answer http.Header) { position.Set(answer, at) }, err
}

// positions returns what chooses the databases of requests.
func (a *App) positions() *position.Reader {
	return &position.Reader{Store: a.Store, Log: a.Log, Logger: a.logger}
}
