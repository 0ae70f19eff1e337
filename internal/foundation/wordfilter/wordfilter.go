// Package wordfilter finds the words of a list in what readers write, in the forms
// in which people hide them: full width, capitals, accents, circled and styled
// letters, letters of other scripts that look alike, traditional characters, and
// spaces, marks or invisible characters between. It decides nothing about the
// comment: it says which words stand where, and the gravest action among them.
//
// A list has one word a line, then, after a tab, what to do where it stands: reject,
// hold (the default), mask or allow. An allowed phrase takes back the words within
// it: 枪支管理法 may stand in the list to let 枪支 pass there. Lines that begin with
// # are remarks.
//
// Words of Latin letters and digits count as whole words only, written together
// or with something between each two of their letters: sex is found in s e x, and
// not in essex or "pass exam". Punctuation that ends a phrase ends a word.
//
// Key invariant: a text costs the same however many words there are (an
// Aho-Corasick automaton), and a word is found in every text that has it in plain
// form.
package wordfilter

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Action is what to do about a text, from the mildest to the gravest.
type Action int

// The actions.
const (
	Pass   Action = iota // nothing
	Mask                 // show it with the word starred
	Hold                 // let a moderator look
	Reject               // refuse it
)

var actions = map[string]Action{"pass": Pass, "mask": Mask, "hold": Hold, "reject": Reject}

// String is the name of the action in a list.
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

// maxWord is the most characters of a word.
const maxWord = 64

// Parse reads a list. An error names the line.
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

func parseLine(line string) (Entry, error) {
	word, name, given := strings.Cut(line, "\t")
	e := Entry{Word: strings.TrimSpace(word), Action: Hold}
	switch name = strings.TrimSpace(name); {
	case !utf8.ValidString(line):
		return e, fmt.Errorf("this is no UTF-8; save the list as UTF-8")
	case name == "allow":
		e.Action = Pass
	case given:
		action, known := actions[name]
		if !known || action == Pass {
			return e, fmt.Errorf("%q is none of reject, hold, mask, allow", name)
		}
		e.Action = action
	}
	switch n := len(letters(e.Word)); {
	case n == 0:
		return e, fmt.Errorf("%q has no letter that could be found", e.Word)
	case n > maxWord:
		return e, fmt.Errorf("a word has at most %d characters, and this has %d", maxWord, n)
	}
	return e, nil
}

// letters is what of a word is compared.
func letters(word string) (list []rune) {
	table := folded()
	for _, r := range word {
		if f := fold(table, r); f > gap {
			list = append(list, f)
		}
	}
	return list
}
