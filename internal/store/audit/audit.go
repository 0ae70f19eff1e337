// Package audit is the append-only record of privileged actions: who decided on a report,
// took something down, read an address. A service appends to it in the transaction of the
// action, so no action is committed without its entry.
//
// Entries are numbered 1, 2, 3 and each carries a hash over itself and the hash of the
// entry before; how far the chain goes is stored separately. Verify detects entries that
// were changed, inserted or removed, including the last one. A database administrator can
// rewrite the whole chain: store the head (`tonggao audit verify`) where that person
// cannot reach it. Entries name ids and hold no personal data, as they are never erased.
//
// On SQLite, which has one writer, Append chains. On PostgreSQL a store.Sequencer does, some
// milliseconds after the commit, so that the chain does not make transactions wait for one
// another. Until then an entry is not protected by the chain.
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

// Append adds entries on behalf of the viewer. Ctx and c must be those of a transaction.
func (l *Log) Append(ctx context.Context, c *ent.Client, entries ...Entry) error {
	tx := ent.TxFromContext(ctx)
	if tx == nil {
		return errors.New("append to the audit log: outside of a transaction")
	}
	v, system := viewer.From(ctx), viewer.AsSystem(ctx)
	rows := make([]*ent.Audit, len(entries))
	for i, e := range entries {
		var err error
		if rows[i], err = l.row(e, v); err != nil {
			return err
		}
	}
	if l.store.Engine == dialect.SQLite {
		if err := chainAll(system, c, rows); err != nil {
			return fmt.Errorf("append to the audit log: %w", err)
		}
	}
	for _, row := range rows {
		err := c.Audit.Create().SetNillablePosition(row.Position).SetAt(row.At).SetRole(row.Role).SetActor(row.Actor).SetAction(row.Action).
			SetItem(row.Item).SetDetail(row.Detail).SetHash(row.Hash).Exec(system)
		if err != nil {
			return fmt.Errorf("append to the audit log: %w", err)
		}
	}
	tx.OnCommit(func(next ent.Committer) ent.Committer {
		return ent.CommitFunc(func(ctx context.Context, tx *ent.Tx) error {
			defer l.store.Audits().Wake()
			return next.Commit(ctx, tx)
		})
	})
	return nil
}

// chainAll chains rows to the end of the chain, and moves its head. On PostgreSQL the
// function chain_audits of the database does this.
func chainAll(ctx context.Context, c *ent.Client, rows []*ent.Audit) error {
	head, err := readHead(ctx, c)
	if err != nil {
		return err
	}
	for _, row := range rows {
		head.Lines++
		head.Hash = chain(head.Hash, head.Lines, row)
		row.Position, row.Hash = new(head.Lines), head.Hash
	}
	if _, err := c.ExecContext(ctx, "UPDATE audit_head SET lines = $1, hash = $2", head.Lines, head.Hash); err != nil {
		return fmt.Errorf("write the head: %w", err)
	}
	return nil
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
	rows, err := c.QueryContext(ctx, "SELECT lines, hash FROM audit_head")
	if err != nil {
		return head, fmt.Errorf("read the head: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		return head, errors.Join(errors.New("read the head: it is missing"), rows.Err())
	}
	if err := rows.Scan(&head.Lines, &head.Hash); err != nil {
		return head, fmt.Errorf("read the head: %w", err)
	}
	return head, nil
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
// *Broken. Entries that were committed before are chained by then; those that others commit
// while it runs are left out.
func (l *Log) Verify(ctx context.Context, progress func(entries int64)) (Head, error) {
	ctx = viewer.AsSystem(ctx)
	c := l.store.Client(ctx)
	l.store.Audits().Settle(ctx)
	var at Head
	known, err := readHead(ctx, c)
	if err != nil {
		return at, err
	}
	for more := true; more; {
		rows, err := c.Audit.Query().Where(audit.PositionGT(at.Lines)).Order(audit.ByPosition()).Limit(batch).All(ctx)
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
	position := *row.Position
	if position != at.Lines+1 {
		return at, &Broken{at.Lines + 1, "is missing"}
	}
	at = Head{position, chain(at.Hash, position, row)}
	switch {
	case at.Hash != row.Hash:
		return at, &Broken{position, "was changed"}
	case at.Lines == known.Lines && at.Hash != known.Hash:
		return at, &Broken{position, "is not the one that was written last"}
	}
	return at, nil
}
