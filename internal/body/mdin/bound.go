package mdin

import (
	"fmt"
	"strings"
)

// The limits of the input. The cost of the Markdown parser on hostile text is quadratic in
// the length of a paragraph and in the depth of quotes and lists.
const (
	MaxBytes     = 512 << 10
	maxParagraph = 16 << 10 // bytes without an empty line
	maxMarkers   = 64       // of quotes and lists at the start of one line
)

// bounded returns an error for Markdown that is too expensive to parse.
func bounded(text string) error {
	if len(text) > MaxBytes {
		return fmt.Errorf("%d bytes are more than %d; split the article", len(text), MaxBytes)
	}
	paragraph, number := 0, 0
	for line := range strings.Lines(text) {
		number++
		if markers(line) > maxMarkers {
			return fmt.Errorf("line %d: quotes and lists nest deeper than %d", number, maxMarkers)
		}
		if paragraph += len(line); strings.Trim(line, "> \t\r\n") == "" {
			paragraph = 0
		}
		if paragraph > maxParagraph {
			return fmt.Errorf("line %d: more than %d bytes without an empty line; divide the paragraph", number, maxParagraph)
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
