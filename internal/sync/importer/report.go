package importer

import (
	"cmp"
	"context"
	"errors"

	"github.com/tonggao/tonggao/ent"
	entreport "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

func (r *reading) putReport(ctx context.Context, c *ent.Client, is archive.Report) (article.Outcome, error) {
	return upsert[archive.Report, *ent.Report]{
		kind: typeid.Report, id: func(t archive.Report) string { return t.ID }, find: c.Report.Get, line: archive.FromReport, check: checkReport,
		create: func(t archive.Report) error {
			return c.Report.Create().SetID(t.ID).SetKind(t.Kind).SetStatus(t.Status).SetTarget(t.Target).SetStatement(t.Statement).
				SetEvidence(t.Evidence).SetMissing(orEmpty(t.Missing)).SetReceipt(t.Receipt).SetReason(t.Reason).
				SetFiledAt(t.FiledAt).SetDueAt(t.DueAt).SetNillableDecidedAt(t.DecidedAt).SetNillableWakesAt(t.WakesAt).
				SetDaysLeft(t.DaysLeft).SetAlarm(alarm(t)).SetNillableAlarmAt(t.AlarmAt).SetVersion(t.Version).SetNotifier(t.Notifier).SetLeaderID(t.Leader).
				SetSnapshot(t.Snapshot).SetSnapshotHash(t.SnapshotHash).SetOriginAddress(t.OriginAddress).SetNillableErasedAt(t.ErasedAt).Exec(ctx)
		},
		update: func(t archive.Report) error {
			u := c.Report.UpdateOneID(t.ID).SetStatus(t.Status).SetReason(t.Reason).SetDueAt(t.DueAt).SetDaysLeft(t.DaysLeft).
				SetVersion(t.Version).SetEvidence(t.Evidence).SetMissing(orEmpty(t.Missing)).SetAlarm(alarm(t)).ClearDecidedAt().ClearWakesAt().ClearAlarmAt().ClearErasedAt()
			if t.DecidedAt != nil {
				u.SetDecidedAt(*t.DecidedAt)
			}
			if t.WakesAt != nil {
				u.SetWakesAt(*t.WakesAt)
			}
			if t.AlarmAt != nil {
				u.SetAlarmAt(*t.AlarmAt)
			}
			if t.ErasedAt != nil {
				u.SetErasedAt(*t.ErasedAt)
			}
			return u.Exec(ctx)
		},
	}.put(ctx, is)
}

// alarm is the last alarm of a case; archives of older versions have none.
func alarm(t archive.Report) entreport.Alarm { return cmp.Or(t.Alarm, entreport.DefaultAlarm) }

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func checkReport(was *archive.Report, is archive.Report) error {
	if was != nil {
		kept := is
		kept.Status, kept.Reason, kept.DueAt, kept.DecidedAt, kept.WakesAt = was.Status, was.Reason, was.DueAt, was.DecidedAt, was.WakesAt
		kept.DaysLeft, kept.Version, kept.Evidence, kept.Missing = was.DaysLeft, was.Version, was.Evidence, was.Missing
		kept.Alarm, kept.AlarmAt, kept.ErasedAt = was.Alarm, was.AlarmAt, was.ErasedAt
		if !equal(kept, *was) {
			return errFixed
		}
	}
	if entreport.KindValidator(is.Kind) != nil {
		return fault.New(fault.BadUserInput, "kind: %.40q is not a kind of report", is.Kind)
	}
	if entreport.StatusValidator(is.Status) != nil {
		return fault.New(fault.BadUserInput, "status: %.40q is not the status of a report", is.Status)
	}
	if entreport.AlarmValidator(alarm(is)) != nil {
		return fault.New(fault.BadUserInput, "alarm: %.40q is no alarm of a report", is.Alarm)
	}
	if _, err := typeid.KindOf(is.Target); err != nil {
		return fault.New(fault.BadUserInput, "target: %v", err)
	}
	if is.Version < 1 {
		return fault.New(fault.BadUserInput, "version: must be 1 or more")
	}
	return errors.Join(checkText("statement", is.Statement, 1), checkText("reason", string(is.Reason), 0),
		checkText("evidence", is.Evidence, 0), checkText("snapshot", is.Snapshot, 0))
}

func (r *reading) putCaseEvent(ctx context.Context, c *ent.Client, is archive.ReportEvent) (article.Outcome, error) {
	return upsert[archive.ReportEvent, *ent.ReportEvent]{
		kind: typeid.Event, id: func(t archive.ReportEvent) string { return t.ID }, find: c.ReportEvent.Get, line: archive.FromReportEvent,
		check: func(was *archive.ReportEvent, is archive.ReportEvent) error {
			if was != nil {
				return errFixed // history does not change
			}
			return errors.Join(checkText("event", is.Event, 1), checkText("reason", string(is.Reason), 0), checkText("material", string(is.Material), 0))
		},
		create: func(t archive.ReportEvent) error {
			return c.ReportEvent.Create().SetID(t.ID).SetReportID(t.Report).SetEvent(t.Event).SetBy(t.By).SetActor(t.Actor).SetFrom(t.From).
				SetTo(t.To).SetReason(t.Reason).SetMaterial(t.Material).SetDueAt(t.DueAt).SetAt(t.At).Exec(ctx)
		},
	}.put(ctx, is)
}

func (r *reading) putMeasure(ctx context.Context, c *ent.Client, is archive.Takedown) (article.Outcome, error) {
	return upsert[archive.Takedown, *ent.Takedown]{
		kind: typeid.Takedown, id: func(t archive.Takedown) string { return t.ID }, find: c.Takedown.Get, line: archive.FromTakedown,
		check: func(was *archive.Takedown, is archive.Takedown) error {
			if was != nil {
				kept := is
				kept.LiftReason, kept.LiftedBy, kept.LiftedAt = was.LiftReason, was.LiftedBy, was.LiftedAt
				if !equal(kept, *was) {
					return errFixed
				}
			}
			return errors.Join(checkText("reason", is.Reason, 1), checkText("liftReason", string(is.LiftReason), 0))
		},
		create: func(t archive.Takedown) error {
			return c.Takedown.Create().SetID(t.ID).SetItem(t.Item).SetReportID(t.Report).SetBefore(t.Before).SetReason(t.Reason).
				SetTakenBy(t.TakenBy).SetTakenAt(t.TakenAt).SetLiftReason(t.LiftReason).SetLiftedBy(t.LiftedBy).
				SetNillableLiftedAt(t.LiftedAt).Exec(ctx)
		},
		update: func(t archive.Takedown) error {
			u := c.Takedown.UpdateOneID(t.ID).SetLiftReason(t.LiftReason).SetLiftedBy(t.LiftedBy).ClearLiftedAt()
			if t.LiftedAt != nil {
				u.SetLiftedAt(*t.LiftedAt)
			}
			return u.Exec(ctx)
		},
	}.put(ctx, is)
}

// putAttachment keeps a file of a report, sealed with the key of here.
func (r *reading) putAttachment(ctx context.Context, c *ent.Client, is archive.Attachment) (article.Outcome, error) {
	keys := r.store.Keys
	return upsert[archive.Attachment, *ent.Attachment]{
		kind: typeid.File, id: func(t archive.Attachment) string { return t.ID }, find: c.Attachment.Get,
		line: func(a *ent.Attachment) archive.Attachment { return archive.FromAttachment(a, keys.OpenBytes) },
		check: func(was *archive.Attachment, is archive.Attachment) error {
			switch {
			case was != nil:
				return errFixed
			case len(is.Content) == 0 && len(is.Sealed) == 0:
				return fault.New(fault.BadUserInput, "content: is missing")
			case len(is.Content) > 0 && keys.Empty():
				return fault.New(fault.BadUserInput, "this server has no key to seal files with, and keeps none open; give one with TONGGAO_SECRET_KEY and import again")
			}
			return checkText("type", is.Type, 1)
		},
		create: func(t archive.Attachment) error {
			content, with := t.Sealed, ""
			if len(t.Content) > 0 {
				var err error
				if content, err = keys.SealBytes(policy.AttachmentContent.Purpose(t.ID), t.Content); err != nil {
					return err
				}
				with = keys.Current()
			}
			return c.Attachment.Create().SetID(t.ID).SetReportID(t.Report).SetType(t.Type).SetSize(t.Size).SetHash(t.Hash).
				SetContent(content).SetSealedWith(with).SetAt(t.At).Exec(ctx)
		},
	}.put(ctx, is)
}
