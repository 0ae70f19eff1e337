package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
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
	row, err := r.store.Client(ctx).Setting.Get(ctx, r.mark.key)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look how far the import was: %w", err)
	}
	if err := json.Unmarshal([]byte(row.Value), &r.mark); err != nil {
		return fmt.Errorf("look how far the import was: %w", err)
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
	m := mark{Line: last.number, At: last.at, Hash: hashOf(last.text)}
	value, err := json.Marshal(m)
	if err != nil {
		return err
	}
	err = c.Setting.Create().SetID(r.mark.key).SetValue(string(value)).OnConflictColumns("name").UpdateNewValues().Exec(ctx)
	if err != nil {
		return fmt.Errorf("write down how far the import is: %w", err)
	}
	return nil
}

// forget ends the import: there is nothing to resume.
func (r *reading) forget(ctx context.Context) error {
	if err := r.store.Client(ctx).Setting.DeleteOneID(r.mark.key).Exec(ctx); err != nil && !ent.IsNotFound(err) {
		return fmt.Errorf("write down that the import is done: %w", err)
	}
	return nil
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
