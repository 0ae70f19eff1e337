package importer

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/tonggao/tonggao/internal/content/article"
)

// Summary says what an import of a site did or, in a rehearsal, would do.
type Summary struct {
	Result
	Kinds      map[string]*Result // counts by Region, Category, Publisher, Article, Comment
	Losses     Findings           // parts of records that did not come
	Collisions Findings           // what met something that was here already
	Pictures   int                // stored
	Failures   Findings           // pictures that could not be fetched
}

// Findings holds the first of many findings, and counts them all.
type Findings struct {
	Count int
	First []Rejection
}

// maxFindings limits how many findings of a kind are kept.
const maxFindings = 1000

func (f *Findings) add(list ...Rejection) {
	f.Count += len(list)
	f.First = append(f.First, list[:min(len(list), maxFindings-len(f.First))]...)
}

// count adds the outcome of one record of a kind.
func (s *Summary) count(kind string, o article.Outcome, edited bool) {
	if s.Kinds == nil {
		s.Kinds = map[string]*Result{}
	}
	if s.Kinds[kind] == nil {
		s.Kinds[kind] = &Result{}
	}
	for _, r := range []*Result{&s.Result, s.Kinds[kind]} {
		r.count(o)
		if edited {
			r.Edited++
		}
	}
}

// Write writes the counts by kind, and each finding on a line.
func (s *Summary) Write(w io.Writer) {
	for _, part := range []struct {
		name string
		Findings
	}{{"lost", s.Losses}, {"collision", s.Collisions}, {"picture not fetched", s.Failures}} {
		for _, f := range part.First {
			_, _ = fmt.Fprintf(w, "%s: %s\n", part.name, f)
		}
		if more := part.Count - len(part.First); more > 0 {
			_, _ = fmt.Fprintf(w, "%s: %d more\n", part.name, more)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Kinds)) {
		r := s.Kinds[kind]
		_, _ = fmt.Fprintf(w, "%-10s created %d, updated %d, unchanged %d", kind, r.Created, r.Updated, r.Unchanged)
		if r.Edited > 0 {
			_, _ = fmt.Fprintf(w, " (%d edited here since)", r.Edited)
		}
		_, _ = fmt.Fprintln(w)
	}
}

// String returns the counts, as the command line prints them.
func (s *Summary) String() string {
	var b strings.Builder
	b.WriteString(s.Result.String())
	for _, part := range []struct {
		count int
		name  string
	}{{s.Pictures, "pictures stored"}, {s.Failures.Count, "pictures not fetched"}, {s.Losses.Count, "losses"}, {s.Collisions.Count, "collisions"}} {
		if part.count > 0 {
			_, _ = fmt.Fprintf(&b, ", %d %s", part.count, part.name)
		}
	}
	return b.String()
}
