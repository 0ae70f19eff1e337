package mdin

import (
	"fmt"
	"strings"
)

// The limits of the input. The cost of a line of inlines (a paragraph, a row of a table, an
// item of a list) is its length times the number of its delimiters; the limit is on the
// sum, so that rows, items and lines of code may be as many as they are.
const (
	MaxBytes   = 1 << 20
	maxMarkers = 64            // of quotes and lists at the start of one line
	maxWork    = 6_000_000_000 // about half a second
)

// bounded returns an error for Markdown that is too expensive to parse.
func bounded(text string) error {
	if len(text) > MaxBytes {
		return fmt.Errorf("%d bytes are more than %d; split the article", len(text), MaxBytes)
	}
	var e estimate
	number := 0
	for line := range strings.Lines(text) {
		number++
		if markers(line) > maxMarkers {
			return fmt.Errorf("line %d: quotes and lists nest deeper than %d", number, maxMarkers)
		}
		if e.add(line); e.total+e.run.work() > maxWork {
			return fmt.Errorf("line %d: too many brackets and other delimiters in one paragraph; divide the paragraph", number)
		}
	}
	return nil
}

// markers counts the markers of quotes and lists at the start of a line.
func markers(line string) (count int) {
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '>':
			count++
		case strings.IndexByte("-+*.)", c) >= 0:
			if i+1 < len(line) && line[i+1] == ' ' {
				count++
			}
		case c != ' ' && c != '\t' && (c < '0' || c > '9'):
			return count
		}
	}
	return count
}

// estimate adds up the work that the lines of a text cause. Where it is uncertain whether
// a line starts another run of inlines, it does not.
type estimate struct {
	total int
	run   run
	fence string // the fence of the open code; empty outside
	depth int    // the quotes around the run or code
	inset int    // the width of the list markers in front of the code
}

// run is a run of inlines.
type run struct {
	lines, length, delimiters int
	item, table, html         bool
	header                    string // the first line
}

func (r run) work() int {
	if r.html {
		return 0
	}
	return r.length * r.delimiters
}

func (e *estimate) end() {
	e.total += e.run.work()
	e.run = run{}
}

// add counts one line.
func (e *estimate) add(line string) {
	rest, depth := unquoted(line)
	if e.fence != "" {
		if depth >= e.depth && e.inFence(rest) {
			return
		}
		e.fence = ""
	}
	text, inset := unlisted(rest)
	indent := len(rest) - len(strings.TrimLeft(rest, " \t"))
	switch {
	case strings.TrimSpace(rest) == "" || depth != e.depth && depth > 0:
		e.end()
	case indent < 4 && inset > 0 && (rest[indent] < '0' || rest[indent] > '9' || e.run.item || strings.HasPrefix(rest[indent:], "1.") || strings.HasPrefix(rest[indent:], "1)")):
		e.end()
		e.run.item = true
	case e.run.table:
		table := e.run
		e.end()
		e.run.table, e.run.item = true, table.item
	}
	e.depth = depth
	if fence := fenceOf(text); fence != "" && indent < 4 {
		e.end()
		e.fence, e.inset = fence, inset
		return
	}
	e.count(text)
}

// count adds a line to the run.
func (e *estimate) count(text string) {
	r := &e.run
	switch r.lines++; {
	case r.lines == 1:
		r.header, r.html = text, startsHTML(text)
	case r.lines == 2 && cells(text) == cells(r.header) && strings.Trim(text, " \t\r\n|:-") == "" && strings.Contains(text, "-"):
		r.table = true
	}
	r.length += len(text)
	for i := range len(text) {
		switch text[i] {
		case '[', '<', '*', '_', '~', '!', '&', '`', '\\':
			r.delimiters++
		case ']':
			r.delimiters++
			if i+1 < len(text) && text[i+1] == '(' {
				r.delimiters += 64
			} else if i+1 < len(text) && text[i+1] == ':' {
				r.delimiters += 16
			}
		}
	}
}

// inFence reports whether a line belongs to the open code, and closes it at its fence.
func (e *estimate) inFence(rest string) bool {
	text := strings.TrimLeft(rest, " \t")
	if strings.TrimSpace(text) != "" && len(rest)-len(text) < e.inset {
		return false
	}
	if fence := fenceOf(rest[min(e.inset, len(rest)-len(text)):]); strings.HasPrefix(fence, e.fence) && strings.TrimSpace(text) == fence {
		e.fence = ""
	}
	return true
}

// fenceOf returns the fence with which a line starts.
func fenceOf(line string) string {
	text := strings.TrimLeft(line, " ")
	if len(line)-len(text) > 3 || !strings.HasPrefix(text, "```") && !strings.HasPrefix(text, "~~~") {
		return ""
	}
	fence := text[:len(text)-len(strings.TrimLeft(text, text[:1]))]
	if fence[0] == '`' && strings.Contains(text[len(fence):], "`") {
		return "" // code inside of a line
	}
	return fence
}

// unquoted returns a line without the markers of quotes, and their number.
func unquoted(line string) (rest string, depth int) {
	for {
		text := strings.TrimLeft(line, " ")
		if len(line)-len(text) > 3 || !strings.HasPrefix(text, ">") {
			return line, depth
		}
		line, depth = strings.TrimPrefix(text[1:], " "), depth+1
	}
}

// unlisted returns a line without the markers of list items, and their width.
func unlisted(line string) (rest string, width int) {
	for {
		text := strings.TrimLeft(line, " ")
		digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
		after := text[digits:]
		if after == "" || digits == 0 && strings.IndexByte("-+*", after[0]) < 0 || digits > 0 && (digits > 9 || after[0] != '.' && after[0] != ')') ||
			len(after) < 2 || after[1] != ' ' {
			return line, width
		}
		width += len(line) - len(after) + 2
		line = after[2:]
	}
}

// cells returns the number of cells in a row of a table.
func cells(line string) int {
	line = strings.ReplaceAll(strings.TrimSpace(line), `\|`, "")
	return 1 + strings.Count(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), "|")
}

// htmlBlocks are elements whose start tag starts a block of HTML up to an empty line.
var htmlBlocks = []string{"<table", "<figure", "<div", "<p", "<ul", "<ol", "<section", "<blockquote", "<iframe", "<details"}

func startsHTML(line string) bool {
	line = strings.ToLower(strings.TrimLeft(line, " "))
	for _, name := range htmlBlocks {
		if rest, found := strings.CutPrefix(line, name); found && rest != "" && strings.ContainsAny(rest[:1], " >\n") {
			return true
		}
	}
	return false
}
