package contentcheck

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
)

// Words is the list of words, which can be exchanged while others check with it.
type Words struct {
	filter atomic.Pointer[wordfilter.Filter]
}

// Put puts another list in place.
func (w *Words) Put(f *wordfilter.Filter) { w.filter.Store(f) }

// Name is what moderators read.
func (w *Words) Name() string { return "words" }

// Check looks for the words in the text and in the author's name.
func (w *Words) Check(_ context.Context, s Subject) (Finding, error) {
	f := w.filter.Load()
	if f == nil {
		return Finding{}, nil
	}
	action, hits := f.Check(s.Text)
	inName, names := f.Check(s.Author)
	if inName == wordfilter.Mask {
		inName = wordfilter.Hold // a starred name tells nobody anything
	}
	var found []string
	for _, h := range append(names, hits...) {
		found = append(found, h.Word)
	}
	return Finding{max(action, inName), strings.Join(found, " "), wordfilter.Star(s.Text, hits)}, nil
}
