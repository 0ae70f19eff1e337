package mdin

import (
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/tonggao/tonggao/internal/body"
)

// emphasis parses * and ~ with an amendment to CommonMark for Chinese: punctuation next to
// a Chinese character does not prevent emphasis, so that **重点：**正文 is strong although
// no space follows.
type emphasis struct {
	sign byte
	max  int // the longest run of signs; 0 for any length
	node func(consumed int) ast.Node
}

// Extend implements goldmark.Extender. The parsers of goldmark have lower priority.
func (e emphasis) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithInlineParsers(util.Prioritized(e, 400)))
}

var (
	stars  = emphasis{'*', 0, func(consumed int) ast.Node { return ast.NewEmphasis(consumed) }}
	tildes = emphasis{'~', 2, func(int) ast.Node { return extast.NewStrikethrough() }}
)

// Trigger implements parser.InlineParser.
func (e emphasis) Trigger() []byte { return []byte{e.sign} }

// IsDelimiter implements parser.DelimiterProcessor.
func (e emphasis) IsDelimiter(b byte) bool { return b == e.sign }

// CanOpenCloser implements parser.DelimiterProcessor.
func (e emphasis) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

// OnMatch implements parser.DelimiterProcessor.
func (e emphasis) OnMatch(consumed int) ast.Node { return e.node(consumed) }

// Parse implements parser.InlineParser.
func (e emphasis) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	node := parser.ScanDelimiter(line, before, 1, e)
	if node == nil || e.max > 0 && (node.OriginalLength > e.max || before == rune(e.sign)) {
		return nil
	}
	after := ' '
	if rest := line[node.OriginalLength:]; len(rest) > 0 {
		after, _ = utf8.DecodeRune(rest)
	}
	node.CanOpen = flanking(before, after)
	node.CanClose = flanking(after, before)
	node.Segment = segment.WithStop(segment.Start + node.OriginalLength)
	block.Advance(node.OriginalLength)
	pc.PushDelimiter(node)
	return node
}

// flanking reports whether a delimiter between outside and inside can apply to inside.
func flanking(outside, inside rune) bool {
	if util.IsSpaceRune(inside) {
		return false
	}
	return !latinPunctuation(inside) || util.IsSpaceRune(outside) || latinPunctuation(outside) || chinese(outside)
}

func latinPunctuation(r rune) bool { return util.IsPunctRune(r) && !chinese(r) }

// chinese reports whether r is an ideograph, kana, hangul or punctuation of that width.
func chinese(r rune) bool {
	return body.Wide(r) || unicode.Is(unicode.Hangul, r)
}
