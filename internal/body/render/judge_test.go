package render_test

import (
	"fmt"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// The judge is an independent second opinion on what is rendered: it is written from the
// rules of the platforms, shares no table and no code with package render, and reads only
// the finished bytes. No faults means that the terminal shows all of the content.

// pageFaults returns what the terminal would not accept in a page; site is the address of
// the portal.
func pageFaults(t terminal.Terminal, page, site string) []string {
	c := checker{terminal: t, site: site}
	if !utf8.ValidString(page) {
		c.fault("not UTF-8")
	}
	for _, r := range page {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0x7f || r == 0xfffe || r == 0xffff {
			c.fault("character %U, which XML does not allow", r)
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

// checker collects the faults of one page.
type checker struct {
	terminal terminal.Terminal
	site     string
	faults   []string
}

// fault records a fault, up to twenty.
func (c *checker) fault(format string, args ...any) {
	if len(c.faults) < 20 {
		c.faults = append(c.faults, fmt.Sprintf(format, args...))
	}
}
