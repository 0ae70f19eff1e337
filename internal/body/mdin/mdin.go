// Package mdin reads Markdown into the document tree: CommonMark with tables,
// strikethrough, task lists and footnotes, and three rules for Chinese: a line end between
// two Chinese characters is not a space (the normal form of documents removes it), emphasis
// may touch Chinese punctuation, and a definition whose target is no address is a text.
//
// The Markdown, with any HTML in it, is converted to HTML and read by package htmlin,
// which sanitises it. For documents that Markdown can represent, Parse(render.Markdown(d))
// returns d.
package mdin

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/htmlin"
)

var markdown = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
		parser.WithParagraphTransformers(util.Prioritized(definitions{}, 100)))),
	goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList, footnotes{}, stars, tildes),
	goldmark.WithRendererOptions(html.WithUnsafe(), // htmlin sanitises it
		renderer.WithNodeRenderers(util.Prioritized(figures{}, 100))),
)

// Parse reads Markdown.
func Parse(text string) (body.Document, error) {
	d, _, err := Read(text)
	return d, err
}

// Read does the same, and returns the notes on what the document does not have.
func Read(text string) (body.Document, []body.Note, error) { return ReadAt(text, "") }

// ReadAt does the same, and completes relative addresses with base, the address of the page.
func ReadAt(text, base string) (body.Document, []body.Note, error) {
	if err := bounded(text); err != nil {
		return body.Document{}, nil, fmt.Errorf("read markdown: %w", err)
	}
	var page bytes.Buffer
	if err := markdown.Convert([]byte(strings.ToValidUTF8(text, "")), &page); err != nil {
		return body.Document{}, nil, fmt.Errorf("read markdown: %w", err)
	}
	d, notes, err := htmlin.Read(page.String(), base)
	if err != nil {
		return body.Document{}, nil, fmt.Errorf("read markdown: %w", err)
	}
	return d, notes, nil
}

// figures renders images as figures, with the title as caption.
type figures struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (f figures) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindImage, f.image)
}

func (figures) image(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.Image)
	fmt.Fprintf(w, `<figure><img src="%s" alt="`, util.EscapeHTML(util.URLEscape(n.Destination, true)))
	writeText(w, source, n)
	w.WriteString(`">`)
	if len(n.Title) > 0 {
		w.WriteString("<figcaption>")
		html.DefaultWriter.Write(w, n.Title)
		w.WriteString("</figcaption>")
	}
	w.WriteString("</figure>")
	return ast.WalkSkipChildren, nil
}

// writeText writes the alternative text of an image without its marks.
func writeText(w util.BufWriter, source []byte, node ast.Node) {
	for c := node.FirstChild(); c != nil; c = c.NextSibling() {
		switch n := c.(type) {
		case *ast.Text:
			html.DefaultWriter.Write(w, n.Segment.Value(source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				w.WriteByte(' ')
			}
		case *ast.String:
			html.DefaultWriter.Write(w, n.Value)
		default:
			writeText(w, source, n)
		}
	}
}
