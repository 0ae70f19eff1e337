package demo_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/change"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/app/demo"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var system = viewer.AsSystem(context.Background())

func fill(t testing.TB, s *storetest.Store) {
	t.Helper()
	log := changefeed.New(s.Store)
	articles := article.New(article.Options{Store: s.Store, Log: log, Categories: category.New(s.Store, log)})
	if err := demo.Fill(context.Background(), s.Store, articles, site.New(s.Store), s.Clock()); err != nil {
		t.Fatalf("fill the demo: %v", err)
	}
}

func each(t *testing.T, test func(*testing.T, *storetest.Store)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		fill(t, s)
		test(t, s)
	})
}

func BenchmarkFill(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := storetest.SQLite(b)
		b.StartTimer()
		fill(b, s)
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		for _, want := range []bool{true, false} {
			if empty, err := demo.Empty(context.Background(), s.Store); empty != want || err != nil {
				t.Errorf("empty: %t, %v, want %t", empty, err, want)
			}
			if want {
				fill(t, s)
			}
		}
	})
}

func TestPortal(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *storetest.Store) {
		c := s.Client(system)
		status := func(st entarticle.Status) int { return c.Article.Query().Where(entarticle.StatusEQ(st)).CountX(system) }
		later := c.Article.Query().Where(entarticle.StatusEQ(entarticle.StatusPUBLISHED), entarticle.PublishedAtGT(s.Clock())).CountX(system)
		got := map[string]int{
			"regions": c.Region.Query().CountX(system), "categories": c.Category.Query().CountX(system),
			"publishers": c.Publisher.Query().CountX(system), "articles": c.Article.Query().CountX(system),
			"drafts": status(entarticle.StatusDRAFT), "unpublished": status(entarticle.StatusUNPUBLISHED), "scheduled": later,
			"seen by all": s.Client(context.Background()).Article.Query().CountX(context.Background()),
		}
		want := map[string]int{"regions": 10, "categories": 40, "publishers": 14, "articles": 200, "drafts": 6, "unpublished": 2, "scheduled": 4, "seen by all": 188}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		rounds := c.Article.Query().Where(entarticle.Slug("night-rounds-quiet")).OnlyX(system)
		if rounds.ViewCount == 0 || rounds.Cover != "/media/demo/corridor.png" {
			t.Errorf("%+v", rounds)
		}
		facts, err := site.New(s.Store).Get(context.Background())
		if err != nil || facts.Name != "青禾养老网" || facts.Copyright != "(c)2008-现在 青禾养老网" || facts.Contact == "" || facts.ICPNumber == "" || facts.Disclaimer == "" {
			t.Errorf("%+v, %v", facts, err)
		}
	})
}

// TestFillIsDeterministic fills databases of both engines at the same time and compares
// them by byte.
func TestFillIsDeterministic(t *testing.T) {
	t.Parallel()
	first := storetest.SQLite(t)
	fill(t, first)
	want := export(t, first)
	each(t, func(t *testing.T, s *storetest.Store) {
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(export(t, s), "\n")); diff != "" {
			t.Errorf("the portals differ (-first +second):\n%s", diff)
		}
	})
}

func export(t *testing.T, s *storetest.Store) string {
	t.Helper()
	var b strings.Builder
	if err := exporter.New(s.Store, site.New(s.Store)).Export(context.Background(), &b, exporter.Position{}, func(int) {}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestComments(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *storetest.Store) {
		seen, all := map[string]int{}, map[string]int{}
		states := map[entcomment.Status]int{}
		replies := 0
		for _, c := range s.Client(system).Comment.Query().WithParent().WithArticle().AllX(system) {
			states[c.Status]++
			all[c.ArticleID]++
			if c.Status == entcomment.StatusAPPROVED {
				seen[c.ArticleID]++
			}
			if c.CreatedAt < *c.Edges.Article.PublishedAt || c.CreatedAt > s.Clock() || c.UpdatedAt < c.CreatedAt || c.UpdatedAt > s.Clock() {
				t.Errorf("%s was written at %s and decided at %s", c.ID, c.CreatedAt, c.UpdatedAt)
			}
			if strings.Contains(c.Text, "厂家直供") && c.Status != entcomment.StatusREJECTED {
				t.Errorf("an advertisement is %s: %s", c.Status, c.Text)
			}
			if p := c.Edges.Parent; p != nil {
				replies++
				if p.ArticleID != c.ArticleID || p.CreatedAt > c.CreatedAt || p.ID >= c.ID || p.Status != entcomment.StatusAPPROVED {
					t.Errorf("%s answers %s, which is not an approved earlier comment", c.ID, p.ID)
				}
			}
		}
		total := states[entcomment.StatusAPPROVED] + states[entcomment.StatusPENDING] + states[entcomment.StatusREJECTED]
		if len(states) != 3 || states[entcomment.StatusAPPROVED]*3 < total*2 || replies < 30 {
			t.Errorf("%v with %d replies; most should be approved", states, replies)
		}
		most, none := 0, 0
		for _, a := range s.Client(system).Article.Query().AllX(system) {
			if a.CommentCount != seen[a.ID] {
				t.Errorf("%s counts %d comments and has %d", a.Slug, a.CommentCount, seen[a.ID])
			}
			most = max(most, all[a.ID])
			if all[a.ID] == 0 {
				none++
			}
		}
		if most < 8 || none < 20 {
			t.Errorf("at most %d comments under an article, and %d articles without", most, none)
		}
	})
}

// TestReports checks that each report is about an item that existed when it was filed, and
// about a comment if its statement mentions one.
func TestReports(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *storetest.Store) {
		c := s.Client(system)
		kinds, states, overdue := map[report.Kind]bool{}, map[report.Status]bool{}, 0
		for _, r := range c.Report.Query().AllX(system) {
			kinds[r.Kind], states[r.Status] = true, true
			if r.Status == report.StatusFILED && r.DueAt < s.Clock() {
				overdue++
			}
			if (r.Status == report.StatusFILED) != (r.DecidedAt == nil) || r.FiledAt > s.Clock() {
				t.Errorf("%+v", r)
			}
			ofComment := typeid.Is(typeid.Comment, r.Target)
			if ofComment != strings.Contains(r.Statement, "评论") {
				t.Errorf("%s is of %s", r.Statement, r.Target)
			}
			if ofComment && c.Comment.GetX(system, r.Target).CreatedAt >= r.FiledAt || !ofComment && *c.Article.GetX(system, r.Target).PublishedAt >= r.FiledAt {
				t.Errorf("%s was filed before %s existed", r.ID, r.Target)
			}
		}
		if len(kinds) != 8 || len(states) != 3 || overdue == 0 {
			t.Errorf("%d kinds, %d states, %d overdue; want 8, 3 and some", len(kinds), len(states), overdue)
		}
	})
}

// TestAddresses checks that all addresses are reserved for documentation.
func TestAddresses(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	fill(t, s)
	var networks []netip.Prefix
	for _, n := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"} {
		networks = append(networks, netip.MustParsePrefix(n))
	}
	check := func(address string) {
		if ip, err := netip.ParseAddr(address); err != nil || !slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(ip) }) {
			t.Errorf("%q is not reserved for documentation", address)
		}
	}
	c := s.Client(system)
	for _, a := range c.Article.Query().AllX(system) {
		check(a.OriginAddress)
	}
	for _, a := range c.Comment.Query().AllX(system) {
		check(a.OriginAddress)
	}
	for _, a := range c.Report.Query().AllX(system) {
		check(a.OriginAddress)
	}
}

// TestChangeLog checks that everything readers see is in the change log once, after the
// items it refers to, and that people's names are masked.
func TestChangeLog(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *storetest.Store) {
		var types []string
		counts := map[string]int{}
		for _, c := range s.Client(system).Change.Query().Order(change.ByID()).AllX(system) {
			if len(types) == 0 || types[len(types)-1] != c.ItemType {
				types = append(types, c.ItemType)
			}
			counts[c.ItemType]++
			if c.Kind != string(changefeed.Created) || strings.Contains(c.Payload, `"name":"林小满"`) {
				t.Errorf("%s %s", c.Kind, c.Payload)
			}
		}
		if diff := cmp.Diff([]string{"Region", "Publisher", "Category", "Article", "Comment"}, types); diff != "" {
			t.Errorf("the order: %s", diff)
		}
		public := context.Background()
		count := func(n int, err error) int {
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		c := s.Client(public)
		want := map[string]int{"Region": 10, "Publisher": 14, "Category": 40,
			"Article": count(c.Article.Query().Count(public)), "Comment": count(c.Comment.Query().Count(public))}
		if diff := cmp.Diff(want, counts); diff != "" {
			t.Errorf("entries by type: %s", diff)
		}
	})
}
