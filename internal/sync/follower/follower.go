// Package follower replicates another installation into this one, for readers. It is the
// reference consumer of the change feed (docs/changes.md).
//
// The invariant: the cursor is written in the transaction of the changes before it. So a
// crash on either side loses nothing and leaves nothing half applied, and applying a change
// twice changes nothing. Memory holds one page of changes.
//
// Everything public is replicated, under the same ids and slugs. Not replicated are the
// files of pictures, whose addresses name the remote, the site's own facts and view
// counts. A takedown that was made here is never undone.
package follower

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/retry"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/setting"
	"github.com/tonggao/tonggao/internal/sync/importer"
)

// Options hold the services that a follower writes with, and its timing.
type Options struct {
	Store      *store.Store
	Articles   *article.Service
	Categories *category.Service
	Publishers *publisher.Service
	Regions    *region.Service
	Importer   *importer.Importer

	Every    time.Duration                        // between two polls of a feed that has ended; 0: 2 s
	Progress func(done int)                       // called after each page; may be nil
	Trouble  func(error, time.Duration)           // called after a failure, with the delay of the retry, 0 when it starts over; may be nil
	Wait     func(time.Duration) <-chan time.Time // nil: time.After
}

// Follower replicates one remote.
type Follower struct {
	Options
	remote *Remote
	done   int
}

// New returns a follower of remote.
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

// stateSetting names the setting that holds the state.
const stateSetting = "follow"

// state is how far the copy has come.
type state struct {
	From    string            `json:"from"`
	Cursor  string            `json:"cursor"`
	Waiting map[string]string `json:"waiting,omitempty"` // categories by id whose parent has not arrived, and that parent
	Pass    int               `json:"pass,omitempty"`    // how often it started over
	Sweep   bool              `json:"sweep,omitempty"`   // what an earlier pass copied is still to be removed
}

// Once replicates up to the end of the feed.
func (f *Follower) Once(ctx context.Context) error { return f.run(ctx, true) }

// Run replicates until ctx ends.
func (f *Follower) Run(ctx context.Context) error { return f.run(ctx, false) }

func (f *Follower) run(ctx context.Context, once bool) error {
	ctx = viewer.AsSystem(ctx)
	s, err := f.load(ctx)
	if err != nil {
		return err
	}
	for failures := 0; ; {
		more, err := f.replicate(ctx, &s)
		if err == nil && !more && s.Sweep {
			err = f.sweep(ctx, &s)
		}
		delay := f.Every
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errRefused) && s.Cursor != "":
			f.Trouble(err, 0)
			s = s.startOver()
			continue
		case fault.Is(err, fault.BadUserInput), errors.Is(err, errApply):
			return err
		case err != nil:
			failures++
			delay = retry.Exponential(failures, 2*time.Second, time.Minute, rand.Float64())
			f.Trouble(err, delay)
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
		case <-f.Wait(delay):
		}
	}
}

// load returns the saved state. A database follows one remote.
func (f *Follower) load(ctx context.Context) (state, error) {
	s := state{From: f.remote.address, Waiting: map[string]string{}}
	if _, err := setting.GetJSON(ctx, f.Store.Client(ctx), stateSetting, &s); err != nil {
		return s, fmt.Errorf("read the cursor: %w", err)
	}
	if s.From != f.remote.address {
		return s, fault.New(fault.BadUserInput, "this database follows %s; name another --database to follow %s", s.From, f.remote.address)
	}
	return s, nil
}

// errApply marks a change that cannot be applied here.
var errApply = errors.New("this change cannot be applied here")

// replicate applies the next page and saves its cursor, in one transaction.
func (f *Follower) replicate(ctx context.Context, s *state) (more bool, err error) {
	page, err := f.remote.After(ctx, s.Cursor)
	if err != nil || page.Cursor == s.Cursor {
		return false, err
	}
	var next state
	err = f.Store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		next = *s // a transaction may be retried
		next.Cursor, next.Waiting = page.Cursor, map[string]string{}
		maps.Copy(next.Waiting, s.Waiting)
		for _, ch := range page.Changes {
			if err := f.apply(ctx, c, &next, ch); err != nil {
				return err
			}
			if err := next.note(ctx, c, ch); err != nil {
				return err
			}
		}
		return setting.PutJSON(ctx, c, stateSetting, next)
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
