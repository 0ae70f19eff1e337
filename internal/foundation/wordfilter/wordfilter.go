// Package wordfilter finds the words of a list in comments and other texts, including
// disguised forms: full width, capitals, accents, circled and styled letters, lookalike
// letters of other scripts, traditional characters, and spaces, marks or invisible
// characters in between. It reports the words, their positions and the most severe
// action; the decision about the text is left to the caller.
//
// A list has one word per line and, after a tab, the action: reject, hold (the default),
// mask or allow. An allowed phrase cancels the words within it: 枪支管理法 in the list
// allows 枪支 there. Lines that begin with # are comments.
//
// Words of Latin letters and digits match as whole words only, written together or with
// something between each two of their letters: sex is found in s e x, and not in essex
// or "pass exam". Punctuation that ends a phrase ends a word.
//
// The cost of a text does not depend on the number of words (Aho-Corasick), and a word is
// found in every text that contains it in plain form.
package wordfilter

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Action is what to do about a text, ordered by severity.
type Action int

// The actions.
const (
	Pass   Action = iota // nothing
	Mask                 // show it with the word starred
	Hold                 // a moderator decides
	Reject               // refuse it
)

var actions = map[string]Action{"pass": Pass, "mask": Mask, "hold": Hold, "reject": Reject}

// String returns the name of the action.
func (a Action) String() string {
	for name, action := range actions {
		if a == action {
			return name
		}
	}
	return fmt.Sprintf("Action(%d)", int(a))
}

// Entry is one line of a list.
type Entry struct {
	Word   string
	Action Action // Pass: an allowed phrase
}

// maxWord is the most characters that a word has.
const maxWord = 64

// Parse reads a list. Errors name the line.
func Parse(r io.Reader) (list []Entry, err error) {
	scanner := bufio.NewScanner(r)
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(scanner.Text(), "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		list = append(list, e)
	}
	return list, scanner.Err()
}

// parseLine reads one entry.
func parseLine(line string) (Entry, error) {
	word, name, given := strings.Cut(line, "\t")
	e := Entry{Word: strings.TrimSpace(word), Action: Hold}
	switch name = strings.TrimSpace(name); {
	case !utf8.ValidString(line):
		return e, fmt.Errorf("not UTF-8; save the list as UTF-8")
	case name == "allow":
		e.Action = Pass
	case given:
		action, known := actions[name]
		if !known || action == Pass {
			return e, fmt.Errorf("%q is not one of reject, hold, mask, allow", name)
		}
		e.Action = action
	}
	switch n := len(letters(e.Word)); {
	case n == 0:
		return e, fmt.Errorf("%q has no letters to search for", e.Word)
	case n > maxWord:
		return e, fmt.Errorf("the word has %d characters; at most %d are allowed", n, maxWord)
	}
	return e, nil
}

// letters returns the folded letters of a word.
func letters(word string) (list []rune) {
	table := folded()
	for _, r := range word {
		if f := fold(table, r); f > gap {
			list = append(list, f)
		}
	}
	return list
}
