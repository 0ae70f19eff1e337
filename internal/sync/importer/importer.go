// Package importer adds content from archives (internal/sync/archive) and from the text
// of article pages (importer/pagetext).
//
// Every import is idempotent and can be resumed after an interruption: what exists and is
// equal stays as it is. Decisions made here win over a file: what was deleted stays
// deleted, what was taken down stays down, and what was erased stays erased; such lines are skipped
// and reported. Text and times are checked by the rules of the API
// (internal/foundation/input). A line that breaks them is rejected with its position
// and the reason, and the others are imported; only the records of moderation are
// cleaned instead, because a takedown must not be lost over a stray character. Nothing
// is half written: a line, or a page, is one transaction or part of a larger one.
//
// MoveIn imports the sites of other systems. To add a format, write a package like
// importer/markdown that yields records (importer/record).
package importer

import (
	"context"
	"errors"
	"fmt"

	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// Options hold the services that an importer writes with.
type Options struct {
	Store      *store.Store
	Log        *changefeed.Log
	Articles   *article.Service
	Categories *category.Service
	Publishers *publisher.Service
	Site       *site.Service
	Pictures   *media.Service // stores the pictures of sites; nil: their addresses stay as they are
	Download   Download       // fetches remote pictures; nil: none
}

// Importer imports archives and pages.
type Importer struct {
	Force  bool // overwrite pages and sites that were edited here
	Revive bool // import what was deleted here
	Resume bool // continue an interrupted import of the same archive
	DryRun bool // write nothing; of sites only
	Fetch  bool // download remote pictures; of sites only

	Options
}

// New returns an importer.
func New(o Options) *Importer { return &Importer{Options: o} }

// Result counts what an import did.
type Result struct {
	Created, Updated, Unchanged int
	Edited                      int         // of the unchanged, pages whose article was edited here since
	Skipped                     int         // lines that a decision made here keeps out
	Skips                       []Rejection // the first of them
	Resumed                     int         // lines that an earlier import wrote
	Rejected                    []Rejection
}

// Rejection is a line that was not imported, and why.
type Rejection struct {
	Name   string // of the file
	Line   int    // from 1; 0: the name says where it is
	Reason string
}

func (r Rejection) String() string {
	if r.Line == 0 {
		return r.Name + ": " + r.Reason
	}
	return fmt.Sprintf("%s:%d: %s", r.Name, r.Line, r.Reason)
}

// String returns the counts, as the command line prints them.
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

// maxRejections limits how many rejections are kept; an import with more of them has
// the wrong format.
const maxRejections = 1000

var errTooMany = fault.New(fault.BadUserInput, "more than %d lines were rejected; is this the right --format?", maxRejections)

func (r *Result) reject(name string, line int, err error) error {
	r.Rejected = append(r.Rejected, Rejection{name, line, reason(err)})
	if len(r.Rejected) > maxRejections {
		return errTooMany
	}
	return nil
}

// reason returns the part of err that is for people.
func reason(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Message
	}
	return err.Error()
}

// fatal reports whether err ends the whole import rather than one line of it.
func fatal(ctx context.Context, err error) bool {
	return ctx.Err() != nil || fault.Is(err, fault.Unavailable) || errors.Is(err, errTooMany)
}
