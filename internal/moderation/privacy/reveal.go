// Package person looks after what tells of persons. It shows moderators where something
// came from, where they need it and say why (reveal.go); it erases all of that when it is
// older than it has to be kept (retain.go); and it hands people a copy of what is kept of
// them, and forgets them (forget.go).
//
// Invariant: nothing is shown or erased without a line in the audit, written in the same
// transaction where one thing is shown. The line never holds what was shown. It refuses to
// reveal in bulk: one thing at a time.
package privacy

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Service is what can be done with what tells of persons.
type Service struct {
	store    *store.Store
	audit    *audit.Log
	comments Comments
}

// New is the service on s.
func New(s *store.Store, log *audit.Log, comments Comments) *Service {
	return &Service{s, log, comments}
}

// Input says of what, and why.
type Input struct {
	Item   string
	Reason string
}

// Person is what is known of whoever wrote a thing.
type Person struct {
	Item    string
	Address string      // empty: not known
	Report  *ent.Report // with the evidence open, where the thing is a report
}

const maxReason = 2000 // characters

// Reveal shows the network address of an article, a comment or a report, and of a
// report what it rests on, for moderators.
func (s *Service) Reveal(ctx context.Context, in Input) (p *Person, err error) {
	v := viewer.From(ctx)
	if !policy.IsModerator(v) {
		return nil, policy.Denied(v)
	}
	reason := strings.TrimSpace(in.Reason)
	var bad fault.Invalid
	switch n := utf8.RuneCountInString(reason); {
	case n == 0:
		bad.Add("REQUIRED", "reason", "say why you need to know; the audit keeps it")
	case n > maxReason:
		bad.Add("TOO_LONG", "reason", "has %d characters; at most %d fit", n, maxReason)
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if p, err = person(viewer.AsSystem(ctx), c, in.Item); err != nil {
			return err
		}
		return s.audit.Append(ctx, c, audit.Entry{Action: "REVEAL", Item: in.Item, Detail: map[string]string{"reason": reason}})
	})
	return p, err
}

var (
	errNotFound = fault.Invalid{{Code: "UNKNOWN", Field: []string{"item"}, Message: "there is no such article, comment or report"}}
	errClosed   = fault.New(fault.Unavailable, "this was sealed with a key that the server does not have; give the old key beside the new one (--secret-key NEW,OLD)")
)

func person(ctx context.Context, c *ent.Client, id string) (p *Person, err error) {
	p = &Person{Item: id}
	kind, _ := typeid.KindOf(id)
	switch kind {
	case typeid.Article:
		var row *ent.Article
		if row, err = c.Article.Get(ctx, id); err == nil {
			p.Address = row.OriginAddress
		}
	case typeid.Comment:
		var row *ent.Comment
		if row, err = c.Comment.Get(ctx, id); err == nil {
			p.Address = row.OriginAddress
		}
	case typeid.Report:
		if p.Report, err = c.Report.Get(ctx, id); err == nil {
			p.Address = p.Report.OriginAddress
		}
	default:
		return nil, errNotFound
	}
	switch {
	case ent.IsNotFound(err):
		return nil, errNotFound
	case err != nil:
		return nil, fmt.Errorf("reveal who wrote %s: %w", id, err)
	case seal.Is(p.Address):
		return nil, errClosed
	}
	return p, nil
}
