// Package privacy owns personal data. It reveals it to moderators who state a reason
// (reveal.go), erases it when its retention period ends (retention.go), and exports it
// (export.go) or erases it (erasure.go) on request of the person.
//
// Invariant: nothing is revealed or erased without an audit entry, which never contains
// the data itself. A reveal and its entry share one transaction. The package does not
// reveal in bulk: each call is about one item.
package privacy

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Service reveals, exports and erases personal data.
type Service struct {
	store    *store.Store
	audit    *audit.Log
	comments Comments
}

// New returns a Service.
func New(s *store.Store, log *audit.Log, comments Comments) *Service {
	return &Service{s, log, comments}
}

// Input names the item to reveal, and the reason.
type Input struct {
	Item   string
	Reason string
}

// Person is what is known about the author of an item.
type Person struct {
	Item    string
	Address string      // empty: unknown
	Report  *ent.Report // with its evidence unredacted, where the item is a report
}

const maxReason = 2000 // characters

// Reveal returns the network address from which an article, a comment or a report came, and
// the evidence of a report. It writes the reason to the audit log.
func (s *Service) Reveal(ctx context.Context, in Input) (p *Person, err error) {
	if err := policy.Require(ctx, policy.Reveal); err != nil {
		return nil, err
	}
	var bad fault.Invalid
	reason := input.Text(&bad, "reason", in.Reason, 1, maxReason)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
		if p, err = person(viewer.AsSystem(ctx), c, in.Item); err != nil {
			return err
		}
		return s.audit.Append(ctx, c, audit.Entry{Action: "REVEAL", Item: in.Item, Detail: map[string]string{"reason": reason}})
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

var (
	errNoItem    = fault.Invalid{{Code: "UNKNOWN", Field: []string{"item"}, Message: "there is no such article, comment or report"}}
	errEncrypted = fault.New(fault.Unavailable, "this was encrypted with a key that the server does not have; give the old key after the new one (--secret-key NEW,OLD)")
)

// person reads what is known about the author of the item.
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
		return nil, errNoItem
	}
	switch {
	case ent.IsNotFound(err):
		return nil, errNoItem
	case err != nil:
		return nil, fmt.Errorf("read the author of %s: %w", id, err)
	case seal.Is(p.Address):
		return nil, errEncrypted
	}
	return p, nil
}
