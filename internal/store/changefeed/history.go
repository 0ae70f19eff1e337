package changefeed

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

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
	return setting.Put(ctx, l.store.Client(ctx), store.EpochSetting, strings.ToLower(rand.Text()[:10]))
}

// Epoch returns the epoch, with which Cursor.Entry begins; empty is the first.
func (l *Log) Epoch(ctx context.Context) (string, error) {
	head, err := l.head(ctx)
	return head.epoch, err
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
	if c.anchor() > head.last || named.epoch != head.epoch {
		return named, ErrOtherHistory
	}
	is, err := l.identify(ctx, head.epoch, c.anchor())
	if err == nil && named.fingerprint != 0 && is.fingerprint != 0 && is.fingerprint != named.fingerprint {
		err = ErrOtherHistory
	}
	return is, err
}

// MustStartOver reports whether err says that a cursor is of no use any more: its client
// starts over.
func MustStartOver(err error) bool {
	return errors.Is(err, ErrTooOld) || errors.Is(err, ErrOtherHistory)
}
