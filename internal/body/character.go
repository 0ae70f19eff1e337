package body

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const ideographicSpace = '\u3000'

// tagged reports whether r, after the visible character last, continues a flag such as that
// of England.
func tagged(last, r rune) bool {
	return r >= 0xe0020 && r <= 0xe007f && (last == 0x1f3f4 || last >= 0xe0020 && last < 0xe007f)
}

// rightToLeft reports whether r is a letter of a script that is written from right to left.
func rightToLeft(r rune) bool {
	return r >= 0x590 && r <= 0x8ff || r >= 0xfb1d && r <= 0xfdff || r >= 0xfe70 && r <= 0xfefc || r >= 0x10800 && r <= 0x10fff || r >= 0x1e800 && r <= 0x1efff
}

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

// Wide reports whether r is written without spaces around it: ideographs, kana, and
// punctuation and forms of the same width.
func Wide(r rune) bool {
	return r >= 0x2e80 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe4f ||
		r >= 0xff00 && r <= 0xff60 || r >= 0x20000 && r <= 0x3ffff ||
		r == '“' || r == '”' || r == '‘' || r == '’' || r == '…' || r == '—'
}

// visible returns s without invisible characters and invalid UTF-8. Tags of flags stay, and
// in a text from right to left the marks of direction.
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
	marks := strings.ContainsFunc(s, rightToLeft) // the marks of direction change what is shown
	last := rune(0)
	return strings.Map(func(r rune) rune {
		if invisible(r) && !tagged(last, r) && !(marks && (r == 0x200e || r == 0x200f)) {
			return -1
		}
		last = r
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
