package exporter_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	entarticle "github.com/tonggao/tonggao/ent/article"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/schema"
	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/app/demo"
	"github.com/tonggao/tonggao/internal/app/loadgen"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/sync/archive"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var system = viewer.AsSystem(context.Background())

// portal is a store with its importer and exporter.
type portal struct {
	*storetest.Store
	articles *article.Service
	facts    *site.Service
	importer *importer.Importer
	exporter *exporter.Exporter
}

func open(s *storetest.Store) *portal {
	log, facts := changefeed.New(s.Store), site.New(s.Store)
	categories := category.New(s.Store, log)
	articles := article.New(article.Options{Store: s.Store, Log: log, Categories: categories})
	return &portal{s, articles, facts,
		importer.New(importer.Options{Store: s.Store, Log: log, Articles: articles, Categories: categories, Publishers: publisher.New(s.Store, log), Site: facts}), exporter.New(s.Store, facts)}
}

func (h *portal) export(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	if err := h.exporter.Export(context.Background(), &b, exporter.Position{}, func(int) {}); err != nil {
		t.Fatalf("export: %v", err)
	}
	return b.String()
}

func (h *portal) ndjson(t testing.TB, archive io.Reader) importer.Result {
	t.Helper()
	var result importer.Result
	if err := h.importer.NDJSON(context.Background(), "a.ndjson", archive, &result, func(int) {}); err != nil {
		t.Fatalf("import: %v", err)
	}
	return result
}

// fill adds the demo content and what that does not have: revisions, an edited article, and
// characters that JSON may escape.
func fill(t *testing.T, h *portal) {
	t.Helper()
	if err := demo.Fill(context.Background(), h.Store.Store, h.articles, h.facts, h.Clock()); err != nil {
		t.Fatal(err)
	}
	a := h.Client(system).Article.Query().Where(entarticle.StatusEQ(entarticle.StatusPUBLISHED)).FirstX(system)
	title, text := "<b>一碗面</b> & “两元”", "面 < 八毛 & \u2028 > 两元\n\n- 一\n- 二"
	_, err := h.articles.Update(system, article.UpdateInput{Article: a.ID, Version: a.Version, Title: &title, Body: &article.BodyInput{Markdown: &text}})
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{strings.Repeat("0123456789", 4), strings.Repeat("abcdef0123", 4)} {
		h.Client(system).Picture.Create().SetID(typeid.New(typeid.Picture, h.Clock())).SetHash(hash).SetAlt("院子里的桂花树").SetUploadedBy("编辑部").
			SetFiles([]schema.PictureFile{{Type: "image/jpeg", Width: 700, Height: 500, Bytes: 9000}, {Type: "image/jpeg", Width: 320, Height: 229, Bytes: 3000}}).
			SetCreatedAt(h.Clock()).ExecX(system)
	}
}

// TestMove moves the portal to the other engine: the archives are equal byte for byte, what
// is derived from an archive is right, and repeating an import changes nothing.
func TestMove(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		from, to := open(s), open(other(t, s))
		fill(t, from)
		want := from.export(t)
		lines := strings.Count(want, "\n")
		if diff := cmp.Diff(importer.Result{Created: lines - 1, Updated: 1}, to.ndjson(t, strings.NewReader(want))); diff != "" {
			t.Fatalf("the import: %s", diff)
		}
		if got := to.export(t); got != want {
			t.Errorf("another archive came out: %s", cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
		}
		if diff := cmp.Diff(from.derived(t), to.derived(t)); diff != "" {
			t.Errorf("what is derived from an archive: %s", diff)
		}
		if diff := cmp.Diff(importer.Result{Unchanged: lines}, to.ndjson(t, strings.NewReader(want))); diff != "" {
			t.Errorf("the second import: %s", diff)
		}
	})
}

// other returns an empty store on the engine that s is not on, if there is one.
func other(t *testing.T, s *storetest.Store) *storetest.Store {
	if strings.HasPrefix(s.URL, "sqlite:") {
		if url, ok := storetest.PostgresDatabase(t); ok {
			return storetest.Open(t, url)
		}
	}
	return storetest.SQLite(t)
}

// derived returns what readers see and an archive does not hold, as it is derived from it.
func (h *portal) derived(t *testing.T) (facts []string) {
	t.Helper()
	note := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	ctx := context.Background()
	for _, a := range h.Client(ctx).Article.Query().WithTaggings().Order(entarticle.ByID()).AllX(ctx) {
		note("%s lead %q comments %d tags %v listed %s tagged %d", a.ID, a.Lead, a.CommentCount, a.Tags, a.ListedAt, len(a.Edges.Taggings))
	}
	for _, word := range []string{"护理员", "养老", "助餐", "两元"} {
		note("search %s: %v", word, h.find(t, word))
	}
	note("comments seen by all: %d", h.Client(ctx).Comment.Query().CountX(ctx))
	approved := h.Client(system).Comment.Query().Where(entcomment.StatusEQ(entcomment.StatusAPPROVED)).CountX(system)
	note("approved: %d", approved)
	return facts
}

// TestExportOrder checks that types are in the order of archive.Types, each by id, and
// parents before their children.
func TestExportOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		h := open(s)
		fill(t, h)
		var types []string
		last, seen := "", map[string]bool{"": true}
		for l := range strings.Lines(h.export(t)) {
			kind, id, parent := archiveLine(t, l)
			if len(types) == 0 || types[len(types)-1] != kind {
				types, last = append(types, kind), ""
			}
			if kind != archive.TypeCategory && kind != archive.TypeViews && kind != archive.TypeSite && id <= last {
				t.Errorf("%s comes after %s", id, last)
			}
			if !seen[parent] {
				t.Errorf("%s comes before its parent %s", id, parent)
			}
			seen[id], last = true, id
		}
		want := []string{"Site", "Region", "Category", "Publisher", "Picture", "Article", "Revision", "Comment", "Report", "Views"}
		if diff := cmp.Diff(want, types); diff != "" {
			t.Error(diff)
		}
	})
}

// TestExportHoldsNoSecrets: tokens, and the key that signs cursors, are never exported.
func TestExportHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		h := open(s)
		fill(t, h)
		secret, token, err := token.New(s.Store).Create(system, token.CreateInput{Role: viewer.Admin, Name: "令牌甲乙丙"})
		if err != nil {
			t.Fatal(err)
		}
		archive := h.export(t)
		hidden := []string{secret, token.ID, token.Hash, "令牌甲乙丙", "cursor_key"}
		for _, setting := range s.Client(system).Setting.Query().AllX(system) {
			if setting.ID != "site" && setting.ID != "unlogged_changes" { // facts that all may know, and a counter
				hidden = append(hidden, setting.Value)
			}
		}
		for _, h := range hidden {
			if h == "" || strings.Contains(archive, h) {
				t.Errorf("the archive has %q", h)
			}
		}
	})
}

// TestExportPages exports several pages of rows. The number of statements grows with the
// pages, not with the rows.
func TestExportPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		h := open(s)
		err := loadgen.Run(context.Background(), s.Store, loadgen.Options{Articles: 20, Seed: 3}, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		var out string
		statements := s.Count(func() { out = h.export(t) })
		if n := strings.Count(out, `{"type":"Publisher"`); n != 2000 {
			t.Errorf("%d publishers, want 2000", n)
		}
		if statements > 22 {
			t.Errorf("%d statements for 2,000 publishers in pages of 500 and little else", statements)
		}
	})
}

// broken is a full file system.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestExportToFullDisk(t *testing.T) {
	t.Parallel()
	h := open(storetest.SQLite(t))
	if err := h.exporter.Export(context.Background(), broken{}, exporter.Position{}, func(int) {}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v", err)
	}
}

// archiveLine returns the type, the id and the parent of a line.
func archiveLine(t *testing.T, text string) (kind, id, parent string) {
	t.Helper()
	var l struct{ Type, ID, Parent string }
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		t.Fatalf("%v: %.200s", err, text)
	}
	return l.Type, l.ID, l.Parent
}

// find returns the ids of the articles that a public search finds, newest first.
func (h *portal) find(t *testing.T, words string) (ids []string) {
	t.Helper()
	first := pagination.MaxSize
	found, err := h.articles.Search(context.Background(), words, nil, pagination.Request{First: &first})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found.Edges {
		ids = append(ids, e.Node.ID)
	}
	return ids
}

// BenchmarkMove measures both directions on SQLite.
func BenchmarkMove(b *testing.B) {
	const articles = 1000
	from := open(storetest.SQLite(b))
	err := loadgen.Run(context.Background(), from.Store.Store, loadgen.Options{Articles: articles, Seed: 1}, func(int) {})
	if err != nil {
		b.Fatal(err)
	}
	want := from.export(b)
	rate := func(b *testing.B) { b.ReportMetric(float64(b.N)*articles/b.Elapsed().Seconds(), "articles/s") }
	b.Run("export", func(b *testing.B) {
		for b.Loop() {
			if err := from.exporter.Export(context.Background(), io.Discard, exporter.Position{}, func(int) {}); err != nil {
				b.Fatal(err)
			}
		}
		rate(b)
	})
	b.Run("import", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			to := open(storetest.SQLite(b))
			runtime.GC()
			b.StartTimer()
			to.ndjson(b, strings.NewReader(want))
		}
		rate(b)
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			from.ndjson(b, strings.NewReader(want))
		}
		rate(b)
	})
}
