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

// Cursor is how far a client has read. A client without a cursor first takes a snapshot:
// until it reaches Base, the end of the log when it started, it receives only the newest
// change of each item; after Base it receives every change. A change to an item that it
// has copied has a position after Base, so it misses nothing that retention removes
// before Base.
type Cursor struct {
	Position int64
	Base     int64
	Step     string // within the entry at Position: the last item that was returned; empty: none of it
	Entry    string // identifies the entry that it stands behind, at Position or Base; see history.go
}

// copying reports whether the client still takes its snapshot.
func (c Cursor) copying() bool { return c.Position < c.Base }

// copied returns the cursor after the snapshot.
func (c Cursor) copied() Cursor { return Cursor{Position: c.Base, Base: c.Base} }

// complete returns the position up to which the client can no longer miss anything.
func (c Cursor) complete() int64 {
	at := c.Position
	if c.Step != "" {
		at--
	}
	return max(at, c.Base)
}

// Beginning returns the cursor of a client that has nothing yet.
func (l *Log) Beginning(ctx context.Context) (Cursor, error) {
	head, err := l.settled(ctx, maxPosition)
	if err != nil {
		return Cursor{}, err
	}
	i, err := l.identify(ctx, head.epoch, head.last)
	return Cursor{Base: head.last, Entry: i.String()}, err
}

// Sign returns c in the form that clients hold; it is valid only for f.
func (l *Log) Sign(c Cursor, f Filter) string {
	return l.store.Cursors.Sign(pagination.Position{Value: c.Position, ID: strconv.FormatInt(c.Base, 36) + "." + c.Step + "~" + c.Entry}, f.scope())
}

// Cursor parses what Sign returned; nil is the beginning.
func (l *Log) Cursor(ctx context.Context, text *string, f Filter) (Cursor, error) {
	if text == nil {
		return l.Beginning(ctx)
	}
	at, err := l.store.Cursors.Read(*text, f.scope())
	if err != nil {
		return Cursor{}, err
	}
	base, step, ok := strings.Cut(at.ID, ".")
	step, entry, _ := strings.Cut(step, "~") // older versions issued cursors without
	n, err := strconv.ParseInt(base, 36, 64)
	if err != nil || !ok {
		return Cursor{}, fmt.Errorf("parse a cursor of the change log: %q", at.ID)
	}
	return Cursor{Position: at.Value, Base: n, Step: step, Entry: entry}, nil
}

// horizonSetting names the setting with the last position that retention has
// processed.
const horizonSetting = "changes_horizon"

// Horizon returns the position up to which superseded changes may have been removed.
func (l *Log) Horizon(ctx context.Context) (int64, error) {
	value, ok, err := setting.Get(ctx, l.store.Client(ctx), horizonSetting)
	if err != nil || !ok {
		return 0, err
	}
	horizon, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("parse the horizon of the change log: %w", err)
	}
	return horizon, nil
}

// ErrTooOld reports a cursor that is older than what retention keeps.
var ErrTooOld = fault.New(fault.BadUserInput,
	"this cursor is older than what the change log keeps, so changes after it are gone: start over without a cursor; you get a full copy first, and what you hold beyond it must be deleted")
