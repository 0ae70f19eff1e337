package changefeed

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// Cursor is how far somebody has read. A reader that began at the beginning is
// copying until it comes to Base, the end of the log as it was when it began: up
// to there it is given only the newest change of each thing, after it every
// change. Whatever happens to a thing it has copied lies behind Base, so nothing
// that retention removes before Base can be missed.
type Cursor struct {
	Position int64
	Base     int64
	Step     string // within the change after Position: the last part that was given; empty: nothing of it
}

// Beginning is where a copy begins.
func (l *Log) Beginning(ctx context.Context) (Cursor, error) {
	end, err := l.End(ctx)
	return Cursor{Base: end}, err
}

// Sign is c in the form that clients carry; it is good only for f.
func (l *Log) Sign(c Cursor, f Filter) string {
	return l.store.Cursors.Sign(pagination.Position{Value: c.Position, ID: strconv.FormatInt(c.Base, 36) + "." + c.Step}, f.scope())
}

// Cursor reads what Sign wrote; nil is the beginning.
func (l *Log) Cursor(ctx context.Context, text *string, f Filter) (Cursor, error) {
	if text == nil {
		return l.Beginning(ctx)
	}
	at, err := l.store.Cursors.Read(*text, f.scope())
	if err != nil {
		return Cursor{}, err
	}
	base, step, ok := strings.Cut(at.ID, ".")
	n, err := strconv.ParseInt(base, 36, 64)
	if err != nil || !ok {
		return Cursor{}, fmt.Errorf("read a cursor of the change log: %q", at.ID)
	}
	return Cursor{Position: at.Value, Base: n, Step: step}, nil
}

// horizonSetting names the setting with the last position that retention has been
// through.
const horizonSetting = "changes_horizon"

// Horizon is the position up to which superseded changes may be gone.
func (l *Log) Horizon(ctx context.Context) (int64, error) {
	value, ok, err := setting.Get(ctx, l.store.Client(ctx), horizonSetting)
	if err != nil || !ok {
		return 0, err
	}
	return strconv.ParseInt(value, 10, 64)
}

// ErrTooOld is the answer to a cursor from before what is kept.
var ErrTooOld = fault.New(fault.BadUserInput,
	"this cursor is older than what the change log keeps, so changes after it are gone: start over without a cursor; you get a full copy first, and what you hold beyond it must be deleted")
