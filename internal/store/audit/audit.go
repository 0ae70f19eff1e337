// Package audit keeps the record of what people with power did: who decided on a
// report, took something down, read somebody's address. A service appends to it
// in the transaction of the deed, so there is no deed without its line.
//
// Rows are numbered 1, 2, 3 and each carries a hash over itself and the hash of the
// row before; how far the chain goes is kept beside it. So a row that was changed,
// put in or taken out, also the last one, shows in Verify. Whoever can rewrite the
// whole table can rewrite the chain: print the head (`tonggao audit verify`) where
// the database's owner cannot reach it. The package refuses to hold personal data:
// a line names ids.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/audit"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// Line is one deed.
type Entry struct {
	Action string // such as REPORT_TAKE_DOWN
	Item   string // the id of what it was done to
	Detail any    // marshalled to JSON; ids, states and reasons, never personal data
}

// Log is the audit log of a store.
type Log struct{ store *store.Store }

// New is the audit log of s.
func New(s *store.Store) *Log { return &Log{s} }

// Head is where the chain ends.
type Head struct {
	Lines int64  `json:"lines"`
	Hash  string `json:"hash"`
}

// String is the head in one word, to be written down elsewhere.
func (h Head) String() string { return strconv.FormatInt(h.Lines, 10) + ":" + h.Hash }

const (
	headSetting = "audit_head"
	lockKey     = 0x746f6e6761756474 // "tongaudt", among PostgreSQL's advisory locks
)

// Append adds lines on behalf of the viewer. Ctx and c must be those of a
// transaction; the chain is held until it ends.
func (l *Log) Append(ctx context.Context, c *ent.Client, lines ...Entry) error {
	if ent.TxFromContext(ctx) == nil {
		return errors.New("append to the audit log: outside of a transaction")
	}
	if l.store.Engine == dialect.Postgres {
		if _, err := c.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lockKey)); err != nil {
			return fmt.Errorf("take the lock of the audit log: %w", err)
		}
	}
	v, system := viewer.From(ctx), viewer.AsSystem(ctx)
	head, err := readHead(system, c)
	if err != nil {
		return err
	}
	for _, line := range lines {
		row, err := l.row(line, v)
		if err != nil {
			return err
		}
		head.Lines++
		row.ID, head.Hash = head.Lines, chain(head.Hash, head.Lines, row)
		err = c.Audit.Create().SetID(row.ID).SetAt(row.At).SetRole(row.Role).SetActor(row.Actor).SetAction(row.Action).
			SetItem(row.Item).SetDetail(row.Detail).SetHash(head.Hash).Exec(system)
		if err != nil {
			return fmt.Errorf("append to the audit log: %w", err)
		}
	}
	return writeHead(system, c, head)
}

func (l *Log) row(line Entry, v viewer.Viewer) (*ent.Audit, error) {
	row := &ent.Audit{At: l.store.Clock(), Role: string(v.Role), Actor: v.TokenID, Action: line.Action, Item: line.Item}
	if v.Name != "" && v.Role != viewer.Reader { // a reader may ask to be forgotten, and lines do not change
		row.Actor += " " + v.Name
	}
	if line.Detail != nil {
		detail, err := json.Marshal(line.Detail)
		if err != nil {
			return nil, fmt.Errorf("write the detail of %s: %w", line.Action, err)
		}
		row.Detail = string(detail)
	}
	return row, nil
}

// chain is the hash of a row that follows one with the hash before. Each part is
// preceded by its length, so that no two rows read alike.
func chain(before string, position int64, row *ent.Audit) string {
	h := sha256.New()
	for _, part := range []string{before, strconv.FormatInt(position, 10), strconv.FormatInt(int64(row.At), 10),
		row.Role, row.Actor, row.Action, row.Item, row.Detail} {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func readHead(ctx context.Context, c *ent.Client) (head Head, err error) {
	_, err = setting.GetJSON(ctx, c, headSetting, &head)
	return head, err
}

func writeHead(ctx context.Context, c *ent.Client, head Head) error {
	return setting.PutJSON(ctx, c, headSetting, head)
}

// Broken is a chain that does not hold.
type Broken struct {
	Position int64
	What     string
}

// Error says where the chain breaks.
func (b *Broken) Error() string {
	return fmt.Sprintf("the audit log was tampered with: line %d %s", b.Position, b.What)
}

// batch is how many lines Verify holds at once.
const batch = 1000

// Verify walks the whole chain, while others append to it, and returns its head,
// or a *Broken.
func (l *Log) Verify(ctx context.Context, progress func(lines int64)) (Head, error) {
	ctx = viewer.AsSystem(ctx)
	c := l.store.Client(ctx)
	var at Head
	known, err := readHead(ctx, c)
	if err != nil {
		return at, err
	}
	for more := true; more; {
		rows, err := c.Audit.Query().Where(audit.IDGT(at.Lines)).Order(audit.ByID()).Limit(batch).All(ctx)
		if err != nil {
			return at, fmt.Errorf("read the audit log: %w", err)
		}
		for _, row := range rows {
			if at, err = follow(at, row, known); err != nil {
				return at, err
			}
		}
		progress(at.Lines)
		more = len(rows) == batch
	}
	if at.Lines < known.Lines {
		return at, &Broken{at.Lines + 1, "is missing at the end"}
	}
	if known, err = readHead(ctx, c); err == nil && at.Lines > known.Lines {
		err = &Broken{known.Lines + 1, "is there, and was never written"}
	}
	return at, err
}

// follow is the head after row, which has to be the next one.
func follow(at Head, row *ent.Audit, known Head) (Head, error) {
	if row.ID != at.Lines+1 {
		return at, &Broken{at.Lines + 1, "is missing"}
	}
	at = Head{row.ID, chain(at.Hash, row.ID, row)}
	switch {
	case at.Hash != row.Hash:
		return at, &Broken{row.ID, "is not what was written"}
	case at.Lines == known.Lines && at.Hash != known.Hash:
		return at, &Broken{row.ID, "is not the one that was written last"}
	}
	return at, nil
}
