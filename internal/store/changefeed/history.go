package changefeed

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"strconv"
	"strings"
	"sync"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// A position alone does not identify an entry: after a restore, or a failover that lost the
// last commits, the log continues with other entries at the same positions. So a cursor
// carries the epoch, which a restore replaces, and a fingerprint of the entry that it stands
// behind, which needs no one to remember a command.

// ErrOtherHistory reports a cursor of entries that the log does not have.
var ErrOtherHistory = fault.New(fault.BadUserInput,
	"the database was restored, or lost its last changes, after this cursor was issued, so what you hold may differ from what is here: start over without a cursor; you get a full copy first, and what you hold beyond it must be deleted")

// StartOver begins a new epoch: every cursor that was issued before is refused with
// ErrOtherHistory, and webhooks announce it. It is for an operator who has restored the
// database, or lost changes in a failover.
func (l *Log) StartOver(ctx context.Context) error {
	return setting.Put(ctx, l.store.Client(ctx), store.EpochSetting, store.NewEpoch())
}

// history holds what a process knows of the log.
type history struct {
	mu  sync.Mutex
	saw seen
}

// seen names the furthest entry that a process saw in an epoch.
type seen struct {
	any   bool
	epoch string
	end   Cursor
}

// read returns what was seen.
func (h *history) read() seen {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.saw
}

// note records the end of the log, or of a page, which clients may hold.
func (h *history) note(epoch string, end Cursor) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.saw.epoch == epoch && end.anchor() > h.saw.end.anchor() {
		h.saw.end = end
	}
}

// begin records the end of the log in an epoch that the process has not seen yet.
func (h *history) begin(epoch string, end Cursor) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.saw = seen{true, epoch, end}
}

// CheckHistory begins a new epoch if the log lost entries, as far as this process knows: the
// database is another than the one that was served before (pg_restore), or the entry that this
// process saw at the end is gone (a failover). It returns the end of the log. It is for webhooks:
// the database loses how far they have come together with the entries that were delivered.
func (l *Log) CheckHistory(ctx context.Context) (Mark, error) {
	saw := l.history.read() // before the end of the log, which is not earlier
	head, err := l.settled(ctx, maxPosition)
	if err != nil {
		return Mark{}, err
	}
	switch {
	case !saw.any:
		err = l.checkHome(ctx, head.epoch)
	case saw.epoch == head.epoch:
		_, err = l.verify(ctx, saw.end, head)
		if err == nil && saw.end.anchor() == head.last {
			return Mark{head.last, head.epoch}, nil
		}
		if errors.Is(err, ErrOtherHistory) {
			err = l.replaceEpoch(ctx, head.epoch)
		}
	}
	if err != nil {
		return Mark{}, fmt.Errorf("check the history of the change log: %w", err)
	}
	if head, err = l.head(ctx); err != nil {
		return Mark{}, err
	}
	end, err := l.At(ctx, head.last, "")
	if err != nil {
		return Mark{}, err
	}
	if saw.any && saw.epoch == head.epoch {
		l.history.note(head.epoch, end)
	} else {
		l.history.begin(head.epoch, end)
	}
	return Mark{head.last, head.epoch}, nil
}

// replaceEpoch begins a new epoch, unless another process did so first.
func (l *Log) replaceEpoch(ctx context.Context, old string) error {
	slog.WarnContext(ctx, "the change log lost entries that were read or delivered: all who read it start over, and webhooks announce it")
	_, err := l.store.Client(ctx).ExecContext(ctx, "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE settings.value = $3",
		store.EpochSetting, store.NewEpoch(), old)
	if err != nil {
		return fmt.Errorf("begin a new epoch: %w", err)
	}
	return nil
}

// homeSetting names the setting with what identifies the database that was served last.
const homeSetting = "changes_home"

// checkHome begins a new epoch if the log is in another database of PostgreSQL than before. A
// dump that is restored gives its tables other object identifiers; a standby has the same.
func (l *Log) checkHome(ctx context.Context, epoch string) error {
	if l.store.Engine != dialect.Postgres {
		return nil
	}
	c := l.store.Client(ctx)
	rows, err := c.QueryContext(ctx, `SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
		(SELECT oid FROM pg_database WHERE datname = current_database()), 'changes'::regclass::oid)`)
	if err != nil {
		return fmt.Errorf("identify the database: %w", err)
	}
	var home string
	if err := errors.Join(sql.ScanOne(rows, &home), rows.Close()); err != nil {
		return fmt.Errorf("identify the database: %w", err)
	}
	was, ok, err := setting.Get(ctx, c, homeSetting)
	if err != nil || was == home {
		return err
	}
	if ok {
		if err := l.replaceEpoch(ctx, epoch); err != nil {
			return err
		}
	}
	return setting.Put(ctx, c, homeSetting, home)
}

// identity identifies an entry: its fingerprint within an epoch. The fingerprint 0 is that of
// no entry, or of one that retention removed.
type identity struct {
	epoch       string
	fingerprint uint32
}

// String returns the form that Cursor.Entry has; empty in the first epoch without an entry.
func (i identity) String() string {
	if i == (identity{}) {
		return ""
	}
	return fmt.Sprintf("%s.%08x", i.epoch, i.fingerprint)
}

// parseIdentity parses what String returned.
func parseIdentity(text string) (i identity, err error) {
	if text == "" {
		return i, nil
	}
	epoch, digits, _ := strings.Cut(text, ".")
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return i, fmt.Errorf("parse the entry of a cursor: %w", err)
	}
	return identity{epoch, uint32(n)}, nil
}

// fingerprint hashes what never changes of an entry.
func (e entry) fingerprint() uint32 {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%d %s %s %s %d %d", e.position, e.kind, e.itemType, e.itemID, e.version, e.at)
	return max(1, h.Sum32())
}

// anchor returns the position of the entry that c stands behind.
func (c Cursor) anchor() int64 { return max(c.Position, c.Base) }

// At returns the cursor behind a position of the log as it is now.
func (l *Log) At(ctx context.Context, position int64, step string) (Cursor, error) {
	head, err := l.head(ctx)
	if err != nil {
		return Cursor{}, err
	}
	i, err := l.identify(ctx, head.epoch, position)
	return Cursor{Position: position, Step: step, Entry: i.String()}, err
}

// identify returns the identity of the entry at a position.
func (l *Log) identify(ctx context.Context, epoch string, position int64) (identity, error) {
	i := identity{epoch: epoch}
	if position == 0 {
		return i, nil
	}
	found, err := l.query(ctx, "SELECT "+entryColumns+" FROM changes WHERE position = $1", position)
	if err == nil && len(found) > 0 {
		i.fingerprint = found[0].fingerprint()
	}
	return i, err
}

// verify returns the identity of the entry that c stands behind, or ErrOtherHistory if that
// is not the one that c names.
func (l *Log) verify(ctx context.Context, c Cursor, head head) (identity, error) {
	named, err := parseIdentity(c.Entry)
	if err != nil {
		return named, err
	}
	if c.anchor() > head.last && l.store.ReadOnly() {
		return named, nil // a standby may be behind the server that issued the cursor
	}
	if c.anchor() > head.last || named.epoch != head.epoch {
		return named, ErrOtherHistory
	}
	is, err := l.identify(ctx, head.epoch, c.anchor())
	switch {
	case err != nil || named.fingerprint == 0:
		return is, err
	case is.fingerprint == 0: // retention removed it
		return named, nil
	case is.fingerprint != named.fingerprint:
		return named, ErrOtherHistory
	}
	return is, nil
}

// MustStartOver reports whether err says that a cursor is of no use any more: its client
// starts over.
func MustStartOver(err error) bool {
	return errors.Is(err, ErrTooOld) || errors.Is(err, ErrOtherHistory)
}
