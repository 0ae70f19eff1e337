// Package measure takes content down and brings it back.
//
// A measure hides an article or a comment on every path at once: lists, search,
// counts, its own address, feeds, the change log, whose followers are told to
// purge their copies. What is hidden stays exactly as it was, for the staff and
// for the way back; nobody can change or delete it meanwhile (legal hold). At most
// one measure holds a thing down. The package refuses to judge: it is told by a
// moderator, or by the decision on a report. The operator's program is told, so that
// it tells the publisher (信息网络传播权保护条例, art. 15; 民法典, art. 1195).
package takedown

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/pictureuse"
	"github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Target is a kind of thing that can be taken down. Both run in the transaction of
// ctx and append to the change log as their last act.
type Target interface {
	// TakeDown hides the item on every path and returns the status to restore.
	TakeDown(ctx context.Context, c *ent.Client, id, reason string) (before string, err error)
	// Restore gives it that status again.
	Restore(ctx context.Context, c *ent.Client, id, before, reason string) error
}

// Service is what can be done with measures.
type Service struct {
	store   *store.Store
	audit   *audit.Log
	notices Alerts
	targets map[typeid.Kind]Target
}

// New is the service on s. Without notices (nil) the operator's program is not told.
func New(s *store.Store, log *audit.Log, notices Alerts, articles, comments Target) *Service {
	return &Service{s, log, notices, map[typeid.Kind]Target{typeid.Article: articles, typeid.Comment: comments}}
}

// Input says what is taken down or restored, and why.
type Input struct {
	Item   string
	Reason string
}

const maxReason = 2000 // characters

func (in Input) check() (reason string, err error) {
	var bad fault.Invalid
	reason = strings.TrimSpace(in.Reason)
	switch n := utf8.RuneCountInString(reason); {
	case n == 0:
		bad.Add("REQUIRED", "reason", "say why; the publisher and the audit read it")
	case n > maxReason:
		bad.Add("TOO_LONG", "reason", "has %d characters; at most %d fit", n, maxReason)
	}
	if !typeid.Is(typeid.Article, in.Item) && !typeid.Is(typeid.Comment, in.Item) {
		bad.Add("UNKNOWN", "item", "there is no such article or comment; only these can be taken down")
	}
	return reason, bad.Err()
}

// TakeDown hides an article or a comment, for moderators.
func (s *Service) TakeDown(ctx context.Context, in Input) (*ent.Takedown, error) {
	return s.decide(ctx, in, func(ctx context.Context, c *ent.Client, reason string) (*ent.Takedown, error) {
		return s.Take(ctx, c, in.Item, "", reason)
	})
}

// Restore brings it back exactly as it was, for moderators.
func (s *Service) Restore(ctx context.Context, in Input) (*ent.Takedown, error) {
	return s.decide(ctx, in, func(ctx context.Context, c *ent.Client, reason string) (*ent.Takedown, error) {
		return s.Lift(ctx, c, in.Item, reason)
	})
}

func (s *Service) decide(ctx context.Context, in Input, do func(context.Context, *ent.Client, string) (*ent.Takedown, error)) (*ent.Takedown, error) {
	if v := viewer.From(ctx); !policy.IsModerator(v) {
		return nil, policy.Denied(v)
	}
	reason, err := in.check()
	if err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Takedown, error) {
		return do(ctx, c, reason)
	})
}

// Take is the step of TakeDown, within a transaction; report is the id of the report
// that it follows from, or empty.
func (s *Service) Take(ctx context.Context, c *ent.Client, item, report, reason string) (*ent.Takedown, error) {
	held, err := active(ctx, c, item)
	if err != nil {
		return nil, err
	}
	if held != nil {
		return nil, fault.New(fault.Conflict, "it is down already, since %s; restore it first, or leave it", held.TakenAt)
	}
	kind, _ := typeid.KindOf(item)
	target, ok := s.targets[kind]
	if !ok {
		return nil, fault.New(fault.BadUserInput, "only articles and comments can be taken down; of a publisher, take down what it wrote")
	}
	now, system := s.store.Clock(), viewer.AsSystem(ctx)
	row := c.Takedown.Create().SetID(typeid.New(typeid.Takedown, now)).SetItem(item).SetReportID(optional.String(report)).
		SetReason(reason).SetTakenAt(now).SetTakenBy(name(viewer.From(ctx)))
	err = s.audit.Append(ctx, c, audit.Entry{Action: "TAKE_DOWN", Item: item, Detail: map[string]string{"report": report, "reason": reason}})
	if err != nil {
		return nil, err
	}
	before, err := target.TakeDown(system, c, item, reason)
	if err != nil {
		return nil, err
	}
	m, err := row.SetBefore(before).Save(system)
	if err != nil {
		return nil, err
	}
	return m, s.tell(system, c, "measure.taken", m, reason)
}

// Lift is the step of Restore, within a transaction.
func (s *Service) Lift(ctx context.Context, c *ent.Client, item, reason string) (*ent.Takedown, error) {
	held, err := active(ctx, c, item)
	if err != nil {
		return nil, err
	}
	if held == nil {
		return nil, errNotHeld(viewer.AsSystem(ctx), c, item)
	}
	kind, _ := typeid.KindOf(item)
	system := viewer.AsSystem(ctx)
	err = s.audit.Append(ctx, c, audit.Entry{Action: "RESTORE", Item: item, Detail: map[string]string{"measure": held.ID, "reason": reason}})
	if err != nil {
		return nil, err
	}
	row, err := c.Takedown.UpdateOne(held).SetLiftedAt(s.store.Clock()).SetLiftedBy(name(viewer.From(ctx))).SetLiftReason(optional.String(reason)).Save(system)
	if err != nil {
		return nil, fmt.Errorf("lift the measure on %s: %w", item, err)
	}
	if err := s.targets[kind].Restore(system, c, item, held.Before, reason); err != nil {
		return nil, err
	}
	return row, s.tell(system, c, "measure.lifted", row, reason)
}

// errNotHeld returns the error for restoring an item that no takedown holds. Its status can
// still be TAKEN_DOWN where an import brought it in without its takedown.
func errNotHeld(ctx context.Context, c *ent.Client, item string) error {
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

// Notices tells a program of the operator's what a publisher has to know.
type Alerts interface {
	Write(ctx context.Context, c *ent.Client, kind string, data any) error
}

// told is what a notice says of a measure: what the publisher may read anyhow.
type told struct {
	Measure   string `json:"measure"`
	Item      string `json:"item"`
	Publisher string `json:"publisher,omitempty"` // of an article
	Report    string `json:"report,omitempty"`
	Reason    string `json:"reason"`

	// Pictures is the folders of the pictures that an article shows, such as
	// /media/3f…/, for whoever has to purge a CDN.
	Pictures []string `json:"pictures,omitempty"`
}

func (s *Service) tell(ctx context.Context, c *ent.Client, kind string, m *ent.Takedown, reason string) error {
	if s.notices == nil {
		return nil
	}
	data := told{Measure: m.ID, Item: m.Item, Report: string(m.ReportID), Reason: reason}
	if typeid.Is(typeid.Article, m.Item) {
		a, err := c.Article.Query().Where(article.ID(m.Item)).Select(article.FieldPublisherID).Only(ctx)
		if err != nil {
			return fmt.Errorf("look for the publisher of %s: %w", m.Item, err)
		}
		data.Publisher = a.PublisherID
		hashes, err := c.PictureUse.Query().Where(pictureuse.ArticleID(m.Item)).Order(pictureuse.ByHash()).Select(pictureuse.FieldHash).Strings(ctx)
		if err != nil {
			return fmt.Errorf("look for the pictures of %s: %w", m.Item, err)
		}
		for _, hash := range hashes {
			data.Pictures = append(data.Pictures, mediaurl.Folder(hash))
		}
	}
	return s.notices.Write(ctx, c, kind, data)
}

// active is the measure that holds item down, or nil.
func active(ctx context.Context, c *ent.Client, item string) (*ent.Takedown, error) {
	rows, err := c.Takedown.Query().Where(takedown.Item(item), takedown.LiftedAtIsNil()).Limit(1).All(viewer.AsSystem(ctx))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// Holding is the measure that holds each of these things down, as far as the viewer may
// know: staff, and the publisher of an article.
func (s *Service) Holding(ctx context.Context, items []string) (map[string]*ent.Takedown, error) {
	rows, err := s.store.Client(ctx).Takedown.Query().Where(takedown.ItemIn(items...), takedown.LiftedAtIsNil()).All(ctx)
	if err != nil {
		return nil, err
	}
	of := make(map[string]*ent.Takedown, len(rows))
	for _, row := range rows {
		of[row.Item] = row
	}
	return of, nil
}

func name(v viewer.Viewer) string {
	if v.Name != "" {
		return v.Name
	}
	return string(v.Role)
}
