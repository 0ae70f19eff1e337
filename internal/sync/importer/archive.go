package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// Limits of what is in memory at once.
const (
	batchLines    = 200 // in one transaction
	batchBytes    = 8 << 20
	maxDeferred   = 10_000 // lines that wait for one that they refer to
	deferredBytes = 64 << 20
)

// NDJSON imports an archive. Progress is called with the number of lines after each batch.
// It is long work.
func (i *Importer) NDJSON(ctx context.Context, name string, from io.Reader, result *Result, progress func(lines int)) error {
	ctx = store.LongWork(viewer.AsSystem(ctx))
	r, in := &run{Importer: i, name: name, result: result}, newReader(from)
	if err := r.begin(ctx, in); err != nil {
		return err
	}
	for {
		batch, end := readBatch(in)
		if end != nil && !errors.Is(end, io.EOF) {
			return fmt.Errorf("read %s: %w", name, end)
		}
		if err := r.writeBatch(ctx, batch); err != nil {
			return err
		}
		if end != nil {
			progress(in.number - 1)
			if err := r.writeDeferred(ctx); err != nil {
				return err
			}
			return r.forget(ctx)
		}
		progress(in.number)
	}
}

// run is the import of one archive.
type run struct {
	*Importer
	name          string
	result        *Result
	deferred      []line
	deferredBytes int
	checkpoint    checkpoint

	// State of the open transaction:
	entries   []changefeed.Entry // to append to the change feed
	commented map[string]bool    // articles whose comments must be counted again
}

// readBatch returns the lines of the next transaction; the error is why there are no more.
func readBatch(in *reader) (batch []line, err error) {
	for size := 0; len(batch) < batchLines && size < batchBytes; {
		l, err := in.next()
		if err != nil {
			return batch, err
		}
		if len(l.text) > 0 || l.tooLong {
			batch = append(batch, l)
			size += len(l.text)
		}
	}
	return batch, nil
}

// writeBatch writes lines in one transaction. If one of them fails, the transaction is
// rolled back and each line is written in its own, so that only the bad one is left out.
func (r *run) writeBatch(ctx context.Context, batch []line) error {
	if len(batch) == 0 {
		return ctx.Err()
	}
	decode(batch)
	result, err := r.write(ctx, batch...)
	if err == nil {
		r.result.add(result)
		return nil
	}
	if fatal(ctx, err) {
		return err
	}
	for _, l := range batch {
		if err := r.writeLine(ctx, l, true); err != nil {
			return err
		}
	}
	return nil
}

// writeLine writes one line, or rejects it. A line that refers to a later one is
// deferred, if that is allowed.
func (r *run) writeLine(ctx context.Context, l line, mayDefer bool) error {
	result, err := r.write(ctx, l)
	switch {
	case err == nil:
		r.result.add(result)
		return nil
	case fatal(ctx, err):
		return err
	case mayDefer && errors.Is(err, errReference) && len(r.deferred) < maxDeferred && r.deferredBytes+len(l.text) <= deferredBytes:
		r.deferred = append(r.deferred, l)
		r.deferredBytes += len(l.text)
		return nil
	default:
		return r.result.reject(r.name, l.number, err)
	}
}

// writeDeferred writes the deferred lines, for as long as one of them finds what it
// refers to.
func (r *run) writeDeferred(ctx context.Context) error {
	r.checkpoint.frozen = true
	for before := 0; len(r.deferred) > 0; {
		list := r.deferred
		progressed := len(list) != before
		before, r.deferred, r.deferredBytes = len(list), nil, 0
		for _, l := range list {
			if err := r.writeLine(ctx, l, progressed); err != nil {
				return err
			}
		}
	}
	return nil
}

// write writes lines in one transaction, with the checkpoint and the change feed.
func (r *run) write(ctx context.Context, batch ...line) (result Result, err error) {
	err = r.Store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		result, r.entries, r.commented = Result{}, nil, map[string]bool{}
		if err := r.writeAll(ctx, c, batch, &result); err != nil {
			return err
		}
		if err := r.saveCheckpoint(ctx, c, batch); err != nil {
			return err
		}
		return r.finish(ctx, c)
	})
	return result, err
}

func (r *run) writeAll(ctx context.Context, c *ent.Client, batch []line, result *Result) error {
	local, err := r.protect(ctx, c, batch)
	if err != nil {
		return err
	}
	for _, l := range batch {
		why, err := local.skip(ctx, c, l.value)
		if err != nil {
			return err
		}
		if why != "" {
			result.skip(Rejection{r.name, l.number, why})
			continue
		}
		outcome, err := r.put(ctx, c, l)
		if err != nil {
			return err
		}
		result.count(outcome)
	}
	return nil
}

// Put writes lines, given as pointers to types of archive, in the transaction of ctx,
// and appends to the change feed.
func (i *Importer) Put(ctx context.Context, c *ent.Client, values ...any) error {
	r := &run{Importer: i, commented: map[string]bool{}}
	for _, value := range values {
		if _, err := r.put(ctx, c, line{value: value}); err != nil {
			return err
		}
	}
	return r.finish(ctx, c)
}

// finish does at the end of a transaction what follows from its lines.
func (r *run) finish(ctx context.Context, c *ent.Client) error {
	if err := r.countComments(ctx, c); err != nil {
		return err
	}
	return r.appendLog(ctx, c)
}

// log collects an entry for the change feed.
func (r *run) log(e changefeed.Entry) { r.entries = append(r.entries, e) }

// appendLog appends the collected entries to the change feed: at the end of the
// transaction, or before an article, which appends its own.
func (r *run) appendLog(ctx context.Context, c *ent.Client) error {
	entries := r.entries
	if r.entries = nil; len(entries) == 0 {
		return nil
	}
	return r.Log.Append(ctx, c, entries...)
}

// countComments updates the number of approved comments of the articles whose comments
// were written.
func (r *run) countComments(ctx context.Context, c *ent.Client) error {
	if len(r.commented) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(r.commented))
	if err := c.Article.Update().Where(entarticle.IDIn(ids...)).Modify(setCommentCount).Exec(ctx); err != nil {
		return fmt.Errorf("count the comments of %d articles: %w", len(ids), err)
	}
	return nil
}

// setCommentCount counts the approved comments of the articles that u updates.
func setCommentCount(u *sql.UpdateBuilder) {
	comments := sql.Dialect(u.Dialect()).Select().From(sql.Table(entcomment.Table))
	comments.SelectExpr(sql.Raw("COUNT(*)")).Where(sql.And(
		sql.ColumnsEQ(comments.C(entcomment.FieldArticleID), sql.Table(entarticle.Table).C(entarticle.FieldID)),
		sql.EQ(comments.C(entcomment.FieldStatus), entcomment.StatusAPPROVED),
	))
	u.Set(entarticle.FieldCommentCount, sql.ExprFunc(func(b *sql.Builder) {
		b.Wrap(func(b *sql.Builder) { b.Join(comments) })
	}))
}
