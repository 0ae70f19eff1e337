package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/tonggao/tonggao/internal/config"
	"github.com/tonggao/tonggao/internal/fault"
)

// Check is one thing that `tonggao doctor` looks at.
type Check struct {
	Name string
	Run  func(context.Context) error
}

// Checks is what can be wrong with an installation.
func (h *House) Checks() []Check {
	return []Check{
		{"the database answers and its pages are sound", h.Store.Ping},
		{"the schema is the one that this program knows", func(ctx context.Context) error {
			drift, err := h.Store.Drift(ctx)
			if err == nil && drift != "" {
				return fault.New(fault.Unavailable, "somebody changed the schema by hand; these statements would mend it:\n%s", drift)
			}
			return err
		}},
		{"every article has its text and its place in the search index", h.completeArticles},
	}
}

// StorageChecks is what can be wrong with where uploaded pictures lie.
func StorageChecks(c config.Config) []Check {
	return []Check{{"uploaded pictures can be kept", func(ctx context.Context) error {
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
	}}}
}

func (h *House) completeArticles(ctx context.Context) error {
	missing, err := h.Store.Incomplete(ctx)
	if err != nil {
		return err
	}
	if missing > 0 {
		return fmt.Errorf("%d articles have no text or cannot be found by search; restore a backup, or export, look at the articles without a body, and import again", missing)
	}
	return nil
}
