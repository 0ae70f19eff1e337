package graph_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// A longList is many articles with few different times.
type longList struct {
	*apptest.Program
	t                   *testing.T
	category, publisher string
	random              *rand.Rand
	slot                int64
}

// newLongList writes n published articles in bulk; about fifty share each time.
func newLongList(t *testing.T, p *apptest.Program, n int) (*longList, []string) {
	t.Helper()
	f := &longList{Program: p, t: t, random: rand.New(rand.NewPCG(7, 7)),
		category: p.Category("行业新闻", "news", nil).ID, publisher: p.Publisher("青禾养老网编辑部", true).ID}
	var ids []string
	for len(ids) < n {
		ids = append(ids, f.add(min(500, n-len(ids)))...)
	}
	return f, ids
}

// add writes n more articles at random positions of the list.
func (f *longList) add(n int) []string {
	f.t.Helper()
	ids := make([]string, n)
	err := f.Store.Tx(apptest.System(), func(ctx context.Context, c *ent.Client) error {
		rows := make([]*ent.ArticleCreate, n)
		for i := range rows {
			f.slot++
			at := f.Store.Clock().Add(-time.Duration(f.random.IntN(200)) * time.Minute)
			ids[i] = typeid.New(typeid.Article, at)
			rows[i] = c.Article.Create().SetID(ids[i]).SetSlug(fmt.Sprintf("a-%d", f.slot)).SetTitle("标题").SetStatus("PUBLISHED").
				SetPublishedAt(at).SetListedAt(at).SetCreatedAt(at).SetUpdatedAt(at.Add(time.Duration(f.random.IntN(5)) * time.Hour)).
				SetViewCount(int64(f.random.IntN(30))).SetSearchSlot(f.slot).SetCategoryID(f.category).SetPublisherID(f.publisher)
		}
		return c.Article.CreateBulk(rows...).Exec(ctx)
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return ids
}

func (f *longList) remove(id string) {
	f.t.Helper()
	if err := f.Store.Client(apptest.System()).Article.DeleteOneID(id).Exec(apptest.System()); err != nil {
		f.t.Fatal(err)
	}
}

type walkPage struct {
	Articles struct {
		Edges    []struct{ Node struct{ ID string } }
		PageInfo struct {
			HasNextPage, HasPreviousPage bool
			StartCursor, EndCursor       *string
		}
	}
}

// walk reads the list in pages of seven while articles are added and removed, and returns
// all IDs in the order of the list.
func (f *longList) walk(order string, backward bool, victims *[]string) []string {
	f.t.Helper()
	arguments, cursor := "first: 7, after: $at", new(string)
	if backward {
		arguments = "last: 7, before: $at"
	}
	query := fmt.Sprintf(`query ($at: Cursor) { articles(orderBy: %s, %s) {
		edges { node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`, order, arguments)
	var ids []string
	for cursor = nil; ; {
		var got walkPage
		f.MustAsk("", query, map[string]any{"at": cursor}, &got)
		page := make([]string, len(got.Articles.Edges))
		for i, e := range got.Articles.Edges {
			page[i] = e.Node.ID
		}
		info, more := got.Articles.PageInfo, false
		if backward {
			ids, cursor, more = append(page, ids...), info.StartCursor, info.HasPreviousPage
		} else {
			ids, cursor, more = append(ids, page...), info.EndCursor, info.HasNextPage
		}
		if !more {
			return ids
		}
		if f.random.IntN(20) == 0 {
			f.add(2)
			f.remove((*victims)[len(*victims)-1])
			*victims = (*victims)[:len(*victims)-1]
		}
	}
}

// TestPagination reads articles with many equal times in pages, forwards and backwards,
// while others are added and removed: each article that exists all the time is
// returned exactly once, in the order of the list.
func TestPagination(t *testing.T) {
	t.Parallel()
	n := effort.N(2000)
	if testing.Short() {
		n = 700
	}
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		f, ids := newLongList(t, apptest.Start(t, s), n)
		stay, victims := ids[:n-n/5], ids[n-n/5:]
		for _, order := range []string{"PUBLISHED_DESC", "PUBLISHED_ASC", "VIEWS_DESC", "UPDATED_DESC"} {
			for _, backward := range []bool{false, true} {
				seen := f.walk(order, backward, &victims)
				times := make(map[string]int, len(seen))
				for _, id := range seen {
					times[id]++
				}
				for _, id := range stay {
					if times[id] != 1 {
						t.Fatalf("%s, backwards %v: %s is returned %d times", order, backward, id, times[id])
					}
				}
				f.inOrder(order, seen)
			}
		}
	})
}

// inOrder compares the order of ids with the rows, sorted in memory.
func (f *longList) inOrder(order string, ids []string) {
	f.t.Helper()
	rows, err := f.Store.Client(apptest.System()).Article.Query().All(apptest.System())
	if err != nil {
		f.t.Fatal(err)
	}
	value := make(map[string]int64, len(rows))
	for _, a := range rows {
		value[a.ID] = map[string]int64{"PUBLISHED_DESC": -int64(a.ListedAt), "PUBLISHED_ASC": int64(a.ListedAt),
			"VIEWS_DESC": -a.ViewCount, "UPDATED_DESC": -int64(a.UpdatedAt)}[order]
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { _, kept := value[id]; return !kept })
	if !slices.IsSortedFunc(ids, func(a, b string) int { return int(min(1, max(-1, value[a]-value[b]))) }) {
		f.t.Errorf("%s: the list is out of order", order)
	}
}

// TestPaginationInTimeZones repeats TestPagination in processes with other time zones.
func TestPaginationInTimeZones(t *testing.T) {
	t.Parallel()
	if os.Getenv("TONGGAO_TEST_ZONE") != "" {
		return // this is such a process
	}
	for _, zone := range []string{"Asia/Shanghai", "America/New_York"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			if _, err := time.LoadLocation(zone); err != nil {
				t.Fatalf("the machine does not know the zone: %v", err)
			}
			cmd := exec.Command(os.Args[0], "-test.run=^(TestPagination|TestTimesHaveAnOffset)$", "-test.short")
			cmd.Env = append(os.Environ(), "TZ="+zone, "TONGGAO_TEST_ZONE="+zone)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("in %s: %v\n%s", zone, err, out)
			}
		})
	}
}

// TestTimesHaveAnOffset filters by the same time in three offsets: the answers are the same,
// with all times in +08:00.
func TestTimesHaveAnOffset(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		p.Many(5, 0, []*ent.Category{p.Category("行业新闻", "news", nil)}, []*ent.Publisher{p.Publisher("青禾养老网编辑部", true)})
		since := s.Clock().Add(-2 * time.Hour)
		var answers []string
		for _, zone := range []*time.Location{time.UTC, instant.Zone, time.FixedZone("", -5*3600)} {
			a := p.Ask("", `query ($t: Time!) { articles(filter: { publishedAfter: $t }) { totalCount edges { node { publishedAt } } } }`,
				map[string]any{"t": since.Time().In(zone).Format(time.RFC3339Nano)})
			answers = append(answers, string(a.Data))
		}
		want := `{"articles":{"totalCount":3,"edges":[{"node":{"publishedAt":"2026-03-02T09:00:00+08:00"}},{"node":{"publishedAt":"2026-03-02T08:00:00+08:00"}},{"node":{"publishedAt":"2026-03-02T07:00:00+08:00"}}]}}`
		for _, got := range answers {
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
}

// TestInvalidCursors changes every byte of a cursor, and uses it with other lists.
func TestInvalidCursors(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		c := p.Category("行业新闻", "news", nil)
		articles := p.Many(9, 0, []*ent.Category{c}, []*ent.Publisher{p.Publisher("青禾养老网编辑部", true)})
		var got walkPage
		p.MustAsk("", `{ articles(first: 3) { pageInfo { endCursor } } }`, nil, &got)
		cursor := *got.Articles.PageInfo.EndCursor
		for i := range cursor {
			altered := []byte(cursor)
			if altered[i]++; altered[i] == '[' || altered[i] == '{' || altered[i] == ':' || altered[i] == '`' {
				altered[i] = 'a'
			}
			refuse(t, p, fmt.Sprintf(`{ articles(first: 3, after: %q) { edges { node { id } } } }`, altered))
		}
		for _, query := range []string{
			`{ articles(first: 3, after: %q, orderBy: VIEWS_DESC) { edges { node { id } } } }`,
			`{ articles(first: 3, after: %q, filter: { tag: "养老" }) { edges { node { id } } } }`,
			`{ search(query: "养老", after: %q) { edges { node { id } } } }`,
			`{ comments(after: %q) { edges { node { id } } } }`,
			`{ category(id: "` + c.ID + `") { articles(after: %q) { edges { node { id } } } } }`,
			`{ article(id: "` + articles[0].ID + `") { comments(after: %q) { edges { node { id } } } } }`,
		} {
			refuse(t, p, fmt.Sprintf(query, cursor))
		}
		for _, arguments := range []string{"first: 0", "first: 101", "first: -1", "last: 0", "first: 3, last: 3", `after: ""`, `after: "zzz"`} {
			refuse(t, p, `{ articles(`+arguments+`) { edges { node { id } } } }`)
			refuse(t, p, `{ categories { articles(`+arguments+`) { edges { node { id } } } } }`)
		}
	})
}

// refuse checks that query is answered with BAD_USER_INPUT.
func refuse(t *testing.T, p *apptest.Program, query string) {
	t.Helper()
	if a := p.Ask("", query, nil); a.Code() != "BAD_USER_INPUT" {
		t.Errorf("%s\nanswered %s", query, a.Body)
	}
}
