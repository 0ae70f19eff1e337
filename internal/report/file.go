package report

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/gid"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/viewer"
)

// Limits of what a reporter may write, in characters.
const (
	minStatement = 5
	maxStatement = 5000
	maxContact   = 200
)

// File takes a report of something that the viewer sees. The row carries the
// receipt; it is the only time that its reporter is shown it.
func (s *Service) File(ctx context.Context, in FileInput) (*ent.Report, error) {
	var bad fault.Invalid
	statement, contact := in.check(&bad)
	known, err := s.sees(ctx, in.Target)
	if err != nil {
		return nil, fmt.Errorf("look up what is reported: %w", err)
	}
	if !known {
		bad.Add("UNKNOWN", "target", "there is no such article, comment or publisher, or it is not for you to see")
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	days, err := s.days(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the deadline of reports: %w", err)
	}
	now := s.store.Clock()
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Report, error) {
		row, err := c.Report.Create().SetID(gid.New(gid.Report, now)).SetKind(in.Kind).
			SetTarget(in.Target).SetStatement(statement).SetContact(contact).SetReceipt(newReceipt()).
			SetFiledAt(now).SetDueAt(s.calendar.Deadline(now, days)).
			SetOriginAddress(viewer.From(ctx).Address).Save(ctx)
		if err != nil {
			return nil, fmt.Errorf("file a report: %w", err)
		}
		return row, nil
	})
}

// sees reports whether the viewer sees the article, comment or publisher that id
// names.
func (s *Service) sees(ctx context.Context, id string) (bool, error) {
	kind, err := gid.KindOf(id)
	if err != nil {
		return false, nil
	}
	c := s.store.Client(ctx)
	switch kind {
	case gid.Article:
		return c.Article.Query().Where(article.ID(id)).Exist(ctx)
	case gid.Comment:
		return c.Comment.Query().Where(comment.ID(id)).Exist(ctx)
	case gid.Publisher:
		return c.Publisher.Query().Where(publisher.ID(id)).Exist(ctx)
	default:
		return false, nil
	}
}

// check tidies the texts of in and says what is wrong with them.
func (in FileInput) check(bad *fault.Invalid) (statement, contact string) {
	statement = strings.TrimSpace(newlines.Replace(in.Statement))
	if in.Contact != nil {
		contact = strings.TrimSpace(*in.Contact)
	}
	switch n := utf8.RuneCountInString(statement); {
	case n == 0:
		bad.Add("REQUIRED", "statement", "say what is wrong, in %d characters or more", minStatement)
	case n < minStatement:
		bad.Add("INVALID", "statement", "has %d characters; say what is wrong in %d or more", n, minStatement)
	case n > maxStatement:
		bad.Add("TOO_LONG", "statement", "has %d characters; at most %d fit", n, maxStatement)
	case garbled(statement, "\n\t"):
		bad.Add("INVALID", "statement", "contains control characters; remove them")
	}
	switch n := utf8.RuneCountInString(contact); {
	case n > maxContact:
		bad.Add("TOO_LONG", "contact", "has %d characters; at most %d fit", n, maxContact)
	case garbled(contact, ""):
		bad.Add("INVALID", "contact", "contains control characters; remove them")
	}
	if report.KindValidator(in.Kind) != nil {
		bad.Add("INVALID", "kind", "is not a kind of report")
	}
	return statement, contact
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// garbled reports whether text has control characters other than those allowed.
func garbled(text, allowed string) bool {
	return !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && !strings.ContainsRune(allowed, r)
	})
}
