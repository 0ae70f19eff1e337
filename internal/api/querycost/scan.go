package querycost

import "strings"

// The kinds of token that are not a punctuator; a punctuator is its own kind.
const (
	end     = 0
	name    = 'a'
	comment = '#'
	text    = '"'
	number  = '0'
	spread  = '.'
)

// scanner splits a document into the same tokens as gqlparser's lexer, without checking them:
// after the point where that lexer fails, the scanner's tokens may be anything.
type scanner struct {
	doc string
	at  int
}

// next returns the kind of the next token, which is doc[start:s.at].
func (s *scanner) next() (kind byte, start int) {
	s.blank()
	start = s.at
	if s.at >= len(s.doc) {
		return end, start
	}
	c := s.doc[s.at]
	s.at++
	switch {
	case isName(c) && !isDigit(c):
		s.while(isName)
		return name, start
	case isDigit(c), c == '-':
		s.number()
		return number, start
	case c == '"':
		s.quoted()
		return text, start
	case c == '#':
		s.while(isLine)
		return comment, start
	case c == '.' && strings.HasPrefix(s.doc[start:], "..."):
		s.at += 2
		return spread, start
	}
	return c, start
}

// blank skips white space, commas and byte order marks.
func (s *scanner) blank() {
	for s.at < len(s.doc) {
		switch s.doc[s.at] {
		case ' ', '\t', '\n', '\r', ',':
			s.at++
		case 0xef:
			if !strings.HasPrefix(s.doc[s.at:], "\ufeff") {
				return
			}
			s.at += 3
		default:
			return
		}
	}
}

func (s *scanner) while(is func(byte) bool) {
	for s.at < len(s.doc) && is(s.doc[s.at]) {
		s.at++
	}
}

func (s *scanner) peek(ahead int) byte {
	if s.at+ahead < len(s.doc) {
		return s.doc[s.at+ahead]
	}
	return 0
}

func (s *scanner) number() {
	s.while(isDigit)
	if s.peek(0) == '.' && isDigit(s.peek(1)) {
		s.at++
		s.while(isDigit)
	}
	if e := s.peek(0); e != 'e' && e != 'E' {
		return
	}
	if sign := s.peek(1); (sign == '+' || sign == '-') && isDigit(s.peek(2)) {
		s.at++
	} else if !isDigit(sign) {
		return
	}
	s.at++
	s.while(isDigit)
}

// quoted skips the rest of a string or block string, after its first quote.
func (s *scanner) quoted() {
	if s.peek(0) == '"' && s.peek(1) == '"' {
		s.at += 2
		s.block()
		return
	}
	for s.at < len(s.doc) {
		switch s.doc[s.at] {
		case '"':
			s.at++
			return
		case '\n', '\r':
			return
		case '\\':
			s.at++
		}
		s.at++
	}
	s.at = len(s.doc)
}

// block skips to the end of a block string. Quotes before the last three belong to the text.
func (s *scanner) block() {
	for s.at < len(s.doc) {
		rest := s.doc[s.at:]
		switch {
		case strings.HasPrefix(rest, `\"""`):
			s.at += 4
		case strings.HasPrefix(rest, `"""`):
			s.while(func(c byte) bool { return c == '"' })
			return
		default:
			s.at++
		}
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isName(c byte) bool { return c == '_' || isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }

func isLine(c byte) bool { return c != '\n' && c != '\r' }
