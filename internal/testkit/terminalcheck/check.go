// Package check judges what a terminal is given, for tests.
//
// It is written from the rules of the terminals, shares no table and no code
// with package render, and refuses to know how a form is made: it reads only
// the finished bytes. Key invariant: an empty answer means that the terminal
// will show everything in them.
package terminalcheck

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// HTML lists what the terminal would not accept in a page; site is the
// portal's own address.
func HTML(t terminal.Terminal, page, site string) []string {
	c := checker{terminal: t, site: site}
	if !utf8.ValidString(page) {
		c.fault("not UTF-8")
	}
	for _, r := range page {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0x7f || r == 0xfffe || r == 0xffff {
			c.fault("character %U that XML may not hold", r)
		}
	}
	if t == terminal.OfficialAccount {
		if n := utf8.RuneCountInString(page); n >= 20_000 || len(page) >= 1<<20 {
			c.fault("%d characters, %d bytes: must be below 20,000 and 1 MB", n, len(page))
		}
	}
	c.markup(page)
	return c.faults
}

type checker struct {
	terminal terminal.Terminal
	site     string
	faults   []string
}

func (c *checker) fault(format string, args ...any) {
	if len(c.faults) < 20 {
		c.faults = append(c.faults, fmt.Sprintf(format, args...))
	}
}

// squeeze drops all white space: what is left is what a reader sees.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
