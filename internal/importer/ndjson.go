package importer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/article"
	"github.com/tonggao/tonggao/internal/viewer"
)

const (
	batchSize  = 200      // lines in one transaction
	maxLine    = 16 << 20 // bytes
	maxOrphans = 10_000   // lines that wait for the one they refer to
)

// line is a line of an archive and its place.
type line struct {
	number int
	text   []byte
}

// NDJSON imports an archive. Progress is told how far it is, batch by batch.
func (i *Importer) NDJSON(ctx context.Context, name string, r io.Reader, result *Result, progress func(lines int)) error {
	ctx = viewer.AsSystem(ctx)
	in := &reading{Importer: i, name: name, result: result}
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 1<<20), maxLine)
	var batch []line
	number := 0
	for scanner.Scan() {
		number++
		if len(scanner.Bytes()) == 0 {
			continue
		}
		batch = append(batch, line{number, append([]byte(nil), scanner.Bytes()...)})
		if len(batch) == batchSize {
			if err := in.batch(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
			progress(number)
		}
	}
	if err := scanner.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = result.reject(name, number+1, fmt.Errorf("the line is longer than %d MiB; what follows was not read", maxLine>>20))
		}
		return errors.Join(in.batch(ctx, batch), err)
	}
	if err := in.batch(ctx, batch); err != nil {
		return err
	}
	progress(number)
	return in.adopt(ctx)
}

// reading is one archive under way.
type reading struct {
	*Importer
	name    string
	result  *Result
	orphans []line
}

// batch writes lines in one transaction. When one of them fails, the transaction
// is given up and each line is written by itself, so that only the bad one is
// left out.
func (r *reading) batch(ctx context.Context, lines []line) error {
	if len(lines) == 0 {
		return nil
	}
	var outcomes []article.Outcome
	err := r.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		outcomes = outcomes[:0]
		for _, l := range lines {
			o, err := r.put(ctx, c, l.text)
			if err != nil {
				return err
			}
			outcomes = append(outcomes, o)
		}
		return nil
	})
	if err == nil {
		for _, o := range outcomes {
			r.result.count(o)
		}
		return nil
	}
	if done(ctx, err) {
		return err
	}
	for _, l := range lines {
		if err := r.single(ctx, l, true); err != nil {
			return err
		}
	}
	return nil
}

// single writes one line, or rejects it. A line that refers to one that may still
// come waits for it.
func (r *reading) single(ctx context.Context, l line, mayWait bool) error {
	var outcome article.Outcome
	err := r.store.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
		outcome, err = r.put(ctx, c, l.text)
		return err
	})
	switch {
	case err == nil:
		r.result.count(outcome)
		return nil
	case done(ctx, err):
		return err
	case mayWait && errors.Is(err, errOrphan) && len(r.orphans) < maxOrphans:
		r.orphans = append(r.orphans, l)
		return nil
	default:
		return r.result.reject(r.name, l.number, err)
	}
}

// adopt writes the lines that waited, for as long as one of them finds what it
// refers to.
func (r *reading) adopt(ctx context.Context) error {
	for {
		waiting := r.orphans
		r.orphans = nil
		for _, l := range waiting {
			if err := r.single(ctx, l, true); err != nil {
				return err
			}
		}
		if len(r.orphans) == 0 {
			return nil
		}
		if len(r.orphans) == len(waiting) {
			break
		}
	}
	for _, l := range r.orphans {
		if err := r.single(ctx, l, false); err != nil {
			return err
		}
	}
	return nil
}
