// Package follow keeps this installation the same as another one, for readers: it
// is the reference consumer of the change log (docs/changes.md).
//
// Invariant: the cursor is written in the transaction of what it stands after. So
// whatever crashes, on either side, nothing is lost and nothing is done by halves;
// what is done twice changes nothing. Memory holds one page.
//
// It brings what everybody may see, under the same ids and addresses. It does not
// bring pictures, whose addresses name the remote from then on, nor the site's
// facts or numbers of views, which are this installation's own; and it undoes no
// takedown that was made here.
package follower

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/setting"
	"github.com/tonggao/tonggao/internal/sync/importer"
)

// Options is what a follower writes with.
type Options struct {
	Store      *store.Store
	Articles   *article.Service
	Categories *category.Service
	Publishers *publisher.Service
	Regions    *region.Service
	Importer   *importer.Importer

	Every    time.Duration                        // between two looks at a log that has ended; 2 s
	Progress func(done int)                       // told after each page; may be nil
	Trouble  func(error, time.Duration)           // what went wrong, and after how long it is tried again; may be nil
	Wait     func(time.Duration) <-chan time.Time // time.After; tests have another
}

// Follower follows one remote.
type Follower struct {
	Options
	remote *Remote
	done   int
}

// New follows remote.
func New(remote *Remote, o Options) *Follower {
	if o.Every == 0 {
		o.Every = 2 * time.Second
	}
	if o.Progress == nil {
		o.Progress = func(int) {}
	}
	if o.Trouble == nil {
		o.Trouble = func(error, time.Duration) {}
	}
	if o.Wait == nil {
		o.Wait = time.After
	}
	return &Follower{Options: o, remote: remote}
}

// setting is the row that keeps the state.
const stateSetting = "follow"

// state is where the copy stands.
type state struct {
	From    string            `json:"from"`
	Cursor  string            `json:"cursor"`
	Waiting map[string]string `json:"waiting,omitempty"` // categories, and what they wait for to lie below
}

// Once follows to the end of the log.
func (f *Follower) Once(ctx context.Context) error { return f.run(ctx, true) }

// Run follows until ctx ends.
func (f *Follower) Run(ctx context.Context) error { return f.run(ctx, false) }

func (f *Follower) run(ctx context.Context, once bool) error {
	ctx = viewer.AsSystem(ctx)
	s, err := f.begin(ctx)
	if err != nil {
		return err
	}
	for failures := 0; ; {
		more, err := f.step(ctx, &s)
		wait := f.Every
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case fault.Is(err, fault.BadUserInput), errors.Is(err, errApply):
			return err
		case err != nil:
			failures++
			wait = pause(failures)
			f.Trouble(err, wait)
		default:
			failures = 0
			if more {
				continue
			}
			if once {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.Wait(wait):
		}
	}
}

// pause is how long to wait after so many failures in a row: from one second to
// one minute, a part of it by chance, so that many followers of a server that
// comes back do not come at once.
func pause(failures int) time.Duration {
	most := min(time.Minute, time.Second<<min(failures, 6))
	return most/2 + rand.N(most/2)
}

// begin is where the copy stands. A database follows one remote.
func (f *Follower) begin(ctx context.Context) (state, error) {
	s := state{From: f.remote.address, Waiting: map[string]string{}}
	if _, err := setting.GetJSON(ctx, f.Store.Client(ctx), stateSetting, &s); err != nil {
		return s, err
	}
	if s.From != f.remote.address {
		return s, fault.New(fault.BadUserInput, "this database follows %s; name another --database to follow %s", s.From, f.remote.address)
	}
	return s, nil
}

// errApply is a change that cannot be done here.
var errApply = errors.New("this change cannot be done here")

// step does the next page, with its cursor, in one transaction.
func (f *Follower) step(ctx context.Context, s *state) (more bool, err error) {
	page, err := f.remote.After(ctx, s.Cursor)
	if err != nil || page.Cursor == s.Cursor {
		return false, err
	}
	next := state{From: s.From, Cursor: page.Cursor, Waiting: map[string]string{}}
	err = f.Store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		clear(next.Waiting) // a transaction may be tried again
		for child, parent := range s.Waiting {
			next.Waiting[child] = parent
		}
		for _, ch := range page.Changes {
			if err := f.apply(ctx, c, &next, ch); err != nil {
				return err
			}
		}
		return keep(ctx, c, next)
	})
	if err != nil {
		if ctx.Err() == nil && !fault.Is(err, fault.Unavailable) {
			err = fmt.Errorf("%w: %w", errApply, err)
		}
		return false, err
	}
	*s = next
	f.done += len(page.Changes)
	f.Progress(f.done)
	return page.More, nil
}

func keep(ctx context.Context, c *ent.Client, s state) error {
	return setting.PutJSON(ctx, c, stateSetting, s)
}
