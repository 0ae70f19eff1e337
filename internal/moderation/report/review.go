package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/policy"
)

var errNotFound = fault.New(fault.NotFound, "there is no such report")

// Decisions is what a moderator can decide on a report now.
func Decisions(r *ent.Report) (list []Event) {
	for _, t := range Table {
		if t.By != Moderator {
			continue
		}
		if _, err := Next(r.Status, r.Kind, t.Event, Moderator); err == nil && !slices.Contains(list, t.Event) {
			list = append(list, t.Event)
		}
	}
	return list
}

// Review is a moderator's decision. Reports of the same thing for the same reason that
// can go the same way go with it.
func (s *Service) Review(ctx context.Context, in ReviewInput) (*ent.Report, error) {
	if v := viewer.From(ctx); !policy.IsModerator(v) {
		return nil, policy.Denied(v)
	}
	var bad fault.Invalid
	reason := said(&bad, "reason", in.Reason, 1, maxReason)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if !typeid.Is(typeid.Report, in.Report) {
		return nil, errNotFound
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Report, error) {
		r, err := c.Report.Get(ctx, in.Report)
		if ent.IsNotFound(err) {
			return nil, errNotFound
		}
		if err != nil {
			return nil, err
		}
		do := step{event: in.Decision, by: Moderator, reason: reason}
		if _, err := s.take(ctx, c, r, do); err != nil {
			return nil, err
		}
		if err := s.takeAlong(ctx, c, r, do); err != nil {
			return nil, err
		}
		return r, s.act(ctx, c, r, in.Decision, reason)
	})
}

// takeAlong decides the other reports of the same.
func (s *Service) takeAlong(ctx context.Context, c *ent.Client, r *ent.Report, do step) error {
	if do.event == AskMaterial {
		return nil // each reporter is asked alone
	}
	leader := r.LeaderID
	if leader == "" {
		leader = r.ID
	}
	rows, err := c.Report.Query().Where(report.Or(report.ID(leader), report.LeaderID(leader)), report.IDNEQ(r.ID)).
		Order(ent.Asc(report.FieldID)).All(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("look for reports of the same: %w", err)
	}
	for _, other := range rows {
		if _, err := Next(other.Status, other.Kind, do.event, do.by); err != nil {
			continue
		}
		if _, err := s.take(ctx, c, other, do); err != nil {
			return err
		}
	}
	return nil
}

// act does to the content what was decided. It comes last, as it ends with the change log.
func (s *Service) act(ctx context.Context, c *ent.Client, r *ent.Report, event Event, reason string) error {
	switch event {
	case TakeDown:
		held, err := s.holds(ctx, c, r.Target)
		if err != nil || held {
			return err // another case took it down already
		}
		_, err = s.measures.Take(ctx, c, r.Target, r.ID, reason)
		return err
	case Restore, PeriodOver:
		held, err := s.holds(ctx, c, r.Target)
		if err != nil || !held {
			return err
		}
		others, err := s.othersHold(ctx, c, r)
		if err != nil || others {
			return err // another case still wants it down
		}
		_, err = s.measures.Lift(ctx, c, r.Target, reason)
		return err
	default:
		return nil
	}
}

func (s *Service) holds(ctx context.Context, c *ent.Client, item string) (bool, error) {
	return c.Takedown.Query().Where(takedown.Item(item), takedown.LiftedAtIsNil()).Exist(viewer.AsSystem(ctx))
}

// othersHold reports whether another case of the same target is one because of which it
// is down.
func (s *Service) othersHold(ctx context.Context, c *ent.Client, r *ent.Report) (bool, error) {
	return c.Report.Query().Where(report.Target(r.Target), report.IDNEQ(r.ID),
		report.StatusIn(report.StatusMEASURES_TAKEN, report.StatusCOUNTERED)).Exist(viewer.AsSystem(ctx))
}

const maxReason = 2000 // characters

// said is a text that somebody wrote, tidied.
func said(bad *fault.Invalid, field, text string, least, most int) string {
	text = strings.TrimSpace(newlines.Replace(text))
	switch n := utf8.RuneCountInString(text); {
	case n < least && n == 0:
		bad.Add("REQUIRED", field, "say why, in words")
	case n < least:
		bad.Add("INVALID", field, "has %d characters; say it in %d or more", n, least)
	case n > most:
		bad.Add("TOO_LONG", field, "has %d characters; at most %d fit", n, most)
	case garbled(text, "\n\t"):
		bad.Add("INVALID", field, "contains control characters; remove them")
	}
	return text
}
