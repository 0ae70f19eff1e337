package bigram

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxQuery is the most characters that a query has.
const MaxQuery = 100

// Query finds the texts in which each of its phrases occurs. A phrase is tokens separated
// by spaces.
type Query struct{ phrases []string }

// Parse reads the input of a user: phrases, separated by characters that are neither
// letters nor digits.
func Parse(text string) (Query, error) {
	if utf8.RuneCountInString(text) > MaxQuery {
		return Query{}, fmt.Errorf("the query has more than %d characters; search for fewer words", MaxQuery)
	}
	var q Query
	for part := range strings.SplitSeq(tokens(runs(normalise(text))), Gap) {
		if part = strings.TrimSpace(part); part != "" {
			q.phrases = append(q.phrases, part)
		}
	}
	if len(q.phrases) == 0 {
		return Query{}, errors.New("the query has no word; enter at least one, such as 养老")
	}
	for _, p := range q.phrases {
		if r, size := utf8.DecodeRuneInString(p); size == len(p) && classOf(r) == cjk {
			return Query{}, fmt.Errorf("a Chinese word needs at least two characters; %s has one", p)
		}
	}
	return q, nil
}

// FTS5 returns q in the syntax of SQLite's full-text search. Tokens are letters and
// digits, and quoted, so that they contain no syntax.
func (q Query) FTS5() string {
	return `"` + strings.Join(q.phrases, `" AND "`) + `"`
}

// Grams returns the distinct tokens that every text that q finds has.
func (q Query) Grams() []string {
	var grams []string
	for _, p := range q.phrases {
		grams = append(grams, strings.Fields(p)...)
	}
	slices.Sort(grams)
	return slices.Compact(grams)
}

// Phrases returns the phrases of more than one token. They must occur in the Document of
// a text, with a space on both sides, in addition to the Grams.
func (q Query) Phrases() []string {
	var list []string
	for _, p := range q.phrases {
		if strings.Contains(p, " ") {
			list = append(list, p)
		}
	}
	return list
}

// Matches reports whether q finds the text. The indexes of both engines must agree with it.
func (q Query) Matches(text string) bool {
	document := " " + Document(text) + " "
	return !slices.ContainsFunc(q.phrases, func(p string) bool {
		return !strings.Contains(document, " "+p+" ")
	})
}
