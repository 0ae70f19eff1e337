package bigram

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Longest is how many characters a query may have.
const Longest = 100

// Query is words to find: a text is found if each phrase occurs in it. A phrase
// is tokens separated by spaces.
type Query struct{ phrases []string }

// Parse reads what a person typed: phrases, separated by whatever is neither a
// letter nor a digit.
func Parse(text string) (Query, error) {
	if utf8.RuneCountInString(text) > Longest {
		return Query{}, fmt.Errorf("the query has more than %d characters; look for fewer words", Longest)
	}
	var q Query
	for part := range strings.SplitSeq(Document(text), Gap) {
		if part = strings.TrimSpace(part); part != "" {
			q.phrases = append(q.phrases, part)
		}
	}
	if len(q.phrases) == 0 {
		return Query{}, errors.New("there is no word in the query; give at least one, such as 养老")
	}
	for _, p := range q.phrases {
		if r, size := utf8.DecodeRuneInString(p); size == len(p) && classOf(r) == cjk {
			return Query{}, fmt.Errorf("a Chinese word needs at least two characters; %s has one", p)
		}
	}
	return q, nil
}

// FTS5 is q in the syntax of SQLite's full-text search. Tokens are letters and
// digits and stand in quotes, so nothing in them is syntax.
func (q Query) FTS5() string {
	return `"` + strings.Join(q.phrases, `" AND "`) + `"`
}

// Grams is the distinct tokens that every text that q finds has.
func (q Query) Grams() []string {
	var grams []string
	for _, p := range q.phrases {
		grams = append(grams, strings.Fields(p)...)
	}
	slices.Sort(grams)
	return slices.Compact(grams)
}

// Phrases is what must stand in a text's Document, with a space before it and
// behind it, beside its Grams: the phrases of more than one token.
func (q Query) Phrases() []string {
	var list []string
	for _, p := range q.phrases {
		if strings.Contains(p, " ") {
			list = append(list, p)
		}
	}
	return list
}

// Matches reports whether q finds the text: what the indexes must agree with.
func (q Query) Matches(text string) bool {
	document := " " + Document(text) + " "
	return !slices.ContainsFunc(q.phrases, func(p string) bool {
		return !strings.Contains(document, " "+p+" ")
	})
}
