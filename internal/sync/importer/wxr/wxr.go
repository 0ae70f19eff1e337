// Package wxr reads the export of a WordPress site (WordPress eXtended RSS, versions 1.0 to
// 1.2): categories, authors, posts and pages with blocks or classic text, attachments and comments.
//
// The file is read twice: first for the addresses of attachments, which posts refer to by
// number, then for everything else. One item is in memory at a time, and the addresses.
package wxr

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// Export is the export of a site.
type Export struct {
	file     io.ReadSeeker
	address  string
	files    map[string]string   // addresses of attachments, by their IDs
	attached map[string][]string // IDs of attachments, by the post that they were uploaded for
	whole    map[string]bool     // addresses of attachments
}

// Open reads the address of the site and of its attachments. Address is used where the
// export has none.
func Open(file io.ReadSeeker, address string) (*Export, error) {
	e := &Export{file: file, files: map[string]string{}, attached: map[string][]string{}, whole: map[string]bool{}}
	err := e.each(func(d *xml.Decoder, start xml.StartElement) error {
		switch start.Name.Local {
		case "base_site_url", "base_blog_url":
			var text string
			if err := d.DecodeElement(&text, &start); err != nil {
				return err
			}
			if start.Name.Local == "base_blog_url" || e.address == "" {
				e.address = strings.TrimSpace(text)
			}
		case "item":
			var i item
			if err := d.DecodeElement(&i, &start); err != nil {
				return err
			}
			if i.Type == "attachment" {
				address := strings.TrimSpace(i.AttachmentURL)
				e.files[i.ID], e.whole[address] = address, true
				e.attached[i.Parent] = append(e.attached[i.Parent], i.ID)
			}
		}
		return nil
	})
	if e.address == "" {
		e.address = address
	}
	return e, err
}

// Address implements record.Site.
func (e *Export) Address() string { return e.address }

// Open implements record.Site: an export has no files.
func (e *Export) Open(string) (io.ReadCloser, error) { return nil, record.ErrNoFile }

var errNoExport = errors.New("it is no export of WordPress: it has no element rss")

// each calls do with the start of each element of the channel from the beginning of the file.
// Do may decode it.
func (e *Export) each(do func(*xml.Decoder, xml.StartElement) error) error {
	if _, err := e.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read the file again: %w", err)
	}
	d, m, err := newDecoder(e.file)
	if err != nil {
		return err
	}
	inRSS, depth := false, 0
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && depth == 0 && inRSS:
			return nil
		case errors.Is(err, io.EOF) && !inRSS:
			return errNoExport
		case err != nil:
			return position(d, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			switch {
			case depth == 1:
				inRSS = t.Name.Local == "rss"
			case depth == 3:
				m.reset()
				before := d.InputOffset()
				if err := do(d, t); err != nil {
					return position(d, err)
				}
				if d.InputOffset() > before {
					depth-- // it was decoded to its end
				}
			}
			if !inRSS {
				return errNoExport
			}
		case xml.EndElement:
			depth--
		}
	}
}

// position returns err with the line that the decoder has reached, unless it names one.
func position(d *xml.Decoder, err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("the file is damaged or cut off: %w", err)
	}
	line, _ := d.InputPos()
	return fmt.Errorf("line %d: %w", line, err)
}

// Records implements record.Site.
func (e *Export) Records(ctx context.Context, yield func(record.Record) error) error {
	r := &reader{Export: e, yield: yield, seen: map[string]bool{}, others: map[string]int{}}
	err := e.each(func(d *xml.Decoder, start xml.StartElement) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return r.element(d, start)
	})
	if err != nil {
		return err
	}
	if err := r.flushCategories(); err != nil {
		return err
	}
	for _, kind := range slices.Sorted(maps.Keys(r.others)) {
		what := fmt.Sprintf("%d items of the type %s have no place here", r.others[kind], kind)
		if err := yield(&record.Note{Common: record.Common{Key: "type/" + kind, Where: "type " + kind, Lost: []string{what}}}); err != nil {
			return err
		}
	}
	return nil
}

// reader yields the records of an export.
type reader struct {
	*Export
	yield      func(record.Record) error
	seen       map[string]bool // keys of categories and authors
	categories []*term         // that are not yielded yet: a parent may come after its child
	others     map[string]int  // items by types that are no articles
}

// term is a category of the site.
type term struct {
	ID     string `xml:"term_id"`
	Slug   string `xml:"category_nicename"`
	Parent string `xml:"category_parent"`
	Name   string `xml:"cat_name"`
}

// author is a user of the site.
type author struct {
	Login string `xml:"author_login"`
	Name  string `xml:"author_display_name"`
}

func (r *reader) element(d *xml.Decoder, start xml.StartElement) error {
	switch start.Name.Local {
	case "category":
		c := &term{}
		if err := d.DecodeElement(c, &start); err != nil {
			return err
		}
		if c.Slug != "" {
			r.categories = append(r.categories, c)
		}
	case "author":
		var a author
		if err := d.DecodeElement(&a, &start); err != nil {
			return err
		}
		return r.author(a)
	case "item":
		var i item
		if err := d.DecodeElement(&i, &start); err != nil {
			return err
		}
		if err := r.flushCategories(); err != nil {
			return err
		}
		return r.item(&i)
	}
	return nil
}

// author yields an author who is new.
func (r *reader) author(a author) error {
	key := "publisher/" + a.Login
	if a.Login == "" || r.seen[key] {
		return nil
	}
	r.seen[key] = true
	if a.Name == "" {
		a.Name = a.Login
	}
	return r.yield(&record.Publisher{Common: record.Common{Key: key, Where: "author " + a.Login}, Name: a.Name, Public: true})
}

// flushCategories yields the categories that were read, parents first.
func (r *reader) flushCategories() error {
	bySlug := map[string]*term{}
	for _, c := range r.categories {
		bySlug[c.Slug] = c
	}
	var walk func(c *term, depth int) error
	walk = func(c *term, depth int) error {
		if above := bySlug[c.Parent]; above != nil && above != c && depth < len(r.categories) {
			if err := walk(above, depth+1); err != nil {
				return err
			}
		}
		return r.category(c)
	}
	for _, c := range r.categories {
		if err := walk(c, 0); err != nil {
			return err
		}
	}
	r.categories = nil
	return nil
}

// category yields a category that is new.
func (r *reader) category(c *term) error {
	key := "category/" + c.Slug
	if r.seen[key] {
		return nil
	}
	r.seen[key] = true
	out := &record.Category{Common: record.Common{Key: key, Where: "category " + c.Slug}, Name: unescape(c.Name), Slug: c.Slug, Paths: []string{"/category/" + c.Slug + "/"}}
	if c.ID != "" {
		out.Paths = append(out.Paths, "/?cat="+c.ID)
	}
	if c.Parent != "" {
		out.Parent = "category/" + c.Parent
	}
	if out.Name == "" {
		out.Name = c.Slug
	}
	return r.yield(out)
}
