package mdin

import (
	"bytes"
	"fmt"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// footnotes parses [^label] and its definition [^label]: text. They become the HTML from
// which package htmlin reads footnotes. Other than the extension of goldmark it keeps the
// text of a definition without a reference, and costs as much as the text is long.
type footnotes struct{}

// Extend implements goldmark.Extender.
func (f footnotes) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(
		parser.WithBlockParsers(util.Prioritized(definitionParser{}, 999)),
		parser.WithInlineParsers(util.Prioritized(referenceParser{}, 101)),
		parser.WithASTTransformers(util.Prioritized(f, 999)))
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(f, 500)))
}

var (
	definitionsKey = parser.NewContextKey() // map[string]*definition
	orderKey       = parser.NewContextKey() // []*definition with a reference

	definitionKind = ast.NewNodeKind("FootnoteDefinition")
	referenceKind  = ast.NewNodeKind("FootnoteReference")
)

// definition is the text of a footnote.
type definition struct {
	ast.BaseBlock
	label  []byte
	number int // from 1 in the order of the first references; 0 without a reference
	count  int // of references
}

func (d *definition) Kind() ast.NodeKind            { return definitionKind }
func (d *definition) Dump(source []byte, level int) { ast.DumpHelper(d, source, level, nil, nil) }

// reference is the place of a footnote.
type reference struct {
	ast.BaseInline
	to    *definition
	count int // from 1
}

func (r *reference) Kind() ast.NodeKind            { return referenceKind }
func (r *reference) Dump(source []byte, level int) { ast.DumpHelper(r, source, level, nil, nil) }

// maxLabel is the longest label in bytes.
const maxLabel = 200

// label returns the label at the start of line, [^label], and its length.
func label(line []byte) (name []byte, length int) {
	if !bytes.HasPrefix(line, []byte("[^")) {
		return nil, 0
	}
	end := bytes.IndexAny(line[2:min(len(line), maxLabel)], "[]")
	if end <= 0 || line[2+end] != ']' || len(bytes.TrimSpace(line[2:2+end])) == 0 {
		return nil, 0
	}
	return line[2 : 2+end], end + 3
}

type definitionParser struct{}

func (definitionParser) Trigger() []byte             { return []byte{'['} }
func (definitionParser) CanInterruptParagraph() bool { return true }
func (definitionParser) CanAcceptIndentedLine() bool { return false }

func (definitionParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	start := pc.BlockOffset()
	if start < 0 {
		return nil, parser.NoChildren
	}
	name, length := label(line[start:])
	if length == 0 || start+length >= len(line) || line[start+length] != ':' {
		return nil, parser.NoChildren
	}
	d := &definition{label: bytes.Clone(name)}
	reader.AdvanceAndSetPadding(start+length+1-segment.Padding, segment.Padding)
	return d, parser.HasChildren
}

func (definitionParser) Continue(_ ast.Node, reader text.Reader, _ parser.Context) parser.State {
	line, _ := reader.PeekLine()
	if util.IsBlank(line) {
		return parser.Continue | parser.HasChildren
	}
	at, padding := util.IndentPosition(line, reader.LineOffset(), 4)
	if at < 0 {
		return parser.Close
	}
	reader.AdvanceAndSetPadding(at, padding)
	return parser.Continue | parser.HasChildren
}

func (definitionParser) Close(node ast.Node, _ text.Reader, pc parser.Context) {
	known, _ := pc.Get(definitionsKey).(map[string]*definition)
	if known == nil {
		known = map[string]*definition{}
		pc.Set(definitionsKey, known)
	}
	d := node.(*definition)
	if known[string(d.label)] == nil {
		known[string(d.label)] = d
	}
}

type referenceParser struct{}

func (referenceParser) Trigger() []byte { return []byte{'['} }

func (referenceParser) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	known, _ := pc.Get(definitionsKey).(map[string]*definition)
	if known == nil {
		return nil
	}
	line, _ := block.PeekLine()
	name, length := label(line)
	d := known[string(name)]
	if length == 0 || d == nil {
		return nil
	}
	block.Advance(length)
	if d.count++; d.count == 1 {
		order, _ := pc.Get(orderKey).([]*definition)
		pc.Set(orderKey, append(order, d))
		d.number = len(order) + 1
	}
	return &reference{to: d, count: d.count}
}

// Transform moves the definitions with a reference to the end of the document.
func (footnotes) Transform(document *ast.Document, _ text.Reader, pc parser.Context) {
	order, _ := pc.Get(orderKey).([]*definition)
	for _, d := range order {
		if parent := d.Parent(); parent != nil {
			parent.RemoveChild(parent, d)
		}
		document.AppendChild(document, d)
	}
}

// RegisterFuncs implements renderer.NodeRenderer.
func (f footnotes) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(definitionKind, f.definition)
	reg.Register(referenceKind, f.reference)
}

func (footnotes) definition(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	d := node.(*definition)
	switch {
	case d.number == 0 && entering:
		w.WriteString("<div>[^")
		html.DefaultWriter.RawWrite(w, d.label)
		w.WriteString("]:</div>")
	case d.number == 0:
	case entering:
		w.WriteString("<ul><li>")
	default:
		fmt.Fprintf(w, `<a href="#markdown-reference-%d">↩</a></li></ul>`, d.number)
	}
	return ast.WalkContinue, nil
}

func (footnotes) reference(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if r := node.(*reference); entering {
		id := ""
		if r.count == 1 {
			id = fmt.Sprintf(` id="markdown-reference-%d"`, r.to.number)
		}
		fmt.Fprintf(w, `<sup><a%s href="#markdown-footnote-%d">[1]</a></sup>`, id, r.to.number)
	}
	return ast.WalkContinue, nil
}

// definitions keeps paragraphs that look like definitions of links whose targets are no
// addresses: [注]: 数据截至八月底
type definitions struct{}

// Transform implements parser.ParagraphTransformer.
func (definitions) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	first := node.Lines().At(0)
	line := bytes.TrimSpace(first.Value(reader.Source()))
	if !bytes.HasPrefix(line, []byte("[")) {
		return
	}
	_, target, found := bytes.Cut(line, []byte("]:"))
	if target = bytes.TrimSpace(target); found && len(target) > 0 && !bytes.ContainsAny(target[:1], "<#?/.") {
		address, _, _ := bytes.Cut(target, []byte(" "))
		if !bytes.ContainsAny(address, "/.") && !bytes.HasPrefix(address, []byte("mailto:")) && !bytes.HasPrefix(address, []byte("tel:")) {
			return
		}
	}
	parser.LinkReferenceParagraphTransformer.Transform(node, reader, pc)
}
