package importer

import (
	"cmp"
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	entreport "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	cases "github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

func (r *run) putReport(ctx context.Context, c *ent.Client, t archive.Report) (outcome article.Outcome, err error) {
	if t.Receipt, err = cases.StoredReceipt(ctx, r.Store, t.Receipt); err != nil {
		return "", err
	}
	return upsert[archive.Report, *ent.Report]{
		kind: typeid.Report, find: c.Report.Get, line: archive.FromReport, clean: cleanReport,
		fixed: func(t archive.Report) any {
			t.Status, t.Reason, t.DueAt, t.DecidedAt, t.WakesAt, t.DaysLeft, t.Version = "", "", 0, nil, nil, 0, 0
			t.Evidence, t.Missing, t.Alarm, t.AlarmAt, t.ErasedAt = "", nil, "", nil, nil
			return t
		},
		create: func(t archive.Report) error {
			return c.Report.Create().SetID(t.ID).SetKind(t.Kind).SetStatus(t.Status).SetTarget(t.Target).SetStatement(t.Statement).
				SetEvidence(t.Evidence).SetMissing(orEmpty(t.Missing)).SetReceipt(t.Receipt).SetReason(t.Reason).
				SetFiledAt(t.FiledAt).SetDueAt(t.DueAt).SetNillableDecidedAt(t.DecidedAt).SetNillableWakesAt(t.WakesAt).
				SetDaysLeft(t.DaysLeft).SetAlarm(alarm(t)).SetNillableAlarmAt(t.AlarmAt).SetVersion(t.Version).SetNotifier(t.Notifier).SetLeaderID(t.Leader).
				SetSnapshot(t.Snapshot).SetSnapshotHash(t.SnapshotHash).SetOriginAddress(t.OriginAddress).SetNillableErasedAt(t.ErasedAt).Exec(ctx)
		},
		update: func(t archive.Report) error {
			return c.Report.UpdateOneID(t.ID).SetStatus(t.Status).SetReason(t.Reason).SetDueAt(t.DueAt).SetDaysLeft(t.DaysLeft).
				SetVersion(t.Version).SetEvidence(t.Evidence).SetMissing(orEmpty(t.Missing)).SetAlarm(alarm(t)).
				ClearDecidedAt().SetNillableDecidedAt(t.DecidedAt).ClearWakesAt().SetNillableWakesAt(t.WakesAt).
				ClearAlarmAt().SetNillableAlarmAt(t.AlarmAt).ClearErasedAt().SetNillableErasedAt(t.ErasedAt).Exec(ctx)
		},
	}.put(ctx, t.ID, t)
}

// alarm returns the last alarm of a report; archives of older versions have none.
func alarm(t archive.Report) entreport.Alarm { return cmp.Or(t.Alarm, entreport.DefaultAlarm) }

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func cleanReport(bad *fault.Invalid, t *archive.Report) {
	cleanRecord(&t.Statement)
	t.Evidence = input.Clean(t.Evidence) // JSON, so no character may take the place of others
	cleanRecord(&t.Reason)
	require(bad, "statement", t.Statement != "")
	if entreport.KindValidator(t.Kind) != nil {
		bad.Add("INVALID", "kind", "%.40q is not a kind of report", t.Kind)
	}
	if entreport.StatusValidator(t.Status) != nil {
		bad.Add("INVALID", "status", "%.40q is not the status of a report", t.Status)
	}
	if entreport.AlarmValidator(alarm(*t)) != nil {
		bad.Add("INVALID", "alarm", "%.40q is not an alarm of a report", t.Alarm)
	}
	if _, err := typeid.KindOf(t.Target); err != nil {
		bad.Add("INVALID", "target", "%v", err)
	}
	if t.Version < 1 {
		bad.Add("INVALID", "version", "must be 1 or more")
	}
}

func (r *run) putReportEvent(ctx context.Context, c *ent.Client, t archive.ReportEvent) (article.Outcome, error) {
	return upsert[archive.ReportEvent, *ent.ReportEvent]{
		kind: typeid.Event, find: c.ReportEvent.Get, line: archive.FromReportEvent,
		clean: func(bad *fault.Invalid, t *archive.ReportEvent) {
			cleanRecord(&t.Actor, &t.Reason, &t.Material)
			require(bad, "event", t.Event != "")
		},
		create: func(t archive.ReportEvent) error {
			return c.ReportEvent.Create().SetID(t.ID).SetReportID(t.Report).SetEvent(t.Event).SetBy(t.By).SetActor(t.Actor).SetFrom(t.From).
				SetTo(t.To).SetReason(t.Reason).SetMaterial(t.Material).SetDueAt(t.DueAt).SetAt(t.At).Exec(ctx)
		},
	}.put(ctx, t.ID, t)
}

func (r *run) putTakedown(ctx context.Context, c *ent.Client, t archive.Takedown) (article.Outcome, error) {
	return upsert[archive.Takedown, *ent.Takedown]{
		kind: typeid.Takedown, find: c.Takedown.Get, line: archive.FromTakedown,
		fixed: func(t archive.Takedown) any {
			t.LiftReason, t.LiftedBy, t.LiftedAt = "", "", nil
			return t
		},
		clean: func(bad *fault.Invalid, t *archive.Takedown) {
			cleanRecord(&t.Reason, &t.TakenBy, &t.LiftedBy)
			cleanRecord(&t.LiftReason)
			require(bad, "reason", t.Reason != "")
		},
		create: func(t archive.Takedown) error {
			return c.Takedown.Create().SetID(t.ID).SetItem(t.Item).SetReportID(t.Report).SetBefore(t.Before).SetReason(t.Reason).
				SetTakenBy(t.TakenBy).SetTakenAt(t.TakenAt).SetLiftReason(t.LiftReason).SetLiftedBy(t.LiftedBy).
				SetNillableLiftedAt(t.LiftedAt).Exec(ctx)
		},
		update: func(t archive.Takedown) error {
			return c.Takedown.UpdateOneID(t.ID).SetLiftReason(t.LiftReason).SetLiftedBy(t.LiftedBy).
				ClearLiftedAt().SetNillableLiftedAt(t.LiftedAt).Exec(ctx)
		},
	}.put(ctx, t.ID, t)
}

// putAttachment writes a file of a report, encrypted with the key of this installation.
func (r *run) putAttachment(ctx context.Context, c *ent.Client, t archive.Attachment) (article.Outcome, error) {
	keys := r.Store.Keys
	return upsert[archive.Attachment, *ent.Attachment]{
		kind: typeid.File, find: c.Attachment.Get,
		line: func(a *ent.Attachment) archive.Attachment { return archive.FromAttachment(a, keys.OpenBytes) },
		clean: func(bad *fault.Invalid, t *archive.Attachment) {
			require(bad, "mediaType", t.Type != "")
			require(bad, "content", len(t.Content) > 0 || len(t.Sealed) > 0)
		},
		check: func(_ *archive.Attachment, t archive.Attachment) error {
			if len(t.Content) > 0 && keys.Empty() {
				return fault.New(fault.BadUserInput, "this server has no key to encrypt files with, and stores none in plain text; set TONGGAO_SECRET_KEY and import again")
			}
			return nil
		},
		create: func(t archive.Attachment) error {
			content, with := t.Sealed, ""
			if len(t.Content) > 0 {
				var err error
				if content, err = keys.SealBytes(policy.AttachmentContent.Purpose(t.ID), t.Content); err != nil {
					return fmt.Errorf("encrypt a file: %w", err)
				}
				with = keys.Current()
			}
			return c.Attachment.Create().SetID(t.ID).SetReportID(t.Report).SetType(t.Type).SetSize(t.Size).SetHash(t.Hash).
				SetContent(content).SetSealedWith(with).SetAt(t.At).Exec(ctx)
		},
	}.put(ctx, t.ID, t)
}
