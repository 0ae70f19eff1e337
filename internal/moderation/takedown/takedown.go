// Package takedown takes articles and comments down and restores them.
//
// A takedown hides an item on every path at once: lists, search, counts, its own address,
// feeds and the change feed, whose consumers are asked to purge their copies. The item
// itself stays unchanged, for staff and for a restore, and cannot be edited or deleted
// (legal hold). At most one takedown of an item is in force.
//
// The package does not decide what to take down: a moderator does, or the decision on a
// report. It sends an alert, so that the operator can notify the publisher
// (信息网络传播权保护条例, art. 15; 民法典, art. 1195).
package takedown

import (
	"cmp"
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/pictureuse"
	"github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Target takes one kind of item down and restores it. Both methods run in the transaction of ctx and
// end by appending to the change feed.
type Target interface {
	// TakeDown hides the item on every path and returns the status to restore.
	TakeDown(ctx context.Context, c *ent.Client, id, reason string) (before string, err error)
	// Restore gives the item that status again.
	Restore(ctx context.Context, c *ent.Client, id, before, reason string) error
}

// Alerts sends an alert to the operator's program, in the transaction of ctx.
type Alerts interface {
	Write(ctx context.Context, c *ent.Client, kind string, data any) error
}

// Options configures a Service.
type Options struct {
	Store    *store.Store
	Audit    *audit.Log
	Alerts   Alerts // nil: none are sent
	Articles Target
	Comments Target
}

// Service takes items down and restores them.
type Service struct {
	store   *store.Store
	audit   *audit.Log
	alerts  Alerts
	targets map[typeid.Kind]Target
}

// New returns a Service with the given options.
func New(o Options) *Service {
	return &Service{o.Store, o.Audit, o.Alerts, map[typeid.Kind]Target{typeid.Article: o.Articles, typeid.Comment: o.Comments}}
}

// Input names the item to take down or to restore, and the reason.
type Input struct {
	Item   string
	Reason string
}

const maxReason = 2000 // characters

// check checks in and returns the reason, trimmed.
func (in Input) check() (reason string, err error) {
	var bad fault.Invalid
	reason = input.Text(&bad, "reason", in.Reason, 1, maxReason)
	if !typeid.Is(typeid.Article, in.Item) && !typeid.Is(typeid.Comment, in.Item) {
		bad.Add("UNKNOWN", "item", "there is no such article or comment; only these can be taken down")
	}
	return reason, bad.Err()
}

// TakeDown takes an article or a comment down.
func (s *Service) TakeDown(ctx context.Context, in Input) (*ent.Takedown, error) {
	return s.decide(ctx, in, func(ctx context.Context, c *ent.Client, reason string) (*ent.Takedown, error) {
		return s.Apply(ctx, c, in.Item, "", reason)
	})
}

// Restore shows an article or a comment again, exactly as it was.
func (s *Service) Restore(ctx context.Context, in Input) (*ent.Takedown, error) {
	return s.decide(ctx, in, func(ctx context.Context, c *ent.Client, reason string) (*ent.Takedown, error) {
		return s.Lift(ctx, c, in.Item, reason)
	})
}

// decide checks the viewer and the input, and runs do in a transaction.
func (s *Service) decide(ctx context.Context, in Input, do func(context.Context, *ent.Client, string) (*ent.Takedown, error)) (*ent.Takedown, error) {
	if err := policy.Require(ctx, policy.TakeDown); err != nil {
		return nil, err
	}
	reason, err := in.check()
	if err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Takedown, error) {
		return do(ctx, c, reason)
	})
}

// Apply takes item down, in the transaction of ctx; report is the id of the report that was
// decided, or empty.
func (s *Service) Apply(ctx context.Context, c *ent.Client, item, report, reason string) (*ent.Takedown, error) {
	target, inForce, err := s.lock(ctx, c, item)
	if err != nil {
		return nil, err
	}
	if inForce != nil {
		return nil, fault.New(fault.Conflict, "it has been down since %s; restore it first, or leave it", inForce.TakenAt)
	}
	err = s.audit.Append(ctx, c, audit.Entry{Action: "TAKE_DOWN", Item: item, Detail: map[string]string{"report": report, "reason": reason}})
	if err != nil {
		return nil, err
	}
	system := viewer.AsSystem(ctx)
	before, err := target.TakeDown(system, c, item, reason)
	if err != nil {
		return nil, fmt.Errorf("hide %s: %w", item, err)
	}
	now := s.store.Clock()
	row, err := c.Takedown.Create().SetID(typeid.New(typeid.Takedown, now)).SetItem(item).SetReportID(optional.String(report)).
		SetReason(reason).SetTakenAt(now).SetTakenBy(actor(ctx)).SetBefore(before).Save(system)
	if store.IsUnique(err) { // the rows were locked, so this is another program
		return nil, fault.Wrap(err, fault.Conflict, "it was taken down at the same moment; nothing was written: look at it again")
	}
	if err != nil {
		return nil, fmt.Errorf("create the takedown of %s: %w", item, err)
	}
	return row, s.alert(system, c, "measure.taken", row, reason)
}

// Lift restores item, in the transaction of ctx.
func (s *Service) Lift(ctx context.Context, c *ent.Client, item, reason string) (*ent.Takedown, error) {
	target, inForce, err := s.lock(ctx, c, item)
	if err != nil {
		return nil, err
	}
	if inForce == nil {
		return nil, errNotDown(viewer.AsSystem(ctx), c, item)
	}
	err = s.audit.Append(ctx, c, audit.Entry{Action: "RESTORE", Item: item, Detail: map[string]string{"measure": inForce.ID, "reason": reason}})
	if err != nil {
		return nil, err
	}
	system := viewer.AsSystem(ctx)
	row, err := c.Takedown.UpdateOne(inForce).SetLiftedAt(s.store.Clock()).SetLiftedBy(actor(ctx)).SetLiftReason(optional.String(reason)).Save(system)
	if err != nil {
		return nil, fmt.Errorf("lift the takedown of %s: %w", item, err)
	}
	if err := target.Restore(system, c, item, inForce.Before, reason); err != nil {
		return nil, fmt.Errorf("show %s: %w", item, err)
	}
	return row, s.alert(system, c, "measure.lifted", row, reason)
}

// errNotDown returns the error of restoring an item without a takedown in force. Its status
// can still be TAKEN_DOWN where an import created it without its takedown.
func errNotDown(ctx context.Context, c *ent.Client, item string) error {
	down, err := c.Article.Query().Where(article.ID(item), article.StatusEQ(article.StatusTAKEN_DOWN)).Exist(ctx)
	if err == nil && !down {
		down, err = c.Comment.Query().Where(comment.ID(item), comment.StatusEQ(comment.StatusTAKEN_DOWN)).Exist(ctx)
	}
	switch {
	case err != nil:
		return fmt.Errorf("read the status of %s: %w", item, err)
	case down:
		return fault.New(fault.Conflict, "it is taken down, but it was imported without the record of its takedown; record one with takeDown, then restore it")
	}
	return fault.New(fault.Conflict, "it is not taken down, so there is nothing to restore")
}

// alert is the payload of an alert about a takedown. The publisher may read all of it.
type alert struct {
	Measure   string `json:"measure"` // the id of the takedown
	Item      string `json:"item"`
	Publisher string `json:"publisher,omitempty"` // of an article
	Report    string `json:"report,omitempty"`
	Reason    string `json:"reason"`

	// Pictures lists the folders of the pictures of an article, such as /media/3f…/, for
	// purging a CDN.
	Pictures []string `json:"pictures,omitempty"`
}

// alert sends an alert about the takedown.
func (s *Service) alert(ctx context.Context, c *ent.Client, kind string, row *ent.Takedown, reason string) error {
	if s.alerts == nil {
		return nil
	}
	data := alert{Measure: row.ID, Item: row.Item, Report: string(row.ReportID), Reason: reason}
	if typeid.Is(typeid.Article, row.Item) {
		a, err := c.Article.Query().Where(article.ID(row.Item)).Select(article.FieldPublisherID).Only(ctx)
		if err != nil {
			return fmt.Errorf("read the publisher of %s: %w", row.Item, err)
		}
		data.Publisher = a.PublisherID
		hashes, err := c.PictureUse.Query().Where(pictureuse.ArticleID(row.Item)).Order(pictureuse.ByHash()).Select(pictureuse.FieldHash).Strings(ctx)
		if err != nil {
			return fmt.Errorf("read the pictures of %s: %w", row.Item, err)
		}
		for _, hash := range hashes {
			data.Pictures = append(data.Pictures, mediaurl.Folder(hash))
		}
	}
	return s.alerts.Write(ctx, c, kind, data)
}

// lock locks the row of item until the transaction ends, so that no two takedowns of it
// come into force. It returns the kind of target and the takedown in force, or nil.
func (s *Service) lock(ctx context.Context, c *ent.Client, item string) (Target, *ent.Takedown, error) {
	kind, _ := typeid.KindOf(item)
	target, ok := s.targets[kind]
	if !ok {
		return nil, nil, fault.New(fault.BadUserInput, "only articles and comments can be taken down; of a publisher, take down what it wrote")
	}
	if err := s.store.LockItems(ctx, c, item); err != nil {
		return nil, nil, err
	}
	rows, err := c.Takedown.Query().Where(takedown.Item(item), takedown.LiftedAtIsNil()).Limit(1).All(viewer.AsSystem(ctx))
	if err != nil {
		return nil, nil, fmt.Errorf("read the takedown of %s: %w", item, err)
	}
	if len(rows) == 0 {
		return target, nil, nil
	}
	return target, rows[0], nil
}

// Active returns the takedowns in force by item, as far as the viewer may see them: staff
// see all, a publisher those of its articles.
func (s *Service) Active(ctx context.Context, items []string) (map[string]*ent.Takedown, error) {
	rows, err := s.store.Client(ctx).Takedown.Query().Where(takedown.ItemIn(items...), takedown.LiftedAtIsNil()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read takedowns: %w", err)
	}
	byItem := make(map[string]*ent.Takedown, len(rows))
	for _, row := range rows {
		byItem[row.Item] = row
	}
	return byItem, nil
}

// actor returns the name of the viewer's token, or the role where it has none.
func actor(ctx context.Context) string {
	v := viewer.From(ctx)
	return cmp.Or(v.Name, string(v.Role))
}
