package changes

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/internal/instant"
	"github.com/tonggao/tonggao/internal/viewer"
)

// Logged is one change as it stands in the log.
type Logged struct {
	Position int64 // in commit order; gaps mean nothing
	Kind     Kind
	Type     string
	ID       string
	Version  int
	Reason   string
	Purge    bool
	At       instant.Instant
	Item     json.RawMessage // as of the change; nil for a tombstone
}

// Read is at most limit changes after a position, in order; none where there are
// no more yet. What it returns is everything that was logged: who shows it to
// anybody checks what that one may see.
func (l *Log) Read(ctx context.Context, after int64, limit int) ([]Logged, error) {
	ctx = viewer.AsSystem(ctx)
	rows, err := l.store.Client(ctx).Change.Query().Where(change.IDGT(after)).Order(change.ByID()).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the change log after %d: %w", after, err)
	}
	list := make([]Logged, len(rows))
	for i, row := range rows {
		list[i] = logged(row)
	}
	return list, nil
}

// End is the position of the last change; 0 where there is none.
func (l *Log) End(ctx context.Context) (int64, error) {
	ctx = viewer.AsSystem(ctx)
	last, err := l.store.Client(ctx).Change.Query().Order(ent.Desc(change.FieldID)).Limit(1).IDs(ctx)
	if err != nil || len(last) == 0 {
		return 0, err
	}
	return last[0], nil
}

func logged(row *ent.Change) Logged {
	l := Logged{Position: row.ID, Kind: Kind(row.Kind), Type: row.ItemType, ID: row.ItemID, Version: row.Version,
		Reason: row.Reason, Purge: row.Purge, At: row.At}
	if row.Payload != "" {
		l.Item = json.RawMessage(row.Payload)
	}
	return l
}
