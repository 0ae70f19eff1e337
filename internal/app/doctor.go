package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/geoip"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/moderation/wordlist"
)

// Check is one thing that `tonggao doctor` looks at.
type Check struct {
	Name string
	Run  func(context.Context) error
	Mild bool // what it finds is worth a word, and nothing is wrong yet
}

// Checks is what can be wrong with an installation.
func (h *Services) Checks(c config.Config, now time.Time) []Check {
	return []Check{
		{Name: "the database answers and its pages are sound", Run: h.Store.Ping},
		{Name: "the schema is the one that this program knows", Run: func(ctx context.Context) error {
			drift, err := h.Store.Drift(ctx)
			if err == nil && drift != "" {
				return fault.New(fault.Unavailable, "somebody changed the schema by hand; these statements would mend it:\n%s", drift)
			}
			return err
		}},
		{Name: "every article has its text and its place in the search index", Run: h.completeArticles},
		{Name: "there is a key to everything that is sealed", Run: func(ctx context.Context) error {
			locked, err := h.Store.Locked(ctx)
			if err == nil && locked > 0 {
				return fmt.Errorf("%d values: %s", locked, lostKey)
			}
			return err
		}},
		{Name: "uploaded pictures can be kept", Run: func(ctx context.Context) error { return storable(ctx, c) }},
		{Name: "the lists of words can be read", Run: func(context.Context) error {
			_, err := wordlist.New(h.Store, h.Audit, h.Words, c.Words)
			return err
		}},
		{Name: "the files of network regions can be read", Run: func(context.Context) error {
			_, err := geoip.Open(c.IPRegions...)
			return err
		}},
		{Name: "the calendar of working days can be read", Run: func(context.Context) error {
			_, err := calendar(c)
			return err
		}},
		CalendarCheck(c, now),
	}
}

// ahead is how long before a year begins its working days should be known. The
// State Council names them in November.
const ahead = 45 * 24 * time.Hour

// CalendarCheck looks whether the working days of the time ahead are known.
func CalendarCheck(c config.Config, now time.Time) Check {
	return Check{Name: "the working days of the weeks ahead are known", Mild: true, Run: func(context.Context) error {
		known, err := calendar(c) // that it can be read is another check
		if year := now.In(instant.Zone).Add(ahead).Year(); err == nil && !known.Covers(year) {
			return fmt.Errorf("nobody has said which days of %d are worked: until then all weekdays count as working days, so deadlines come too early; "+
				"put the State Council's notice into a file and name it with --calendar (docs/reports.md), or upgrade", year)
		}
		return nil
	}}
}

// storable says why an uploaded picture could not be kept.
func storable(ctx context.Context, c config.Config) error {
	files, err := Storage(c)
	if err != nil {
		return err
	}
	err = files.Check(ctx)
	var f *fault.Error
	if errors.As(err, &f) && f.Cause != nil { // whoever asks the doctor is the operator
		return fmt.Errorf("%w; mend it, or choose another place with --media-dir or --media-s3-endpoint", f.Cause)
	}
	return err
}

func (h *Services) completeArticles(ctx context.Context) error {
	missing, err := h.Store.Incomplete(ctx)
	if err != nil {
		return err
	}
	if missing > 0 {
		return fmt.Errorf("%d articles have no text or cannot be found by search; restore a backup, or export, look at the articles without a body, and import again", missing)
	}
	return nil
}
