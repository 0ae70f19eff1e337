package importer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// What is held in memory at once.
const (
	batchLines  = 200 // in one transaction
	batchBytes  = 8 << 20
	maxOrphans  = 10_000 // lines that wait for the one they refer to
	orphanBytes = 64 << 20
)

// NDJSON imports an archive. Progress is told how far it is, batch by batch.
func (i *Importer) NDJSON(ctx context.Context, name string, r io.Reader, result *Result, progress func(lines int)) error {
	ctx = viewer.AsSystem(ctx)
	in, from := &reading{Importer: i, name: name, result: result}, newLines(r)
	if err := in.begin(ctx, from); err != nil {
		return err
	}
	for {
		batch, end := in.take(from)
		if end != nil && !errors.Is(end, io.EOF) {
			return fmt.Errorf("read %s: %w", name, end)
		}
		if err := in.batch(ctx, batch); err != nil {
			return err
		}
		if end != nil {
			progress(from.number - 1)
			if err := in.adopt(ctx); err != nil {
				return err
			}
			return in.forget(ctx)
		}
		progress(from.number)
	}
}

// reading is one archive under way.
type reading struct {
	*Importer
	name        string
	result      *Result
	orphans     []line
	orphanBytes int
	mark        mark

	// Of the transaction that is open:
	entries   []changefeed.Entry // what readers notice of it
	commented map[string]bool    // articles whose comments must be counted
}

// take is the lines of the next transaction; the error is why there are no more.
func (r *reading) take(from *lines) (batch []line, err error) {
	for size := 0; len(batch) < batchLines && size < batchBytes; {
		next, err := from.next()
		if err != nil {
			return batch, err
		}
		if len(next.text) > 0 || next.long {
			batch = append(batch, next)
			size += len(next.text)
		}
	}
	return batch, nil
}

// batch writes lines in one transaction. When one of them fails, the transaction
// is given up and each line is written by itself, so that only the bad one is
// left out.
func (r *reading) batch(ctx context.Context, batch []line) error {
	if len(batch) == 0 {
		return ctx.Err()
	}
	parse(batch)
	outcome, err := r.write(ctx, batch...)
	if err == nil {
		r.result.add(outcome)
		return nil
	}
	if done(ctx, err) {
		return err
	}
	for _, l := range batch {
		if err := r.single(ctx, l, true); err != nil {
			return err
		}
	}
	return nil
}

// single writes one line, or rejects it. A line that refers to one that may still
// come waits for it.
func (r *reading) single(ctx context.Context, l line, mayWait bool) error {
	outcome, err := r.write(ctx, l)
	switch {
	case err == nil:
		r.result.add(outcome)
		return nil
	case done(ctx, err):
		return err
	case mayWait && errors.Is(err, errOrphan) && len(r.orphans) < maxOrphans && r.orphanBytes+len(l.text) <= orphanBytes:
		r.orphans = append(r.orphans, l)
		r.orphanBytes += len(l.text)
		return nil
	default:
		return r.result.reject(r.name, l.number, err)
	}
}

// adopt writes the lines that waited, for as long as one of them finds what it
// refers to.
func (r *reading) adopt(ctx context.Context) error {
	r.mark.stays = true
	for waiting := 0; len(r.orphans) > 0; {
		mayWait := len(r.orphans) != waiting
		list := r.orphans
		waiting, r.orphans, r.orphanBytes = len(list), nil, 0
		for _, l := range list {
			if err := r.single(ctx, l, mayWait); err != nil {
				return err
			}
		}
	}
	return nil
}

// write writes lines in one transaction, at its end what follows from them, and
// how far the import is.
func (r *reading) write(ctx context.Context, batch ...line) (result Result, err error) {
	err = r.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		r.entries, r.commented = nil, map[string]bool{}
		if err := r.putAll(ctx, c, batch, &result); err != nil {
			return err
		}
		if err := r.countComments(ctx, c); err != nil {
			return err
		}
		if err := r.bookmark(ctx, c, batch); err != nil {
			return err
		}
		return r.tell(ctx, c)
	})
	return result, err
}

func (r *reading) putAll(ctx context.Context, c *ent.Client, batch []line, result *Result) error {
	stays, err := r.spare(ctx, c, batch)
	if err != nil {
		return err
	}
	if stays.forgotten, err = r.keepErased(ctx, c, batch); err != nil {
		return err
	}
	for _, l := range batch {
		why, err := stays.why(ctx, c, l)
		if err != nil {
			return err
		}
		if why != "" {
			result.skip(Rejection{r.name, l.number, why})
			continue
		}
		o, err := r.put(ctx, c, l)
		if err != nil {
			return err
		}
		result.count(o)
	}
	return nil
}

// Put writes things of an archive, by pointers to them, in the transaction of ctx,
// and tells the change log.
func (i *Importer) Put(ctx context.Context, c *ent.Client, things ...any) error {
	in := &reading{Importer: i, commented: map[string]bool{}}
	for _, thing := range things {
		if _, err := in.put(ctx, c, line{thing: thing}); err != nil {
			return err
		}
	}
	if err := in.countComments(ctx, c); err != nil {
		return err
	}
	return in.tell(ctx, c)
}

// notice keeps an entry for the change log.
func (r *reading) notice(e changefeed.Entry) { r.entries = append(r.entries, e) }

// tell appends what was noticed to the change log: at the end of the transaction,
// or before an article, which is told of by itself.
func (r *reading) tell(ctx context.Context, c *ent.Client) error {
	entries := r.entries
	if r.entries = nil; len(entries) == 0 {
		return nil
	}
	return r.log.Append(ctx, c, entries...)
}

// countComments sets how many comments are to be seen under the articles whose
// comments were written.
func (r *reading) countComments(ctx context.Context, c *ent.Client) error {
	if len(r.commented) == 0 {
		return nil
	}
	ids := make([]string, 0, len(r.commented))
	for id := range r.commented {
		ids = append(ids, id)
	}
	if err := c.Article.Update().Where(entarticle.IDIn(ids...)).Modify(approved).Exec(ctx); err != nil {
		return fmt.Errorf("count the comments of %d articles: %w", len(ids), err)
	}
	return nil
}
