package importer

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// text is what becomes of the text of an article.
type text struct {
	body     body.Document
	cover    string
	lost     []string
	complete bool // all pictures are stored here
	failed   bool // a picture could not be fetched, and is tried again by the next import
	err      error
}

// prepare reads the texts of articles, concurrently, and stores their pictures.
func (m *mover) prepare(ctx context.Context, tasks []*task) error {
	var readers errgroup.Group
	readers.SetLimit(runtime.GOMAXPROCS(0))
	for _, t := range tasks {
		if a, ok := t.record.(*record.Article); ok {
			readers.Go(func() error {
				t.text = readText(a)
				return nil
			})
		}
	}
	if err := readers.Wait(); err != nil {
		return err
	}
	return m.storePictures(ctx, tasks)
}

// readText reads the text of an article and the address of its cover.
func readText(a *record.Article) (t text) {
	base := a.Base
	if base == "" {
		base = record.NoAddress + "/"
	}
	var notes []body.Note
	switch source := strings.ReplaceAll(strings.ToValidUTF8(a.Text, "\uFFFD"), "\x00", ""); a.Format {
	case record.Markdown:
		t.body, notes, t.err = mdin.ReadAt(source, base)
	case record.WordPress:
		t.body, notes, t.err = htmlin.ReadWordPress(source, base)
	default:
		t.body, notes, t.err = htmlin.Read(source, base)
	}
	if t.err != nil {
		t.err = fmt.Errorf("its text cannot be read: %w", t.err)
	}
	for _, n := range notes {
		t.lost = append(t.lost, n.Message(false))
	}
	if a.Cover == "" {
		return t
	}
	if doc, _, err := htmlin.Read(`<img src="`+htmlEscape.Replace(a.Cover)+`">`, base); err == nil {
		body.Walk(doc, func(_ body.Path, n body.Node) bool {
			t.cover = n.Src
			return true
		})
	}
	if t.cover == "" {
		t.lost = append(t.lost, fmt.Sprintf("its cover has no usable address: %.200s", a.Cover))
	}
	return t
}

var htmlEscape = strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;")

// storePictures stores the pictures of articles and replaces their addresses.
func (m *mover) storePictures(ctx context.Context, tasks []*task) error {
	stored, err := m.picturesOf(ctx, tasks)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		a, ok := t.record.(*record.Article)
		if !ok || t.text.err != nil {
			continue
		}
		t.text.complete = true
		replace := func(address string) string {
			p := stored[address]
			switch {
			case p.path != "":
				return p.path
			case errors.Is(p.err, record.ErrNoFile) && strings.HasPrefix(address, record.NoAddress):
				t.text.lost = append(t.text.lost, fmt.Sprintf("there is no file for the picture %s", strings.TrimPrefix(address, record.NoAddress)))
			case p.err != nil && !errors.Is(p.err, record.ErrNoFile):
				t.text.failed = true
				m.sum.Failures.add(Rejection{Name: m.where(a), Reason: fmt.Sprintf("%.200s: %v", address, reason(p.err))})
			}
			t.text.complete = false
			return strings.TrimPrefix(address, record.NoAddress)
		}
		t.text.body = t.text.body.WithImages(func(n body.Node) body.Node {
			n.Src = replace(n.Src)
			return n
		}).WithAddresses(func(address string) string { return strings.TrimPrefix(address, record.NoAddress) })
		if t.text.cover != "" {
			t.text.cover = replace(t.text.cover)
		}
	}
	return nil
}
