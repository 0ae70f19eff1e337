// Package importer brings content in: whole archives (internal/sync/archive) and the
// text of article pages (importer/pagetext).
//
// Every import can be repeated, and one that was interrupted resumed: what is
// already there is left alone. What was deleted here stays deleted, and what was
// taken down hidden, whatever a file says; that is skipped, and told. What cannot
// be understood is rejected with its place and the reason, and the rest goes in.
// Nothing is half written: a line, or a page, is one transaction or part of a
// larger one.
package importer

import (
	"context"
	"errors"
	"fmt"

	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// Result counts what an import came to.
type Result struct {
	Created, Updated, Unchanged int
	Edited                      int         // of the unchanged, pages whose article somebody edited here since
	Skipped                     int         // what stays deleted or hidden here
	Skips                       []Rejection // the first of them
	Resumed                     int         // lines that an earlier import had done
	Rejected                    []Rejection
}

// Rejection is something that was not imported, and why.
type Rejection struct {
	Name   string // of the file
	Line   int    // counted from 1
	Reason string
}

func (r Rejection) String() string { return fmt.Sprintf("%s:%d: %s", r.Name, r.Line, r.Reason) }

// String is the counts, as the command line prints them.
func (r Result) String() string {
	edited, skipped, resumed := "", "", ""
	if r.Edited > 0 {
		edited = fmt.Sprintf(" (%d edited here since)", r.Edited)
	}
	if r.Skipped > 0 {
		skipped = fmt.Sprintf(", skipped %d", r.Skipped)
	}
	if r.Resumed > 0 {
		resumed = fmt.Sprintf("; %d lines were done before", r.Resumed)
	}
	return fmt.Sprintf("created %d, updated %d, unchanged %d%s%s, rejected %d%s",
		r.Created, r.Updated, r.Unchanged, edited, skipped, len(r.Rejected), resumed)
}

func (r *Result) count(o article.Outcome) {
	switch o {
	case article.Created:
		r.Created++
	case article.Updated:
		r.Updated++
	default:
		r.Unchanged++
	}
}

func (r *Result) add(o Result) {
	r.Created, r.Updated, r.Unchanged = r.Created+o.Created, r.Updated+o.Updated, r.Unchanged+o.Unchanged
	r.Skipped += o.Skipped - len(o.Skips)
	r.skip(o.Skips...)
}

func (r *Result) skip(list ...Rejection) {
	r.Skipped += len(list)
	r.Skips = append(r.Skips, list[:min(len(list), maxRejections-len(r.Skips))]...)
}

// maxRejections is how many rejections are kept; an import with more of them is
// of the wrong format.
const maxRejections = 1000

var errHopeless = fault.New(fault.BadUserInput, "more than %d things were rejected; is this the right --format?", maxRejections)

func (r *Result) reject(name string, line int, err error) error {
	r.Rejected = append(r.Rejected, Rejection{name, line, reason(err)})
	if len(r.Rejected) > maxRejections {
		return errHopeless
	}
	return nil
}

// reason is what a person needs to know of err.
func reason(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Message
	}
	return err.Error()
}

// Importer brings content into a store.
type Importer struct {
	Force  bool // write pages over what somebody edited here
	Revive bool // bring back what was deleted here
	Resume bool // go on where an import of the same archive was interrupted

	store      *store.Store
	log        *changefeed.Log
	articles   *article.Service
	categories *category.Service
	publishers *publisher.Service
	site       *site.Service
}

// New is an importer into s.
func New(s *store.Store, log *changefeed.Log, articles *article.Service, categories *category.Service, publishers *publisher.Service, facts *site.Service) *Importer {
	return &Importer{store: s, log: log, articles: articles, categories: categories, publishers: publishers, site: facts}
}

// done reports whether err ends the whole import rather than one line of it.
func done(ctx context.Context, err error) bool {
	return ctx.Err() != nil || fault.Is(err, fault.Unavailable) || errors.Is(err, errHopeless)
}
