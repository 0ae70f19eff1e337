package wordfilter

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Filter is a compiled list, safe for concurrent use.
type Filter struct {
	entries []Entry
	words   []word
	matcher *automaton
}

// word is the part of an entry that matching needs.
type word struct {
	length int
	action Action
	latin  bool
}

// Hit is an occurrence of a word in a text; Start and End are byte offsets.
type Hit struct {
	Entry
	Start, End int
}

// Compile returns the filter of a list. Of a word that is listed twice, the more severe
// action applies; an allowed phrase that is also forbidden is forbidden.
func Compile(list []Entry) *Filter {
	f := &Filter{}
	seen := make(map[string]int)
	var all [][]rune
	for _, e := range list {
		l := letters(e.Word)
		if len(l) == 0 {
			continue
		}
		if i, known := seen[string(l)]; known {
			if e.Action > f.words[i].action {
				f.words[i].action, f.entries[i] = e.Action, e
			}
			continue
		}
		seen[string(l)] = len(all)
		all = append(all, l)
		f.entries = append(f.entries, e)
		f.words = append(f.words, word{len(l), e.Action, !slices.ContainsFunc(l, func(r rune) bool { return !isLatin(r) })})
	}
	f.matcher = build(all)
	return f
}

// Len returns the number of words.
func (f *Filter) Len() int { return len(f.words) }

// letter is a character of a text that takes part in matching.
type letter struct {
	start, end int32
	folded     rune
	apart      bool // something separates it from the one before
}

var workspaces = sync.Pool{New: func() any { return new([]letter) }}

// Check returns the most severe action for a text, and the words that cause it in the
// order of their ends.
func (f *Filter) Check(text string) (action Action, hits []Hit) {
	space := workspaces.Get().(*[]letter)
	defer workspaces.Put(space)
	list := f.find(text, (*space)[:0], &hits)
	*space = list
	hits = f.withoutAllowed(hits)
	for _, h := range hits {
		action = max(action, h.Action)
	}
	return action, hits
}

// find appends every word in text to hits, and its letters to list.
func (f *Filter) find(text string, list []letter, hits *[]Hit) []letter {
	fold16, m := folded(), f.matcher
	var state int32
	apart := true
	for at := 0; at < len(text); {
		r, size := rune(text[at]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[at:])
		}
		to := fold(fold16, r)
		at += size
		if to <= gap {
			apart = apart || to != nothing
			if to == stop {
				state = 0
			}
			continue
		}
		list = append(list, letter{int32(at - size), int32(at), to, apart})
		apart = false
		state = m.follow(state, to)
		for end := state; end > 0; end = m.next[end] {
			if i := m.word[end]; i >= 0 {
				f.report(text, list, int(i), hits)
			}
		}
	}
	return list
}

// report adds the word that ends with the last letter to hits, unless it is a part of
// another Latin word.
func (f *Filter) report(text string, list []letter, i int, hits *[]Hit) {
	w := &f.words[i]
	first := len(list) - w.length
	end := int(list[len(list)-1].end)
	if w.latin && !isWholeWord(text, list, first, end) {
		return
	}
	*hits = append(*hits, Hit{f.entries[i], int(list[first].start), end})
}

// isWholeWord reports whether the Latin letters from first on are a word: no Latin letter
// touches them, and they are written all together or all apart.
func isWholeWord(text string, list []letter, first, end int) bool {
	if !list[first].apart && first > 0 && isLatin(list[first-1].folded) {
		return false
	}
	for _, next := range text[end:] {
		if next = fold(folded(), next); isLatin(next) {
			return false
		} else if next != nothing {
			break
		}
	}
	gaps := 0
	for _, l := range list[first+1:] {
		if l.apart {
			gaps++
		}
	}
	return gaps == 0 || gaps == len(list)-first-1
}

// withoutAllowed removes the allowed phrases and the hits within them.
func (f *Filter) withoutAllowed(hits []Hit) []Hit {
	if !slices.ContainsFunc(hits, func(h Hit) bool { return h.Action == Pass }) {
		return hits
	}
	all := slices.Clone(hits)
	return slices.DeleteFunc(hits, func(h Hit) bool {
		return h.Action == Pass || slices.ContainsFunc(all, func(a Hit) bool {
			return a.Action == Pass && a.Start <= h.Start && h.End <= a.End
		})
	})
}

// Star returns text with an asterisk in place of each character of the words whose action
// is Mask.
func Star(text string, hits []Hit) string {
	var b strings.Builder
	at := 0
	for _, h := range mergeMasked(hits) {
		b.WriteString(text[at:h.Start])
		b.WriteString(strings.Repeat("*", utf8.RuneCountInString(text[h.Start:h.End])))
		at = h.End
	}
	b.WriteString(text[at:])
	return b.String()
}

// mergeMasked returns the ranges to mask, sorted and merged where they overlap.
func mergeMasked(hits []Hit) (list []Hit) {
	hits = slices.DeleteFunc(slices.Clone(hits), func(h Hit) bool { return h.Action != Mask })
	slices.SortFunc(hits, func(a, b Hit) int { return a.Start - b.Start })
	for _, h := range hits {
		if last := len(list) - 1; last >= 0 && h.Start <= list[last].End {
			list[last].End = max(list[last].End, h.End)
			continue
		}
		list = append(list, h)
	}
	return list
}
