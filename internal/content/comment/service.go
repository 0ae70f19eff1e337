// Package comment takes what readers say under articles, lets moderators decide
// what is to be seen, and lists it.
//
// A new comment waits for a moderator, unless its writer is trusted (trust.go) and
// the checkers (internal/moderation/contentcheck) found nothing. An article's comment_count is the number of its APPROVED comments on all
// levels: it moves by one in the transaction that moves a comment into or out of
// that state, and at no other time. The change log tells of a comment when
// readers can notice it: when it appears and when it is taken away. The package
// refuses to render, to check words and to notify anybody.
package comment

import (
	"context"

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

// Screener looks at what readers write.
type ContentChecker interface {
	Check(ctx context.Context, s contentcheck.Subject) contentcheck.Finding
}

// Options are what a service rests on.
type Options struct {
	Store        *store.Store
	Log          *changefeed.Log
	Audit        *audit.Log
	ContentCheck ContentChecker                              // nil: nobody looks
	Captcha      *captcha.Captcha                            // of those without a token; nil: none
	Off          func(context.Context) (terminal.Set, error) // the terminals without comments; nil: none
	Region       func(address string) string                 // where an address is; nil: nobody knows
	Earned       func(context.Context) (int, error)          // after how many approved comments a reader is trusted; 0: never. nil: never
}

// Service is what can be done with comments.
type Service struct {
	store   *store.Store
	log     *changefeed.Log
	audit   *audit.Log
	screen  ContentChecker
	captcha *captcha.Captcha
	earned  func(context.Context) (int, error)
	off     func(context.Context) (terminal.Set, error)
	region  func(string) string
	said    *ratelimit.Limiter[string]
}

// New is the service on o.
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
	return &Service{o.Store, o.Log, o.Audit, o.ContentCheck, o.Captcha, o.Earned, o.Off, o.Region, ratelimit.New[string](1/again.Seconds(), 1)}
}

// OffOn reports whether one of these terminals has no comments.
func (s *Service) OffOn(ctx context.Context, ts terminal.Set) (bool, error) {
	if ts == 0 {
		return false, nil
	}
	off, err := s.off(ctx)
	return ts&off != 0, err
}

// shown is the comments that the terminals of the request show.
func (s *Service) shown(ctx context.Context) (*ent.CommentQuery, error) {
	q := s.store.Client(ctx).Comment.Query()
	off, err := s.OffOn(ctx, terminal.Named(ctx))
	if off {
		q.Where(comment.IDIn())
	}
	return q, err
}

var errNotFound = fault.New(fault.NotFound, "there is no such comment, or it is not for you to see")

// ByIDs is the comments with these ids that the viewer may see.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Comment, error) {
	q, err := s.shown(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := q.Where(comment.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*ent.Comment, len(rows))
	for _, c := range rows {
		found[c.ID] = c
	}
	return found, nil
}
