// Package htmlin reads HTML as editors produce it into the document tree: Word, the
// WeChat editor, WordPress, pages of old portals.
//
// It keeps what the grammar of package body has and drops the rest: fonts, colours,
// boxes, scripts, hidden text, layout tables. Everything visible is in the document or,
// such as the fields of forms, in the notes that Read returns. It is the sanitiser of the
// program: invalid markup is never refused, only input that is too large. It does not use
// the HTML tree construction algorithm, whose cost is quadratic for hostile nesting;
// tokens are read once, with a bounded stack.
//
// The result is valid, and the page that is rendered from it reads back to a document
// that renders the same page.
package htmlin

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/body"
)

// MaxBytes is the largest input. Word writes twenty bytes of HTML for one of text.
const MaxBytes = 8 << 20

// Parse reads HTML whose addresses are complete or start at the root of the site. Links
// with other addresses become plain text, images their alternative text.
func Parse(page string) (body.Document, error) { return ParseAt(page, "") }

// ParseAt reads HTML and completes relative addresses with base, the address of the page.
func ParseAt(page, base string) (body.Document, error) {
	d, _, err := Read(page, base)
	return d, err
}

// Read does the same as ParseAt, and returns the notes on what the document does not have.
func Read(page, base string) (body.Document, []body.Note, error) {
	if len(page) > MaxBytes {
		return body.Document{}, nil, fmt.Errorf("read html: %d bytes are more than %d; split the article", len(page), MaxBytes)
	}
	b := newBuilder()
	if base != "" {
		address, err := url.Parse(base)
		if err != nil {
			return body.Document{}, nil, fmt.Errorf("read html: base address: %w", err)
		}
		b.base = address
	}
	if err := b.read(html.NewTokenizer(strings.NewReader(page))); err != nil {
		return body.Document{}, nil, fmt.Errorf("read html: %w", err)
	}
	d := body.Doc(b.finish()...)
	b.settlePaths(len(d.Content))
	if err := d.Validate(); err != nil {
		return body.Document{}, nil, fmt.Errorf("read html: %w", err)
	}
	return d, b.notes, nil
}

// read passes all tokens to the builder.
func (b *builder) read(z *html.Tokenizer) error {
	for b.pieces <= maxPieces {
		switch z.Next() {
		case html.ErrorToken:
			if errors.Is(z.Err(), io.EOF) {
				return nil
			}
			return z.Err()
		case html.TextToken:
			b.text(z.Token().Data)
		case html.StartTagToken:
			token := z.Token()
			if token.Data == "noscript" {
				z.NextIsNotRawText() // it has the pictures that are loaded late
			}
			b.start(token)
		case html.SelfClosingTagToken:
			token := z.Token()
			b.start(token)
			switch {
			case token.Data == "iframe" || token.Data == "noscript":
				z.NextIsNotRawText() // written by XML tools, which mean that it ends here
				b.end(token.Data)
			case !void[token.Data] && !rawText[token.Data]:
				b.end(token.Data)
			}
		case html.EndTagToken:
			b.end(z.Token().Data)
		}
	}
	return fmt.Errorf("more than %d pieces of text; split the article", maxPieces)
}
