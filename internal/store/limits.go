package store

import (
	"cmp"
	"context"
	"time"
)

// Limits bound how long work waits for the database. There are three classes of work: what
// a request waits for, what runs in the background (Background), and what takes as long as
// it takes, such as an import (LongWork). A zero field has its default.
type Limits struct {
	Pool       time.Duration // a request's wait for a free connection; 5 s
	Request    time.Duration // a statement of a request, or its transaction with the COMMIT; 10 s
	Background time.Duration // the same of background work, which waits as long for a connection; 25 s
	Long       time.Duration // the same of long work; an hour
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Pool:       cmp.Or(l.Pool, 5*time.Second),
		Request:    cmp.Or(l.Request, 10*time.Second),
		Background: cmp.Or(l.Background, 25*time.Second),
		Long:       cmp.Or(l.Long, time.Hour),
	}
}

// class is a class of work; the value of a context.
type class int

const (
	request class = iota
	background
	long
)

type classKey struct{}

func classOf(ctx context.Context) class {
	c, _ := ctx.Value(classKey{}).(class)
	return c
}

// Background returns a context for work that no request waits for, such as polling for
// something to do: it may take longer, and its statements are not passed to
// Options.Observe.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, classKey{}, background)
}

// LongWork returns a context for work whose transactions and statements take as long as
// the amount of content demands: an import, a migration, a check of the whole site.
func LongWork(ctx context.Context) context.Context {
	return context.WithValue(ctx, classKey{}, long)
}

// work returns how long a statement or a transaction of ctx may take.
func (l Limits) work(ctx context.Context) time.Duration {
	switch classOf(ctx) {
	case background:
		return l.Background
	case long:
		return l.Long
	}
	return l.Request
}

// pool returns how long ctx may wait for a free connection.
func (l Limits) pool(ctx context.Context) time.Duration {
	if classOf(ctx) == request {
		return l.Pool
	}
	return l.work(ctx)
}
