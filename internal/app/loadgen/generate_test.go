package loadgen_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/change"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/tagging"
	"github.com/tonggao/tonggao/internal/app/loadgen"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var system = viewer.AsSystem(context.Background())

func articles(s *storetest.Store) *article.Service {
	log := changefeed.New(s.Store)
	return article.New(article.Options{Store: s.Store, Log: log, Categories: category.New(s.Store, log)})
}

func run(t testing.TB, s *storetest.Store, n int, seed uint64) {
	t.Helper()
	err := loadgen.Run(context.Background(), s.Store, loadgen.Options{Articles: n, Seed: seed}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
}

func export(t testing.TB, s *storetest.Store) string {
	t.Helper()
	var b strings.Builder
	if err := exporter.New(s.Store, site.New(s.Store)).Export(context.Background(), &b, exporter.Position{}, func(int) {}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// BenchmarkRun says how many articles a second go into an SQLite file.
func BenchmarkRun(b *testing.B) {
	const n = 3000
	for b.Loop() {
		b.StopTimer()
		s := storetest.SQLite(b)
		b.StartTimer()
		run(b, s, n, 1)
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "articles/s")
}

// TestSame: the same seed gives the same content to the byte, on both engines;
// another seed gives another.
func TestSame(t *testing.T) {
	t.Parallel()
	first, other := storetest.SQLite(t), storetest.SQLite(t)
	run(t, first, 30, 7)
	run(t, other, 30, 8)
	want := export(t, first)
	if want == export(t, other) {
		t.Error("the seed makes no difference")
	}
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		run(t, s, 30, 7)
		if export(t, s) != want {
			t.Error("other content")
		}
	})
}

// TestShape: as much of everything as the command promises.
func TestShape(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		const n = 1100
		run(t, s, n, 1)
		c := s.Client(system)
		levels := map[int]int{}
		for _, at := range c.Category.Query().WithParent(func(q *ent.CategoryQuery) { q.WithParent() }).AllX(system) {
			level := 1
			for p := at.Edges.Parent; p != nil; p = p.Edges.Parent {
				level++
			}
			levels[level]++
		}
		if diff := cmp.Diff(map[int]int{1: 4, 2: 16, 3: 40}, levels); diff != "" {
			t.Errorf("60 categories in three levels: %s", diff)
		}
		got := []int{c.Region.Query().CountX(system), c.Publisher.Query().CountX(system), c.Article.Query().CountX(system), c.Comment.Query().CountX(system)}
		if diff := cmp.Diff([]int{10, 2000, n, 3 * n}, got); diff != "" {
			t.Errorf("regions, publishers, articles, comments: %s", diff)
		}
		approved := c.Comment.Query().Where(entcomment.StatusEQ(entcomment.StatusAPPROVED)).CountX(system)
		if approved < 3*n*8/10 || approved == 3*n {
			t.Errorf("%d of %d comments are approved; most should be", approved, 3*n)
		}
		rows := c.Article.Query().WithBody().Order(entarticle.ByPublishedAt()).AllX(system)
		if years := rows[n-1].PublishedAt.Sub(*rows[0].PublishedAt).Hours() / 24 / 365; years < 9.9 || years > 10 {
			t.Errorf("they spread over %.1f years, want 10", years)
		}
		times := map[instant.Instant]bool{}
		kinds := map[body.Kind]bool{}
		for _, a := range rows {
			times[*a.PublishedAt] = true
			doc, err := body.Load([]byte(a.Edges.Body.Document))
			if err != nil {
				t.Fatal(err)
			}
			if size := utf8.RuneCountInString(render.Text(doc)); size < 1500 || size > 4000+100 {
				t.Errorf("%s has %d characters, want 1,500 to 4,000", a.ID, size)
			}
			body.Walk(doc, func(_ body.Path, n body.Node) bool { kinds[n.Kind] = true; return true })
		}
		if len(times) > n/2 {
			t.Errorf("%d articles have %d times; many should be equal", n, len(times))
		}
		for _, k := range []body.Kind{body.KindHeading, body.KindBulletList, body.KindTable} {
			if !kinds[k] {
				t.Errorf("there is no %s", k)
			}
		}
	})
}

// TestAsSaved: what is written in bulk is, to the last column, what the service
// writes one by one, which an import does.
func TestAsSaved(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		run(t, s, 40, 5)
		copied := storetest.SQLite(t)
		log, facts := changefeed.New(copied.Store), site.New(copied.Store)
		categories := category.New(copied.Store, log)
		in := importer.New(importer.Options{Store: copied.Store, Log: log, Articles: article.New(article.Options{Store: copied.Store, Log: log, Categories: categories}), Categories: categories, Publishers: publisher.New(copied.Store, log), Site: facts})
		var result importer.Result
		if err := in.NDJSON(context.Background(), "a", strings.NewReader(export(t, s)), &result, func(int) {}); err != nil || len(result.Rejected) > 0 {
			t.Fatalf("%v %v", err, result.Rejected)
		}
		if diff := cmp.Diff(rows(t, copied), rows(t, s)); diff != "" {
			t.Error(diff)
		}
	})
}

// rows is everything about the articles, as rows and as what is found.
func rows(t *testing.T, s *storetest.Store) (all []string) {
	t.Helper()
	add := func(v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	c := s.Client(system)
	for _, a := range c.Article.Query().Order(entarticle.ByID()).WithBody().AllX(system) {
		add(a)
		for _, tag := range c.Article.QueryTaggings(a).Order(tagging.ByID()).AllX(system) {
			add([]any{tag.Tag, tag.ListedAt})
		}
		for _, e := range c.Change.Query().Where(change.ItemID(a.ID)).AllX(system) {
			add([]any{e.Kind, e.ItemType, e.Version, e.Payload})
		}
	}
	for _, kind := range []string{"Region", "Category", "Publisher"} {
		for _, e := range c.Change.Query().Where(change.ItemType(kind)).Order(change.ByItemID()).AllX(system) {
			add([]any{e.Kind, e.ItemID, e.Version, e.Payload})
		}
	}
	first := pagination.MaxSize
	for _, word := range []string{"护理员", "走廊扶手", "据介绍"} {
		found, err := articles(s).Search(context.Background(), word, nil, pagination.Request{First: &first})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found.Edges {
			add(e.Node.ID)
		}
	}
	return all
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	ctx, cancel := context.WithCancel(context.Background())
	err := loadgen.Run(ctx, s.Store, loadgen.Options{Articles: 2000, Seed: 1}, func(int) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := s.Client(system).Article.Query().CountX(system); n != 250 {
		t.Errorf("%d articles are there, want one batch of 250", n)
	}
}
