package article_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/testkit/portal"
)

// TestCountForPublic counts a list for the public up to a number, and for staff as a whole.
func TestCountForPublic(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		for i := range 5 {
			n.published("食堂", time.Duration(i)*time.Hour, func(in *article.CreateInput) { in.Tags = []string{"餐饮"} })
		}
		few := article.New(article.Options{Store: n.Store.Store, Log: n.Log, Categories: n.Categories, MostCount: 3})
		for name, list := range map[string]func(context.Context) (*article.Connection, error){
			"all": func(ctx context.Context) (*article.Connection, error) {
				return few.List(ctx, nil, "PUBLISHED_DESC", pagination.Request{})
			},
			"a tag": func(ctx context.Context) (*article.Connection, error) {
				return few.List(ctx, &article.Filter{Tag: new("餐饮")}, "PUBLISHED_ASC", pagination.Request{})
			},
			"search": func(ctx context.Context) (*article.Connection, error) {
				return few.Search(ctx, "食堂", nil, pagination.Request{})
			},
		} {
			for want, ctx := range map[int]context.Context{3: anybody, 5: portal.As(viewer.Editor)} {
				page, err := list(ctx)
				n.Must(err)
				if got, err := page.TotalCount(ctx); err != nil || got != want || len(page.Edges) != 5 {
					t.Errorf("%s: counted %d (%v), want %d; %d are listed", name, got, err, want, len(page.Edges))
				}
			}
		}
	})
}

func TestFilters(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		n.published("甲", 1*time.Hour, func(in *article.CreateInput) { in.Category = n.news; in.Tags = []string{"餐饮"} })
		n.published("乙", 2*time.Hour, func(in *article.CreateInput) { in.Region = &n.linlan })
		n.published("丙", 3*time.Hour, func(in *article.CreateInput) { in.Category = n.life; in.Tags = []string{"餐饮", "康复"} })
		n.published("丁", 4*time.Hour, func(in *article.CreateInput) {
			in.Publisher = &n.writer
			in.Terminals = []terminal.Terminal{terminal.Web}
		})
		n.draft("戊")
		n.published("己", -time.Hour)
		three := n.Clock().Add(-3 * time.Hour)
		for name, c := range map[string]struct {
			filter article.Filter
			want   string
		}{
			"none":                    {article.Filter{}, "甲乙丙丁"},
			"a category and below":    {article.Filter{Category: &n.news}, "甲乙丁"},
			"only the category":       {article.Filter{Category: &n.news, Exact: true}, "甲"},
			"a leaf":                  {article.Filter{Category: &n.industry}, "乙丁"},
			"a region":                {article.Filter{Region: &n.linlan}, "乙"},
			"a publisher":             {article.Filter{Publisher: &n.writer}, "丁"},
			"a tag":                   {article.Filter{Tag: new("餐饮")}, "甲丙"},
			"a tag in a category":     {article.Filter{Tag: new("餐饮"), Category: &n.news}, "甲"},
			"an unused tag":           {article.Filter{Tag: new("无")}, ""},
			"a terminal":              {article.Filter{Terminal: new(terminal.WAP)}, "甲乙丙"},
			"since":                   {article.Filter{PublishedAfter: &three}, "甲乙丙"},
			"before":                  {article.Filter{PublishedBefore: &three}, "丁"},
			"published":               {article.Filter{Status: new(article.Published)}, "甲乙丙丁"},
			"drafts":                  {article.Filter{Status: new(article.Draft)}, ""},
			"scheduled":               {article.Filter{Status: new(article.Scheduled)}, ""},
			"everything that matches": {article.Filter{Category: &n.news, Region: &n.linlan, Publisher: &n.house, Terminal: new(terminal.Feed)}, "乙"},
		} {
			list, err := n.List(anybody, &c.filter, "PUBLISHED_DESC", pagination.Request{})
			n.Must(err)
			if got := strings.Join(titles(list), ""); got != c.want {
				t.Errorf("%s: got %s, want %s", name, got, c.want)
			}
			if count, err := list.TotalCount(anybody); err != nil || count != len([]rune(c.want)) {
				t.Errorf("%s: counted %d (%v), want %d", name, count, err, len([]rune(c.want)))
			}
		}
		for status, want := range map[article.Status]string{article.Draft: "戊", article.Scheduled: "己", article.Published: "甲乙丙丁", article.Unpublished: ""} {
			list, err := n.List(editor, &article.Filter{Status: &status}, "PUBLISHED_DESC", pagination.Request{})
			n.Must(err)
			if got := strings.Join(titles(list), ""); got != want {
				t.Errorf("an editor's %s: got %s, want %s", status, got, want)
			}
		}
		_, err := n.List(anybody, &article.Filter{Category: new("行业新闻")}, "PUBLISHED_DESC", pagination.Request{})
		if !fault.Is(err, fault.BadUserInput) {
			t.Errorf("a category that is no id: %v", err)
		}
	})
}

func TestOrdersAndPages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		for i, title := range strings.Split("甲乙丙丁戊", "") {
			a := n.published(title, time.Duration(i)*time.Hour, func(in *article.CreateInput) { in.Tags = []string{"全部"} })
			n.Must(n.Client(system).Article.UpdateOneID(a.ID).SetViewCount(int64(i * 3 % 5)).SetUpdatedAt(a.UpdatedAt.Add(time.Duration(i*2%5) * time.Minute)).Exec(system))
		}
		for order, wants := range map[string][]string{
			"PUBLISHED_DESC": {"甲乙丙丁戊"}, "PUBLISHED_ASC": {"戊丁丙乙甲"},
			"VIEWS_DESC": {"丁乙戊丙甲"}, "UPDATED_DESC": {"丙戊乙丁甲"},
		} {
			for name, f := range map[string]*article.Filter{
				"all": nil, "a category": {Category: &n.news}, "a tag": {Tag: new("全部")}, "a publisher": {Publisher: &n.house},
			} {
				if got := n.walk(f, order, 2, false); got != wants[0] {
					t.Errorf("%s, %s: got %s, want %s", name, order, got, wants[0])
				}
				if got := n.walk(f, order, 2, true); got != wants[0] {
					t.Errorf("%s, %s, from the back: got %s, want %s", name, order, got, wants[0])
				}
			}
		}
	})
}

// walk reads a whole list page by page and joins the titles in its order.
func (n *fixture) walk(f *article.Filter, order string, size int, backward bool) string {
	n.t.Helper()
	r, all, ctx := pagination.Request{First: &size}, "", anybody
	if f != nil && f.Tag != nil { // in all orders, which are not for the public
		ctx = portal.As(viewer.Editor)
	}
	if backward {
		r = pagination.Request{Last: &size}
	}
	for range 100 {
		list, err := n.List(ctx, f, order, r)
		n.Must(err)
		page := strings.Join(titles(list), "")
		if backward {
			all, r.Before = page+all, list.PageInfo.StartCursor()
			if !list.PageInfo.HasPreviousPage {
				return all
			}
			continue
		}
		all, r.After = all+page, list.PageInfo.EndCursor()
		if !list.PageInfo.HasNextPage {
			return all
		}
	}
	n.t.Fatal("the list never ends")
	return ""
}

func TestSearch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		with := func(text string) func(*article.CreateInput) {
			return func(in *article.CreateInput) { in.Body.Markdown = &text }
		}
		n.published("甲", 1*time.Hour, with("社区食堂开张,老人说好。"))
		n.published("乙 社区食堂", 2*time.Hour, with("AI养老设备1718台"))
		n.published("丙", 3*time.Hour, with("社区的食堂"), func(in *article.CreateInput) { in.Category = n.life })
		n.published("丁", 4*time.Hour, with("无关"), func(in *article.CreateInput) { in.Lead = new("社区食堂在导读里") })
		n.draft("戊", with("社区食堂"))
		for query, want := range map[string]string{
			"社区食堂": "甲乙丁", "食堂": "甲乙丙丁", "社区 食堂": "甲乙丙丁", "堂开": "甲", "张老": "", "ai养老": "乙",
			"1718": "乙", "718": "", "AI": "乙", "老人说好": "甲", "不存在的词": "", `社区" OR "无关`: "",
		} {
			list, err := n.Search(anybody, query, nil, pagination.Request{})
			n.Must(err)
			got := ""
			for _, title := range titles(list) {
				got += string([]rune(title)[0])
			}
			count, err := list.TotalCount(anybody)
			if got != want || err != nil || count != len([]rune(want)) {
				t.Errorf("%s: got %s (counted %d, %v), want %s", query, got, count, err, want)
			}
		}
		list, err := n.Search(anybody, "食堂", &article.Filter{Category: &n.news}, pagination.Request{First: new(2)})
		n.Must(err)
		next, err := n.Search(anybody, "食堂", &article.Filter{Category: &n.news}, pagination.Request{First: new(2), After: list.PageInfo.EndCursor()})
		n.Must(err)
		if got := len(list.Edges); got != 2 || !list.PageInfo.HasNextPage || strings.Join(titles(next), "") != "丁" {
			t.Errorf("two pages: %v, then %v", titles(list), titles(next))
		}
		if _, err := n.Search(anybody, "堂", nil, pagination.Request{}); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("one character: %v", err)
		}
		_, err = n.Update(editor, article.UpdateInput{Article: list.Edges[0].Node.ID, Version: 2, Body: &article.BodyInput{Markdown: new("改成别的")}})
		n.Must(err)
		list, err = n.Search(anybody, "社区食堂", nil, pagination.Request{})
		n.Must(err)
		if diff := cmp.Diff([]string{"乙 社区食堂", "丁"}, titles(list)); diff != "" {
			t.Errorf("after the text changed: %s", diff)
		}
	})
}

func TestNeighboursAndRelated(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		tag := func(tags ...string) func(*article.CreateInput) {
			return func(in *article.CreateInput) { in.Tags = tags }
		}
		a := n.published("甲", 1*time.Hour, tag("餐饮", "康复"))
		n.draft("草稿", tag("餐饮", "康复"))
		b := n.published("乙", 2*time.Hour, tag("餐饮"))
		c := n.published("丙", 3*time.Hour)
		d := n.published("丁", 4*time.Hour, tag("餐饮", "康复"), func(in *article.CreateInput) { in.Category = n.life })
		all := []*ent.Article{a, b, c, d}
		previous, err := n.Previous(anybody, all, nil)
		n.Must(err)
		next, err := n.Next(anybody, all, nil)
		n.Must(err)
		for _, c := range []struct {
			of, previous, next *ent.Article
		}{{a, b, nil}, {b, c, a}, {c, nil, b}, {d, nil, nil}} {
			if got := previous[c.of.ID]; title(got) != title(c.previous) {
				t.Errorf("before %s: %s, want %s", c.of.Title, title(got), title(c.previous))
			}
			if got := next[c.of.ID]; title(got) != title(c.next) {
				t.Errorf("after %s: %s, want %s", c.of.Title, title(got), title(c.next))
			}
		}
		related, err := n.Related(anybody, all, 2, nil)
		n.Must(err)
		for of, want := range map[*ent.Article]string{a: "丁乙", b: "甲丁", c: "甲乙", d: "甲乙"} {
			got := ""
			for _, r := range related[of.ID] {
				got += r.Title
			}
			if got != want {
				t.Errorf("related to %s: %s, want %s", of.Title, got, want)
			}
		}
	})
}

// TestNeighboursOfAPublisher: that it sees its own drafts as well takes none from
// another category.
func TestNeighboursOfAPublisher(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		ours := func(in *article.CreateInput) { in.Publisher = &n.house }
		a := n.published("甲", 2*time.Hour, ours)
		n.published("丁", 3*time.Hour, ours, func(in *article.CreateInput) { in.Category = n.life })
		b := n.published("乙", 4*time.Hour, ours)
		ctx := n.publisher(n.house)
		previous, err := n.Previous(ctx, []*ent.Article{a, b}, nil)
		n.Must(err)
		related, err := n.Related(ctx, []*ent.Article{a}, 3, nil)
		n.Must(err)
		if title(previous[a.ID]) != "乙" || title(previous[b.ID]) != "none" {
			t.Errorf("before 甲 comes %s, before 乙 %s", title(previous[a.ID]), title(previous[b.ID]))
		}
		if got := related[a.ID]; len(got) != 1 || got[0].Title != "乙" {
			t.Errorf("%d are related to 甲: %v", len(got), got)
		}
	})
}

func title(a *ent.Article) string {
	if a == nil {
		return "none"
	}
	return a.Title
}
