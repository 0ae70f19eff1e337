package importer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var system = viewer.AsSystem(context.Background())

// portal is a store with its importer and exporter.
type portal struct {
	*testing.T
	*storetest.Store
	articles *article.Service
	importer *importer.Importer
	exporter *exporter.Exporter
}

func newPortal(t *testing.T, s *storetest.Store) *portal {
	log, facts := changefeed.New(s.Store), site.New(s.Store)
	categories := category.New(s.Store, log)
	articles := article.New(article.Options{Store: s.Store, Log: log, Categories: categories})
	return &portal{t, s, articles,
		importer.New(importer.Options{Store: s.Store, Log: log, Articles: articles, Categories: categories, Publishers: publisher.New(s.Store, log), Site: facts}),
		exporter.New(s.Store, facts)}
}

// each runs test on both engines, with an empty portal.
func each(t *testing.T, test func(*portal)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) { test(newPortal(t, s)) })
}

func (h *portal) page(text string) importer.Result {
	h.Helper()
	var result importer.Result
	if err := h.importer.Page(context.Background(), "page.txt", strings.NewReader(text), &result); err != nil {
		h.Fatalf("import a page: %v", err)
	}
	return result
}

func (h *portal) ndjson(archive string) importer.Result {
	h.Helper()
	var result importer.Result
	if err := h.importer.NDJSON(context.Background(), "a.ndjson", strings.NewReader(archive), &result, func(int) {}); err != nil {
		h.Fatalf("import an archive: %v", err)
	}
	return result
}

func (h *portal) export() string {
	h.Helper()
	var b strings.Builder
	if err := h.exporter.Export(context.Background(), &b, exporter.Position{}, func(int) {}); err != nil {
		h.Fatalf("export: %v", err)
	}
	return b.String()
}

// only returns the only article.
func (h *portal) only() *ent.Article {
	h.Helper()
	a, err := h.Client(system).Article.Query().WithCategory(func(q *ent.CategoryQuery) { q.WithParent() }).WithPublisher().Only(system)
	if err != nil {
		h.Fatalf("read the article: %v", err)
	}
	return a
}

// log returns the change feed, one entry a line.
func (h *portal) log() string {
	h.Helper()
	rows, err := h.Client(system).Change.Query().Order(change.ByID()).All(system)
	if err != nil {
		h.Fatalf("read the change log: %v", err)
	}
	var b strings.Builder
	for _, c := range rows {
		_, _ = fmt.Fprintf(&b, "%s %s %s %d %s\n", c.Kind, c.ItemType, c.ItemID, c.Version, c.Payload)
	}
	return b.String()
}

// titled returns the article with a title.
func (h *portal) titled(title string) *ent.Article {
	h.Helper()
	a, err := h.Client(system).Article.Query().Where(entarticle.Title(title)).Only(system)
	if err != nil {
		h.Fatalf("read the article %s: %v", title, err)
	}
	return a
}
