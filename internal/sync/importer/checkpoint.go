package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// checkpoint is the last line of an archive up to which all are written. It is saved in
// the transaction of those lines, so it is right whenever the program ends.
type checkpoint struct {
	Line   int    `json:"line"`
	Offset int64  `json:"at"`   // of the line, in bytes
	Hash   string `json:"hash"` // of the line, to recognise the archive

	key      string // names the archive, by a hash of its first bytes
	rejected int    // of archives before this one
	frozen   bool   // deferred lines are written now, in no order
}

// headBytes is how much of an archive identifies it.
const headBytes = 4 << 10

var errOtherArchive = fault.New(fault.BadUserInput,
	"this is not the archive whose import was interrupted: it has the same beginning and differs later; import it without --resume")

// begin moves to the first line to import.
func (r *run) begin(ctx context.Context, in *reader) error {
	head, err := in.in.Peek(headBytes)
	if err != nil && len(head) < headBytes && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", r.name, err)
	}
	r.checkpoint.rejected = len(r.result.Rejected)
	r.checkpoint.key = "import:" + hashOf(head)[:40]
	if !r.Resume {
		return nil
	}
	found, err := setting.GetJSON(ctx, r.Store.Client(ctx), r.checkpoint.key, &r.checkpoint)
	if err != nil {
		return fmt.Errorf("read the checkpoint of %s: %w", r.name, err)
	}
	if !found {
		return nil
	}
	r.result.Resumed += r.checkpoint.Line
	return r.resume(in)
}

// resume moves to the line after the checkpoint, and returns an error if that is not the
// line that was written.
func (r *run) resume(in *reader) error {
	err := in.seek(r.checkpoint.Offset, r.checkpoint.Line-1)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", r.name, err)
	}
	last, err := in.next()
	switch {
	case errors.Is(err, io.EOF) || err == nil && hashOf(last.text) != r.checkpoint.Hash:
		return errOtherArchive
	case err != nil:
		return fmt.Errorf("read %s: %w", r.name, err)
	}
	return nil
}

// saveCheckpoint records that batch is written. It stays where it was after a line was
// deferred or rejected, so that a resumed import reads, and reports, these lines again.
func (r *run) saveCheckpoint(ctx context.Context, c *ent.Client, batch []line) error {
	last := batch[len(batch)-1]
	if r.checkpoint.frozen || len(r.deferred) > 0 || len(r.result.Rejected) > r.checkpoint.rejected {
		return nil
	}
	return setting.PutJSON(ctx, c, r.checkpoint.key, checkpoint{Line: last.number, Offset: last.offset, Hash: hashOf(last.text)})
}

// forget removes the checkpoint of a finished import.
func (r *run) forget(ctx context.Context) error {
	return setting.Delete(ctx, r.Store.Client(ctx), r.checkpoint.key)
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
