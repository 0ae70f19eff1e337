package report

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/idempotency"
)

// operation is the name under which idempotency keys are claimed.
const operation = "fileReport"

// File creates a report of something that the viewer may see. Only the report that it returns
// has the receipt, for its reporter; the stored one has the HMAC of it. A report that lacks what its kind requires is created too; it
// waits for the missing material.
func (s *Service) File(ctx context.Context, in FileInput) (*ent.Report, error) {
	statement, evidence, err := s.checkFile(ctx, in)
	if err != nil {
		return nil, err
	}
	terms, err := s.terms(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the terms of reports: %w", err)
	}
	notifierKeys, err := s.store.Secrets(ctx, "notifier_key")
	if err != nil {
		return nil, err
	}
	keys, err := receiptKeys(ctx, s.store)
	if err != nil {
		return nil, err
	}
	now := s.store.Clock()
	r := &ent.Report{ID: typeid.New(typeid.Report, now), Kind: in.Kind, Target: in.Target, Status: report.StatusFILED, Statement: statement,
		FiledAt: now, DueAt: s.calendar.Deadline(now, terms.Handle), Version: 1,
		Evidence: evidence.String(), Missing: evidence.missing(in.Kind), Notifier: keyedHash(notifierKeys[0], evidence.notifier(in.Target))}
	r.Receipt = keys[0].stored(keys[0].of(r.ID))
	setAlarm(r, r.DueAt, s.calendar)
	if len(r.Missing) > 0 {
		r.Status = report.StatusNEEDS_MATERIAL
		setTimes(r, Transition{Timer: Pauses}, s.calendar, terms, now)
	}
	w := idempotency.Write{Operation: operation, Key: in.IdempotencyKey, ID: r.ID, At: now,
		Input: []any{in.Target, in.Kind, in.Statement, in.Contact, in.Evidence}}
	filed, err := store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Report, error) {
		return idempotency.Once(ctx, c, w, func() (*ent.Report, error) { return s.create(ctx, c, r) },
			func(_ context.Context, id string) (*ent.Report, error) { return repeated(ctx, c, id, now) })
	})
	if err != nil {
		return nil, err
	}
	filed.Receipt = receiptOf(keys, filed)
	return filed, nil
}

// repeatAnswer is how long a repeated request of a client without a token, whose answer was
// lost, is answered with the receipt again.
const repeatAnswer = time.Minute

// repeated returns the report that an earlier request with the same idempotency key filed.
func repeated(ctx context.Context, c *ent.Client, id string, now instant.Instant) (*ent.Report, error) {
	r, err := c.Report.Get(viewer.AsSystem(ctx), id)
	if err == nil && viewer.From(ctx).TokenID == "" && now.Sub(r.FiledAt) > repeatAnswer {
		return nil, fault.New(fault.Conflict, "this report was filed already, and its receipt was in the answer then; file another with a new idempotencyKey if you lost it")
	}
	return r, err
}

// checkFile checks the input of File, asks for the captcha, and returns the statement and
// the evidence, trimmed.
func (s *Service) checkFile(ctx context.Context, in FileInput) (statement string, e Evidence, err error) {
	var bad fault.Invalid
	statement = input.Text(&bad, "statement", in.Statement, minStatement, maxStatement)
	if report.KindValidator(in.Kind) != nil {
		bad.Add("INVALID", "kind", "is not a kind of report")
	}
	idempotency.Check(&bad, in.IdempotencyKey)
	if in.Website != nil && *in.Website != "" {
		bad.Add("NOT_ALLOWED", "website", "leave this empty; it is a trap for programs")
	}
	e = e.with(in.Contact, in.Evidence, &bad)
	known, err := s.canSee(ctx, in.Target)
	if err != nil {
		return "", e, fmt.Errorf("read the target of a report: %w", err)
	}
	if !known {
		bad = append(bad, errNoTarget...)
	}
	if err := bad.Err(); err != nil {
		return "", e, err
	}
	// A captcha service that fails does not block a report: the law sets a deadline, and a person reads each.
	_, err = s.captcha.Check(ctx, in.Captcha, func() (bool, error) {
		return idempotency.Known(ctx, s.store.Client(ctx), operation, in.IdempotencyKey)
	}, &bad)
	return statement, e, errors.Join(err, bad.Err())
}

// create writes r with a snapshot of its target, and joins it to the open report of the
// same kind about the same target. Of several reports of the same state of a target only the
// first holds the snapshot; the others have its hash.
func (s *Service) create(ctx context.Context, c *ent.Client, r *ent.Report) (*ent.Report, error) {
	system := viewer.AsSystem(ctx)
	if err := s.lockTarget(ctx, c, r); err != nil {
		return nil, err
	}
	if visible, err := s.canSee(ctx, r.Target); err != nil {
		return nil, fmt.Errorf("read the target of a report: %w", err)
	} else if !visible { // hidden or deleted since it was looked up
		return nil, errNoTarget
	}
	if err := refuseRepeated(system, c, r); err != nil {
		return nil, err
	}
	leader, err := withoutSnapshot(c).Where(report.Target(r.Target), report.KindEQ(r.Kind), report.LeaderID(""),
		report.StatusIn(append(awaitingModerator, report.StatusNEEDS_MATERIAL)...)).Order(ent.Asc(report.FieldID)).First(system)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("find the open report of the same: %w", err)
	}
	snapshot, hash, err := newSnapshot(system, c, r.Target)
	if err != nil {
		return nil, fmt.Errorf("take a snapshot of %s: %w", r.Target, err)
	}
	create := c.Report.Create().SetID(r.ID).SetKind(r.Kind).SetStatus(r.Status).SetTarget(r.Target).SetStatement(r.Statement).
		SetReceipt(r.Receipt).SetFiledAt(r.FiledAt).SetDueAt(r.DueAt).SetNillableWakesAt(r.WakesAt).SetDaysLeft(r.DaysLeft).SetNillableAlarmAt(r.AlarmAt).
		SetMissing(r.Missing).SetEvidence(r.Evidence).SetNotifier(r.Notifier).SetOriginAddress(viewer.From(ctx).Address).
		SetSnapshot(snapshot).SetSnapshotHash(hash)
	if leader != nil {
		create.SetLeaderID(leader.ID)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("create a report: %w", err)
	}
	if err := s.record(ctx, c, row, "", trigger{event: Filed, by: Reporter}); err != nil || leader == nil {
		return row, err
	}
	return row, s.record(ctx, c, leader, string(leader.Status), trigger{event: Joined, by: Reporter})
}

var errNoTarget = fault.Invalid{{Code: "UNKNOWN", Field: []string{"target"}, Message: "there is no such article, comment or publisher, or it is not for you to see"}}

// lockTarget locks the target of r, so that it is not hidden or deleted while r is created, and the
// report that r may join.
func (s *Service) lockTarget(ctx context.Context, c *ent.Client, r *ent.Report) error {
	if err := s.store.LockItems(ctx, c, r.Target); err != nil {
		return err
	}
	return s.store.Lock(ctx, c, "SELECT 1 FROM reports WHERE target = $1 AND kind = $2 AND leader_id = '' ORDER BY id FOR NO KEY UPDATE", r.Target, string(r.Kind))
}

// refuseRepeated refuses a copyright notice about a work that was restored after a
// counter-notice to an earlier notice of the same person: 信息网络传播权保护条例, art. 17.
func refuseRepeated(ctx context.Context, c *ent.Client, r *ent.Report) error {
	if TrackOf(r.Kind) != Copyright || r.Notifier == "" {
		return nil
	}
	restored, err := c.Report.Query().Where(report.Notifier(r.Notifier), report.StatusEQ(report.StatusRESTORED)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("find earlier notices: %w", err)
	}
	var bad fault.Invalid
	if restored {
		bad.Add("NOT_ALLOWED", "target", "this work was restored after a counter-notice, and you may not notify of it again (信息网络传播权保护条例, art. 17); you can still sue the publisher")
	}
	return bad.Err()
}

// keyedHash returns the HMAC of text in hexadecimal; empty for an empty text.
func keyedHash(key []byte, text string) string {
	if text == "" {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// canSee reports whether the viewer may see the article, comment or publisher with the id.
func (s *Service) canSee(ctx context.Context, id string) (bool, error) {
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
