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
)

// emphasis reads * and ~ with the Chinese amendment of CommonMark: where
// Chinese stands on one side, punctuation decides nothing, so that
// **重点：**正文 is strong although no space follows.
type emphasis struct {
	sign byte
	most int // how many signs may stand together; 0 for any number
	node func(consumed int) ast.Node
}

// Extend is called by goldmark; its own parsers of the signs come later.
func (e emphasis) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithInlineParsers(util.Prioritized(e, 400)))
}

var (
	stars  = emphasis{'*', 0, func(consumed int) ast.Node { return ast.NewEmphasis(consumed) }}
	tildes = emphasis{'~', 2, func(int) ast.Node { return extast.NewStrikethrough() }}
)

// Trigger is called by goldmark.
func (e emphasis) Trigger() []byte { return []byte{e.sign} }

// IsDelimiter is called by goldmark.
func (e emphasis) IsDelimiter(b byte) bool { return b == e.sign }

// CanOpenCloser is called by goldmark.
func (e emphasis) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

// OnMatch is called by goldmark.
func (e emphasis) OnMatch(consumed int) ast.Node { return e.node(consumed) }

// Parse is called by goldmark where a sign stands.
func (e emphasis) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	node := parser.ScanDelimiter(line, before, 1, e)
	if node == nil || e.most > 0 && (node.OriginalLength > e.most || before == rune(e.sign)) {
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

// flanking reports whether signs between outside and inside can belong to inside.
func flanking(outside, inside rune) bool {
	if util.IsSpaceRune(inside) {
		return false
	}
	return !latinPunctuation(inside) || util.IsSpaceRune(outside) || latinPunctuation(outside) || chinese(outside)
}

func latinPunctuation(r rune) bool { return util.IsPunctRune(r) && !chinese(r) }

// chinese reports ideographs, kana, hangul, and the punctuation that is as wide.
func chinese(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo) ||
		r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef || r >= 0xfe30 && r <= 0xfe4f
}
