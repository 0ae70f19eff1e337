// Package audit is the append-only record of privileged actions: who decided on a report,
// took something down, read an address. A service appends to it in the transaction of the
// action, so no action is committed without its entry.
//
// Entries are numbered 1, 2, 3 and each carries a hash over itself and the hash of the
// entry before; how far the chain goes is stored separately. Verify detects entries that
// were changed, inserted or removed, including the last one. A database administrator can
// rewrite the whole chain: store the head (`tonggao audit verify`) where that person
// cannot reach it. Entries name ids and hold no personal data, as they are never erased.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/audit"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// Entry is one action.
type Entry struct {
	Action string // such as REPORT_TAKE_DOWN
	Item   string // the id of its object
	Detail any    // marshalled to JSON; ids, states and reasons, never personal data
}

// Log is the audit log of a store.
type Log struct{ store *store.Store }

// New returns the audit log of s.
func New(s *store.Store) *Log { return &Log{s} }

// Head is the end of the chain.
type Head struct {
	Lines int64  `json:"lines"`
	Hash  string `json:"hash"`
}

// String returns the head as one word, to be stored elsewhere.
func (h Head) String() string { return strconv.FormatInt(h.Lines, 10) + ":" + h.Hash }

const headSetting = "audit_head"

// Append adds entries on behalf of the viewer. Ctx and c must be those of a transaction;
// the chain is locked until it ends.
func (l *Log) Append(ctx context.Context, c *ent.Client, entries ...Entry) error {
	if ent.TxFromContext(ctx) == nil {
		return errors.New("append to the audit log: outside of a transaction")
	}
	if err := l.store.LockAdvisory(ctx, c, store.AuditLock); err != nil {
		return fmt.Errorf("append to the audit log: %w", err)
	}
	v, system := viewer.From(ctx), viewer.AsSystem(ctx)
	head, err := readHead(system, c)
	if err != nil {
		return err
	}
	for _, e := range entries {
		row, err := l.row(e, v)
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

func (l *Log) row(e Entry, v viewer.Viewer) (*ent.Audit, error) {
	row := &ent.Audit{At: l.store.Clock(), Role: string(v.Role), Actor: v.TokenID, Action: e.Action, Item: e.Item}
	if v.Name != "" && !v.Role.IsPerson() { // a person may demand erasure, and entries never change
		row.Actor += " " + v.Name
	}
	if e.Detail != nil {
		detail, err := json.Marshal(e.Detail)
		if err != nil {
			return nil, fmt.Errorf("encode the detail of %s: %w", e.Action, err)
		}
		row.Detail = string(detail)
	}
	return row, nil
}

// chain returns the hash of a row that follows one with the hash before. Each part is
// preceded by its length, so that no two rows are hashed alike.
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

// Broken reports a chain that does not verify.
type Broken struct {
	Position int64
	Problem  string
}

// Error implements error: it names the entry at which the chain breaks.
func (b *Broken) Error() string {
	return fmt.Sprintf("the audit log was tampered with: entry %d %s", b.Position, b.Problem)
}

// batch is how many entries Verify reads at once.
const batch = 1000

// Verify checks the whole chain, while others append to it, and returns its head, or a
// *Broken.
func (l *Log) Verify(ctx context.Context, progress func(entries int64)) (Head, error) {
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
			if at, err = extend(at, row, known); err != nil {
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
		err = &Broken{known.Lines + 1, "was never written by the program"}
	}
	return at, err
}

// extend returns the head after row, which has to be the next one.
func extend(at Head, row *ent.Audit, known Head) (Head, error) {
	if row.ID != at.Lines+1 {
		return at, &Broken{at.Lines + 1, "is missing"}
	}
	at = Head{row.ID, chain(at.Hash, row.ID, row)}
	switch {
	case at.Hash != row.Hash:
		return at, &Broken{row.ID, "was changed"}
	case at.Lines == known.Lines && at.Hash != known.Hash:
		return at, &Broken{row.ID, "is not the one that was written last"}
	}
	return at, nil
}
