package body

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const ideographicSpace = '\u3000'

// invisible reports whether r shows nothing and is not needed to show other characters:
// controls, zero-width fillers of editors, bidirectional overrides, and characters that
// XML does not allow. Joiners of emoji and of scripts are not included.
func invisible(r rune) bool {
	switch {
	case r < 0x20:
		return r != '\t' && r != '\n' && r != '\r'
	case r < 0x7f:
		return false
	case r <= 0x9f, r == 0xad, r == 0x200b, r == 0x200e, r == 0x200f, r == 0xfeff:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r >= 0xfff9 && r <= 0xfffc:
		return true
	case r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

// space reports whether r separates words: Unicode spaces and line ends.
func space(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || r == '\n' || r == '\t' || r == '\r'
	}
	return unicode.IsSpace(r)
}

// wide reports whether r is written without spaces around it: ideographs, kana, and
// punctuation and forms of the same width.
func wide(r rune) bool {
	return r >= 0x2e80 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe4f ||
		r >= 0xff00 && r <= 0xff60 || r >= 0x20000 && r <= 0x3ffff ||
		r == '“' || r == '”' || r == '‘' || r == '’' || r == '…' || r == '—'
}

// visible returns s without invisible characters and invalid UTF-8.
func visible(s string) string {
	clean := true
	for i, r := range s {
		if r >= utf8.RuneSelf || r < 0x20 || r == 0x7f {
			if invisible(r) || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
				clean = false
				break
			}
		}
	}
	if clean {
		return s
	}
	return strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// line returns s as one line: visible characters, single spaces, none at the ends.
func line(s string) string { return strings.Join(strings.FieldsFunc(visible(s), space), " ") }

var fullWidth = strings.NewReplacer("<", "＜", ">", "＞")

// attribute returns s as one line without < and >, because of which sanitisers remove
// attributes.
func attribute(s string) string { return fullWidth.Replace(line(s)) }

// code returns s with its lines and indents, without blank lines at the ends.
func code(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ").Replace(s)
	s = strings.TrimRightFunc(visible(s), space)
	for {
		first, rest, found := strings.Cut(s, "\n")
		if !found || strings.TrimFunc(first, space) != "" {
			return s
		}
		s = rest
	}
}
