package apptest

import (
	"context"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/moderation/report"
)

// AskForFiles records that a moderator asked for material in the case with the receipt, so
// that clients without a token may send files. The event is later than those of this moment.
func (p *Program) AskForFiles(receipt string) {
	r, err := report.WithReceipt(context.Background(), p.App.Store, receipt)
	p.Must(err)
	now := p.App.Store.Clock()
	p.Must(p.App.Store.Client(System()).ReportEvent.Create().SetID(typeid.New(typeid.Event, now.Add(time.Second))).SetReportID(r.ID).SetEvent(string(report.AskMaterial)).
		SetBy(string(report.Moderator)).SetFrom(string(r.Status)).SetTo(string(r.Status)).SetDueAt(r.DueAt).SetAt(now).Exec(System()))
}
