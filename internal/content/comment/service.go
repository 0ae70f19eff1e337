// Package comment accepts what readers write about articles, lets moderators decide what is
// visible, and lists it.
//
// A new comment waits for a moderator, unless its author is trusted (trust.go) and the
// content check (internal/moderation/contentcheck) has no objection. An article's
// comment_count is the number of its APPROVED comments on all levels: it changes by one in
// the transaction that moves a comment into or out of that state, and at no other time. The
// change feed has an entry when a comment appears and when it disappears. The package does
// not render, does not check words itself, and sends no notifications.
package comment

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/ratelimit"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/moderation/captcha"
	"github.com/tonggao/tonggao/internal/moderation/contentcheck"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// ContentChecker checks the texts that readers write, for spam and forbidden words.
type ContentChecker interface {
	Check(ctx context.Context, s contentcheck.Subject) contentcheck.Finding
}

// Options are the dependencies of a Service.
type Options struct {
	Store        *store.Store
	Log          *changefeed.Log
	Audit        *audit.Log
	ContentCheck ContentChecker                              // nil: no check
	Captcha      *captcha.Captcha                            // for clients without a token; nil: none
	Off          func(context.Context) (terminal.Set, error) // the terminals without comments; nil: none
	Region       func(address string) string                 // the region of a network address; nil: unknown
	Earned       func(context.Context) (int, error)          // after how many approved comments a reader is trusted; 0: never. nil: never
}

// Service writes, moderates and reads comments.
type Service struct {
	store    *store.Store
	log      *changefeed.Log
	audit    *audit.Log
	checker  ContentChecker
	captcha  *captcha.Captcha
	earned   func(context.Context) (int, error)
	off      func(context.Context) (terminal.Set, error)
	regionOf func(address string) string
	repeats  *ratelimit.Limiter[[sha256.Size]byte]
}

// New returns a service with the dependencies in o.
func New(o Options) *Service {
	if o.ContentCheck == nil {
		o.ContentCheck = (*contentcheck.Pipeline)(nil)
	}
	if o.Earned == nil {
		o.Earned = func(context.Context) (int, error) { return 0, nil }
	}
	if o.Region == nil {
		o.Region = func(string) string { return "" }
	}
	if o.Off == nil {
		o.Off = func(context.Context) (terminal.Set, error) { return 0, nil }
	}
	return &Service{o.Store, o.Log, o.Audit, o.ContentCheck, o.Captcha, o.Earned, o.Off, o.Region, ratelimit.New[[sha256.Size]byte](1/repeatAfter.Seconds(), 1)}
}

// DisabledOn reports whether one of these terminals has no comments.
func (s *Service) DisabledOn(ctx context.Context, ts terminal.Set) (bool, error) {
	if ts == 0 {
		return false, nil
	}
	off, err := s.off(ctx)
	if err != nil {
		return false, fmt.Errorf("read which terminals have no comments: %w", err)
	}
	return ts&off != 0, nil
}

// query returns a query of the comments that the terminals of the request show.
func (s *Service) query(ctx context.Context) (*ent.CommentQuery, error) {
	off, err := s.DisabledOn(ctx, terminal.Named(ctx))
	if err != nil {
		return nil, err
	}
	q := s.store.Client(ctx).Comment.Query()
	if off {
		q.Where(comment.IDIn())
	}
	return q, nil
}

var errNotFound = fault.New(fault.NotFound, "there is no such comment, or it is not for you to see")

// ByIDs returns the comments with these ids that the viewer may see.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Comment, error) {
	q, err := s.query(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := q.Where(comment.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read comments by id: %w", err)
	}
	return store.ByKey(rows, func(c *ent.Comment) string { return c.ID }), nil
}
