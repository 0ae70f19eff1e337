package report

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/idempotency"
)

// Limits of what a reporter may write, in characters.
const (
	minStatement = 5
	maxStatement = 5000
	maxContact   = 200
	maxURL       = 2000
)

// operation is what keys are claimed for.
const operation = "fileReport"

// File takes a report of something that the viewer sees. The row carries the
// receipt; it is the only time that its reporter is shown it. A report that does not
// state all that its kind must is taken too: it waits for the rest.
func (s *Service) File(ctx context.Context, in FileInput) (*ent.Report, error) {
	var bad fault.Invalid
	statement := in.check(&bad)
	idempotency.Check(&bad, in.IdempotencyKey)
	if in.Website != nil && *in.Website != "" {
		bad.Add("NOT_ALLOWED", "website", "leave this empty; it is a trap for programs")
	}
	evidence := Evidence{}.with(in.Contact, in.Evidence, &bad)
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
	// Where nobody can tell, the report is taken: the law has a deadline, and each is read by a person.
	_, err = s.captcha.Ask(ctx, in.Captcha, func() (bool, error) {
		return idempotency.Known(ctx, s.store.Client(ctx), operation, in.IdempotencyKey)
	}, &bad)
	if err = errors.Join(err, bad.Err()); err != nil {
		return nil, err
	}
	terms, err := s.terms(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the deadlines of reports: %w", err)
	}
	key, err := s.store.Secret(ctx, "notifier_key")
	if err != nil {
		return nil, err
	}
	now := s.store.Clock()
	r := &ent.Report{ID: typeid.New(typeid.Report, now), Kind: in.Kind, Target: in.Target, Status: report.StatusFILED, Statement: statement,
		Receipt: newReceipt(), FiledAt: now, DueAt: s.calendar.Deadline(now, terms.Handle), Version: 1,
		Evidence: evidence.String(), Missing: evidence.missing(in.Kind), Notifier: hashed(key, evidence.notifier(in.Target))}
	setAlarm(r, r.DueAt, s.calendar)
	if len(r.Missing) > 0 {
		r.Status = report.StatusNEEDS_MATERIAL
		deadlines(r, Transition{Timer: Pauses}, s.calendar, terms, now)
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Report, error) {
		wrote, err := idempotency.Claim(ctx, c, now, operation, in.IdempotencyKey,
			[]any{in.Target, in.Kind, in.Statement, in.Contact, in.Evidence}, r.ID)
		if err != nil {
			return nil, err
		}
		if wrote != r.ID {
			return c.Report.Get(viewer.AsSystem(ctx), wrote)
		}
		return s.file(ctx, c, r)
	})
}

func (s *Service) file(ctx context.Context, c *ent.Client, r *ent.Report) (*ent.Report, error) {
	system := viewer.AsSystem(ctx)
	if err := refuseRepeated(system, c, r); err != nil {
		return nil, err
	}
	leader, err := c.Report.Query().Where(report.Target(r.Target), report.KindEQ(r.Kind), report.LeaderID(""),
		report.StatusIn(append(running, report.StatusNEEDS_MATERIAL)...)).Order(ent.Asc(report.FieldID)).First(system)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("look for a report of the same: %w", err)
	}
	snapshot, err := snapshot(system, c, r.Target)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(snapshot))
	create := c.Report.Create().SetID(r.ID).SetKind(r.Kind).SetStatus(r.Status).SetTarget(r.Target).SetStatement(r.Statement).
		SetReceipt(r.Receipt).SetFiledAt(r.FiledAt).SetDueAt(r.DueAt).SetNillableWakesAt(r.WakesAt).SetDaysLeft(r.DaysLeft).SetNillableAlarmAt(r.AlarmAt).
		SetMissing(r.Missing).SetEvidence(r.Evidence).SetNotifier(r.Notifier).SetOriginAddress(viewer.From(ctx).Address).
		SetSnapshot(snapshot).SetSnapshotHash(hex.EncodeToString(sum[:]))
	if leader != nil {
		create.SetLeaderID(leader.ID)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("file a report: %w", err)
	}
	if err := s.note(ctx, c, row, "", step{event: Filed, by: Reporter}); err != nil || leader == nil {
		return row, err
	}
	return row, s.note(ctx, c, leader, string(leader.Status), step{event: Joined, by: Reporter})
}

// refuseRepeated keeps whoever lost a copyright case to a counter-notice from
// notifying of the same work again: 信息网络传播权保护条例, art. 17.
func refuseRepeated(ctx context.Context, c *ent.Client, r *ent.Report) error {
	if TrackOf(r.Kind) != Copyright || r.Notifier == "" {
		return nil
	}
	lost, err := c.Report.Query().Where(report.Notifier(r.Notifier), report.StatusEQ(report.StatusRESTORED)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for an earlier notice: %w", err)
	}
	if lost {
		var bad fault.Invalid
		bad.Add("NOT_ALLOWED", "target", "this work was restored after a counter-notice, and you may not notify of it again (信息网络传播权保护条例, art. 17); the way that is left is to sue the publisher")
		return bad
	}
	return nil
}

func hashed(key []byte, text string) string {
	if text == "" {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// snapshot is the JSON of the target as it is now, for the case that it changes.
func snapshot(ctx context.Context, c *ent.Client, target string) (string, error) {
	var what any
	kind, err := typeid.KindOf(target)
	switch kind {
	case typeid.Article:
		var a *ent.Article
		var b *ent.Body
		if a, err = c.Article.Get(ctx, target); err == nil {
			b, err = c.Body.Get(ctx, target)
		}
		if err == nil {
			what = map[string]any{"version": a.Version, "title": a.Title, "subtitle": a.Subtitle, "lead": a.Lead, "author": a.Author, "cover": a.Cover,
				"publisher": a.PublisherID, "publishedAt": a.PublishedAt, "body": json.RawMessage(b.Document)}
		}
	case typeid.Comment:
		var m *ent.Comment
		if m, err = c.Comment.Get(ctx, target); err == nil {
			what = map[string]any{"article": m.ArticleID, "author": m.Author, "text": m.Text, "createdAt": m.CreatedAt}
		}
	case typeid.Publisher:
		var p *ent.Publisher
		if p, err = c.Publisher.Get(ctx, target); err == nil {
			what = map[string]any{"name": p.Name}
		}
	}
	if err != nil {
		return "", fmt.Errorf("keep what is reported as it is: %w", err)
	}
	text, err := json.Marshal(what)
	return string(text), err
}

// sees reports whether the viewer sees the article, comment or publisher that id
// names.
func (s *Service) sees(ctx context.Context, id string) (bool, error) {
	kind, err := typeid.KindOf(id)
	if err != nil {
		return false, nil
	}
	c := s.store.Client(ctx)
	switch kind {
	case typeid.Article:
		return c.Article.Query().Where(article.ID(id)).Exist(ctx)
	case typeid.Comment:
		return c.Comment.Query().Where(comment.ID(id)).Exist(ctx)
	case typeid.Publisher:
		return c.Publisher.Query().Where(publisher.ID(id)).Exist(ctx)
	default:
		return false, nil
	}
}

// check tidies the statement of in and says what is wrong with it.
func (in FileInput) check(bad *fault.Invalid) (statement string) {
	statement = strings.TrimSpace(newlines.Replace(in.Statement))
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
	if report.KindValidator(in.Kind) != nil {
		bad.Add("INVALID", "kind", "is not a kind of report")
	}
	return statement
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// garbled reports whether text has control characters other than those allowed.
func garbled(text, allowed string) bool {
	return !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && !strings.ContainsRune(allowed, r)
	})
}
