package comment_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent"
	status "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestList lists comments with each filter and as each role.
func TestList(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		n.approved(t, n.open, "一", nil)
		n.add(t, anonymous, n.open, "二", nil)
		n.add(t, reader, n.other, "三", nil)
		n.approved(t, n.other, "四", nil)
		n.add(t, moderator, n.draft, "五", nil)
		refused := n.add(t, moderator, n.draft, "六", nil)
		_, err := n.comments.Moderate(moderator, comment.ModerateInput{Comment: refused.ID, Status: status.StatusREJECTED})
		check.NoError(t, err)

		editor := as(viewer.Editor, "tok_e")
		for _, c := range []struct {
			who    string
			ctx    context.Context
			filter *comment.Filter
			want   string
		}{
			{"anonymous", anonymous, nil, "四一"},
			{"anonymous", anonymous, &comment.Filter{Status: new(status.StatusAPPROVED), Article: &n.open}, "一"},
			{"anonymous", anonymous, &comment.Filter{Status: new(status.StatusPENDING)}, ""},
			{"anonymous", anonymous, &comment.Filter{Status: new(status.StatusREJECTED)}, ""},
			{"anonymous", anonymous, &comment.Filter{Article: &n.draft}, ""},
			{"editor", editor, nil, "四一"},
			{"editor", editor, &comment.Filter{Status: new(status.StatusPENDING)}, ""},
			{"reader, who sees its own", reader, nil, "四三一"},
			{"moderator", moderator, nil, "六五四三二一"},
			{"moderator", moderator, &comment.Filter{Status: new(status.StatusPENDING)}, "五三二"},
			{"moderator", moderator, &comment.Filter{Status: new(status.StatusREJECTED), Article: &n.draft}, "六"},
		} {
			got, err := n.comments.List(c.ctx, c.filter, pagination.Request{})
			check.NoError(t, err)
			count, err := got.TotalCount(c.ctx)
			check.NoError(t, err)
			if texts(got) != c.want || count != len([]rune(c.want)) {
				t.Errorf("%s, %+v: got %q and the count %d, want %q", c.who, c.filter, texts(got), count, c.want)
			}
		}
		if _, err := n.comments.List(anonymous, &comment.Filter{Article: new("x\x00")}, pagination.Request{}); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("a filter by something that is no id: %v", err)
		}
	})
}

// TestListPagination pages through a list of comments in both directions.
func TestListPagination(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		for i := range 7 {
			n.approved(t, n.open, fmt.Sprint(i), nil)
		}
		all, r := "", pagination.Request{First: new(3)}
		for {
			statements := n.Count(func() {
				got, err := n.comments.List(anonymous, nil, r)
				check.NoError(t, err)
				all += texts(got) + " "
				r.After = got.PageInfo.EndCursor()
				if !got.PageInfo.HasNextPage {
					r.After = nil
				}
			})
			if statements != 1 {
				t.Fatalf("a page took %d statements", statements)
			}
			if r.After == nil {
				break
			}
		}
		if all != "654 321 0 " {
			t.Errorf("paged through %q", all)
		}
		first, err := n.comments.List(anonymous, nil, pagination.Request{First: new(1)})
		check.NoError(t, err)
		other := pagination.Request{After: first.PageInfo.EndCursor()}
		if _, err := n.comments.List(anonymous, &comment.Filter{Article: &n.open}, other); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("a cursor of another list: %v", err)
		}
	})
}

// TestListByArticles lists the comments of several articles at once, and the replies to
// them.
func TestListByArticles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		a := n.approved(t, n.open, "甲", nil)
		b := n.approved(t, n.open, "乙", nil)
		n.approved(t, n.open, "丙", nil)
		n.add(t, anonymous, n.open, "待", nil)
		x := n.approved(t, n.other, "戊", nil)
		n.add(t, moderator, n.draft, "草", nil)
		n.approved(t, n.open, "子", &a.ID)
		n.approved(t, n.open, "丑", &a.ID)
		n.approved(t, n.open, "寅", &b.ID)
		n.add(t, anonymous, n.open, "等", &b.ID)

		articles := []string{n.open, n.other, n.closed, n.draft}
		for _, c := range []struct {
			ctx  context.Context
			r    pagination.Request
			want string
		}{
			{anonymous, pagination.Request{}, "甲乙丙3 戊1 0 0"},
			{anonymous, pagination.Request{First: new(2)}, "甲乙>3 戊1 0 0"},
			{anonymous, pagination.Request{Last: new(1)}, "<丙3 戊1 0 0"},
			{anonymous, pagination.Request{NoRows: true}, "3 1 0 0"},
			{moderator, pagination.Request{First: new(3)}, "甲乙丙>4 戊1 0 草1"},
		} {
			got, err := n.comments.ListByArticles(c.ctx, articles, c.r)
			check.NoError(t, err)
			if pages := describe(t, c.ctx, got, articles); pages != c.want {
				t.Errorf("%+v: got %q, want %q", c.r, pages, c.want)
			}
		}
		tops := []string{a.ID, b.ID, x.ID}
		got, err := n.comments.Replies(anonymous, tops, pagination.Request{First: new(1)})
		check.NoError(t, err)
		if pages := describe(t, anonymous, got, tops); pages != "子>2 寅1 0" {
			t.Errorf("answers: got %q", pages)
		}
		got, err = n.comments.Replies(anonymous, tops, pagination.Request{First: new(1), After: got[a.ID].PageInfo.EndCursor()})
		check.NoError(t, err)
		if pages := describe(t, anonymous, got, tops); pages != "<丑2 <寅1 0" {
			t.Errorf("answers after the first: got %q", pages)
		}
	})
}

// TestListByArticlesStatements counts the statements, however many articles and comments:
// one for the rows and one for all counts, and that only if requested.
func TestListByArticlesStatements(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		for i := range 3 {
			n.approved(t, n.open, fmt.Sprint("好", i), nil)
			n.approved(t, n.other, fmt.Sprint("好", i), nil)
		}
		for _, articles := range [][]string{{n.open}, {n.open, n.other, n.closed, n.draft}} {
			var got map[string]*comment.Connection
			rows := n.Count(func() {
				var err error
				got, err = n.comments.ListByArticles(anonymous, articles, pagination.Request{})
				check.NoError(t, err)
			})
			counts := n.Count(func() { describe(t, anonymous, got, articles) })
			if rows != 1 || counts != 1 {
				t.Errorf("%d articles: %d statements for the rows, %d for the counts", len(articles), rows, counts)
			}
		}
	})
}

// TestListMasksAddresses checks that moderators read the masked address of a comment.
func TestListMasksAddresses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		n.approved(t, n.open, "好", nil)
		got, err := n.comments.List(moderator, nil, pagination.Request{})
		check.NoError(t, err)
		if address := got.Edges[0].Node.OriginAddress; address != "203.0.113.***" {
			t.Errorf("a moderator reads %s", address)
		}
	})
}

// describe returns each owner's page: its texts, < and > where there is more, and
// the count.
func describe(t *testing.T, ctx context.Context, lists map[string]*comment.Connection, owners []string) string {
	t.Helper()
	words := make([]string, len(owners))
	for i, owner := range owners {
		list := lists[owner]
		count, err := list.TotalCount(ctx)
		check.NoError(t, err)
		if list.PageInfo.HasPreviousPage && list.PageInfo.StartCursor() != nil {
			words[i] += "<"
		}
		words[i] += texts(list)
		if list.PageInfo.HasNextPage {
			words[i] += ">"
		}
		words[i] += fmt.Sprint(count)
	}
	return strings.Join(words, " ")
}

func texts(list *comment.Connection) string {
	var b strings.Builder
	for _, edge := range list.Edges {
		b.WriteString(row(edge).Text)
	}
	return b.String()
}

func row(edge comment.Edge) *ent.Comment { return edge.Node }
