package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// mark is how far an import is: its last line that is done, as are all before it.
// It is written in the transaction of what it says is done, so it is right at
// whatever moment the program ends.
type mark struct {
	Line int    `json:"line"`
	At   int64  `json:"at"`   // where the line begins, in bytes
	Hash string `json:"hash"` // of the line, to know the archive again

	key      string // the archive, by how it begins
	rejected int    // of archives before this one
	stays    bool   // what waited is written now, in no order
}

// headBytes is how much of an archive tells it from others.
const headBytes = 4 << 10

var errOther = fault.New(fault.BadUserInput,
	"this is not the archive whose import was interrupted: it begins alike and goes on otherwise; import it without --resume")

// begin finds where to start: at the beginning, or after what is done.
func (r *reading) begin(ctx context.Context, from *lines) error {
	head, err := from.in.Peek(headBytes)
	if err != nil && len(head) < headBytes && err != io.EOF {
		return fmt.Errorf("read %s: %w", r.name, err)
	}
	r.mark.rejected = len(r.result.Rejected)
	r.mark.key = "import:" + hashOf(head)[:40]
	if !r.Resume {
		return nil
	}
	found, err := setting.GetJSON(ctx, r.store.Client(ctx), r.mark.key, &r.mark)
	if err != nil || !found {
		return err
	}
	r.result.Resumed += r.mark.Line
	return r.seek(from)
}

// seek goes behind the mark, and makes sure that it is where it was.
func (r *reading) seek(from *lines) error {
	if err := from.skip(r.mark.At, r.mark.Line-1); err != nil {
		return fmt.Errorf("read %s: %w", r.name, err)
	}
	last, err := from.next()
	if err == io.EOF || err == nil && hashOf(last.text) != r.mark.Hash {
		return errOther
	}
	return err
}

// bookmark writes down that batch is done. It stays where it was while a line
// waits for another or was rejected, so that these are read, and told of, again.
func (r *reading) bookmark(ctx context.Context, c *ent.Client, batch []line) error {
	last := batch[len(batch)-1]
	if r.mark.stays || len(r.orphans) > 0 || len(r.result.Rejected) > r.mark.rejected {
		return nil
	}
	return setting.PutJSON(ctx, c, r.mark.key, mark{Line: last.number, At: last.at, Hash: hashOf(last.text)})
}

// forget ends the import: there is nothing to resume.
func (r *reading) forget(ctx context.Context) error {
	return setting.Delete(ctx, r.store.Client(ctx), r.mark.key)
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
