package contentcheck

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
)

// Words checks comments against a filter that can be replaced while it is in use.
type Words struct {
	filter atomic.Pointer[wordfilter.Filter]
}

// Replace puts another filter in force.
func (w *Words) Replace(f *wordfilter.Filter) { w.filter.Store(f) }

// Name returns the name that moderators read.
func (w *Words) Name() string { return "words" }

// Check finds forbidden words in the text and in the name of the author.
func (w *Words) Check(_ context.Context, s Subject) (Finding, error) {
	f := w.filter.Load()
	if f == nil {
		return Finding{}, nil
	}
	action, hits := f.Check(s.Text)
	inName, names := f.Check(s.Author)
	if inName == wordfilter.Mask {
		inName = wordfilter.Hold // a masked name has no meaning
	}
	var found []string
	for _, h := range append(names, hits...) {
		found = append(found, h.Word)
	}
	return Finding{max(action, inName), strings.Join(found, " "), wordfilter.Star(s.Text, hits)}, nil
}
