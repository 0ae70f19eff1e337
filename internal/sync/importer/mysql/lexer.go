package mysql

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// maxValue limits the size of one value, in bytes.
const maxValue = 64 << 20

// kind is the kind of a token.
type kind int

const (
	end  kind = iota // of the file
	word             // a keyword, a bare name or a number
	name             // in backquotes
	text             // in quotes
	sign             // one character
)

// token is a piece of a dump.
type token struct {
	kind kind
	text []byte // without quotes and escapes; valid until the next token
}

// is reports whether the token is the sign or, in any case, the word.
func (t token) is(text string) bool {
	return (t.kind == word || t.kind == sign) && equalFold(t.text, text)
}

func equalFold(a []byte, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		if x >= 'a' && x <= 'z' {
			x -= 'a' - 'A'
		}
		if y >= 'a' && y <= 'z' {
			y -= 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}

// lexer reads the tokens of a dump. One value is in memory at a time.
type lexer struct {
	in    *bufio.Reader
	line  int
	pairs bool // the text is in an encoding whose second bytes may be a backslash
	value []byte

	header, footer bool // of mysqldump were seen
}

func newLexer(r io.Reader) *lexer { return &lexer{in: bufio.NewReaderSize(r, 256<<10), line: 1} }

var errCutOff = errors.New("the dump is cut off here")

// at returns err with the line of the dump.
func (l *lexer) at(err error) error { return fmt.Errorf("line %d: %w", l.line, err) }

func (l *lexer) byte() (byte, error) {
	c, err := l.in.ReadByte()
	if c == '\n' {
		l.line++
	}
	return c, err
}

// back returns the last byte to the input.
func (l *lexer) back(c byte) {
	if c == '\n' {
		l.line--
	}
	_ = l.in.UnreadByte() // it was read before
}

// peek reports whether the input continues with a text.
func (l *lexer) peek(text string) bool {
	ahead, _ := l.in.Peek(len(text))
	return string(ahead) == text
}

// next returns the next token, without white space and comments.
func (l *lexer) next() (token, error) {
	for {
		c, err := l.byte()
		switch {
		case errors.Is(err, io.EOF):
			return token{kind: end}, nil
		case err != nil:
			return token{}, fmt.Errorf("read the dump: %w", err)
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xef && l.peek("\xbb\xbf") || c == 0xbb && l.line == 1 || c == 0xbf && l.line == 1:
			continue
		case c == '#', c == '-' && l.peek("- "), c == '-' && l.peek("-\n"), c == '-' && l.peek("-\r"):
			if err := l.comment(); err != nil {
				return token{}, err
			}
		case c == '/' && l.peek("*"):
			if err := l.block(); err != nil {
				return token{}, err
			}
		case c == '*' && l.peek("/"): // the end of what only MySQL reads
			_, _ = l.byte()
		case c == '\'' || c == '"' || c == '`':
			return l.quoted(c)
		case letter(c):
			return l.word(c)
		default:
			l.value = append(l.value[:0], c)
			return token{sign, l.value}, nil
		}
	}
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '$' || c == '@' || c >= 0x80
}

func (l *lexer) word(c byte) (token, error) {
	l.value = append(l.value[:0], c)
	for {
		c, err := l.byte()
		if err != nil {
			return token{word, l.value}, nil // the next call reports it
		}
		if !letter(c) && !((c == '-' || c == '+') && exponent(l.value)) {
			l.back(c)
			return token{word, l.value}, nil
		}
		if l.value = append(l.value, c); len(l.value) > maxValue {
			return token{}, l.at(errTooLarge)
		}
	}
}

// exponent reports whether the number in text continues with the sign of its exponent.
func exponent(text []byte) bool {
	last := text[len(text)-1]
	return (last == 'e' || last == 'E') && text[0] >= '0' && text[0] <= '9' && !(len(text) > 1 && (text[1] == 'x' || text[1] == 'X'))
}

var errTooLarge = fmt.Errorf("a value has more than %d MiB", maxValue>>20)

var escapes = map[byte]byte{'0': 0, 'b': '\b', 'n': '\n', 'r': '\r', 't': '\t', 'Z': 0x1a}

// quoted reads a text or a name to its closing quote. Quotes in it are doubled or escaped.
func (l *lexer) quoted(quote byte) (token, error) {
	t := token{kind: text}
	if quote == '`' {
		t.kind = name
	}
	l.value = l.value[:0]
	for begin := l.line; ; {
		c, err := l.byte()
		if err != nil {
			return token{}, fmt.Errorf("line %d: a text that begins here has no end: %w", begin, errCutOff)
		}
		switch {
		case c == quote:
			if again, err := l.in.Peek(1); err != nil || again[0] != quote {
				t.text = l.value
				return t, nil
			}
			_, _ = l.byte()
		case c == '\\' && quote != '`':
			if c, err = l.byte(); err != nil {
				continue // reported by the next turn
			}
			if replaced, ok := escapes[c]; ok {
				c = replaced
			} else if c == '%' || c == '_' {
				l.value = append(l.value, '\\')
			}
		case l.pairs && c > 0x80 && c < 0xff:
			l.value = append(l.value, c)
			if c, err = l.byte(); err != nil {
				continue
			}
		}
		if l.value = append(l.value, c); len(l.value) > maxValue {
			return token{}, l.at(errTooLarge)
		}
	}
}

// comment skips a comment to the end of the line.
func (l *lexer) comment() error {
	var head []byte
	for {
		c, err := l.byte()
		if len(head) < 40 {
			head = append(head, c)
		}
		if err != nil || c == '\n' {
			break
		}
	}
	for _, mark := range []struct {
		text string
		seen *bool
	}{{"- MySQL dump ", &l.header}, {"- MariaDB dump ", &l.header}, {"- Dump completed", &l.footer}} {
		if len(head) >= len(mark.text) && string(head[:len(mark.text)]) == mark.text {
			*mark.seen = true
		}
	}
	return nil
}

// block skips a comment, or only its beginning if MySQL reads what is in it.
func (l *lexer) block() error {
	begin := l.line
	_, _ = l.byte() // *
	if l.peek("!") || l.peek("M!") {
		for {
			c, err := l.byte()
			if err != nil {
				return fmt.Errorf("line %d: %w", begin, errCutOff)
			}
			if c != '!' && c != 'M' && (c < '0' || c > '9') {
				l.back(c)
				return nil
			}
		}
	}
	for last := byte(0); ; {
		c, err := l.byte()
		if err != nil {
			return fmt.Errorf("line %d: a comment that begins here has no end: %w", begin, errCutOff)
		}
		if last == '*' && c == '/' {
			return nil
		}
		last = c
	}
}
