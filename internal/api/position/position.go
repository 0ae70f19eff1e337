// Package position has the two headers that keep a reader's view consistent where several
// databases answer. X-Tonggao-Position of an answer is a position of the change log that the
// answer reflects at least; that of a write is the position of its own entry. A request with
// X-Tonggao-At-Least is answered by a database that has reached that position.
//
// Invariant: the position is read before anything that the answer shows, from the database
// that the rest is read from.
package position

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// The headers of an answer and of a request.
const (
	Header  = "X-Tonggao-Position"
	AtLeast = "X-Tonggao-At-Least"
)

// Reader chooses the databases that answer requests.
type Reader struct {
	Store  *store.Store
	Log    *changefeed.Log
	Logger *slog.Logger
}

// Read returns the context of a request that only reads, and the position of its answer.
// With anonymous a standby may answer.
func (r *Reader) Read(ctx context.Context, request http.Header, anonymous bool) (context.Context, int64, error) {
	atLeast, err := Parse(request)
	if err != nil {
		return ctx, 0, err
	}
	read, at, err := r.Store.Read(ctx, atLeast, anonymous)
	if fault.Is(err, fault.BadUserInput) {
		return ctx, 0, fault.Wrap(err, fault.BadUserInput, "%s: %v; send the request without it, and read again what you keep", AtLeast, err)
	}
	return read, at, err
}

// Write returns the context of a request that writes. After the writing, done returns the
// position of its answer: that of the entries that were committed, or where there are none,
// of the database before; 0 where the entries have no position yet.
func (r *Reader) Write(ctx context.Context, request http.Header) (_ context.Context, done func() int64, err error) {
	_, before, err := r.Read(ctx, request, false)
	if err != nil {
		return ctx, nil, err
	}
	writing, written := changefeed.WithWritten(ctx)
	return writing, func() int64 {
		at, ok, err := r.Log.Position(context.WithoutCancel(ctx), written)
		switch {
		case err != nil:
			r.Logger.WarnContext(ctx, "the position of a write could not be read", "error", err)
			return 0
		case ok:
			return at
		case written.Empty():
			return before
		}
		return 0
	}, nil
}

// Set sets the header of an answer; 0 leaves it out. A cache must keep apart what was asked
// for with different positions.
func Set(answer http.Header, at int64) {
	answer.Add("Vary", AtLeast)
	if at > 0 {
		answer.Set(Header, strconv.FormatInt(at, 10))
	}
}

// Parse returns the position that a request asks for; 0 where it asks for none.
func Parse(request http.Header) (int64, error) {
	text := strings.Join(request.Values(AtLeast), ", ")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fault.New(fault.BadUserInput, "%s must be one number that an answer had in %s", AtLeast, Header)
	}
	return n, nil
}
