package comment_test

import (
	"context"
	"strings"
	"testing"

	status "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestAdd adds a comment, which waits for a moderator, and reads it back as each role.
func TestAdd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		row, err := n.comments.Add(anonymous, comment.AddInput{Article: n.open, Text: " 什么时候开到南岸？\r\n老人走不远。\t", AuthorName: new(" 南岸居民 ")})
		check.NoError(t, err)
		if row.Status != status.StatusPENDING || row.Text != "什么时候开到南岸？\n老人走不远。" || row.Author != "南岸居民" || row.CreatedAt != n.Clock() {
			t.Errorf("added %v", row)
		}
		if row.OriginAddress != "203.0.113.***" {
			t.Errorf("the answer shows the address %s", row.OriginAddress)
		}
		stored, err := n.Client(system).Comment.Get(system, row.ID)
		check.NoError(t, err)
		if stored.OriginAddress != "203.0.113.77" || stored.TokenID != "" {
			t.Errorf("stored with the address %q and the token %q", stored.OriginAddress, stored.TokenID)
		}
		if n.counted(t, n.open) != 0 || len(n.Changes(row.ID)) != 0 {
			t.Error("a comment that waits was counted or logged")
		}
		for name, see := range map[string]struct {
			ctx  context.Context
			sees bool
		}{
			"anonymous": {anonymous, false}, "another reader": {reader, false}, "editor": {as(viewer.Editor, "tok_e"), false},
			"integrator": {as(viewer.Integrator, "tok_i"), false}, "moderator": {moderator, true}, "admin": {as(viewer.Admin, "tok_a"), true},
		} {
			found, err := n.comments.ByIDs(see.ctx, []string{row.ID})
			check.NoError(t, err)
			if (found[row.ID] != nil) != see.sees {
				t.Errorf("%s sees it: %v", name, !see.sees)
			}
		}
	})
}

// TestAddByRole adds a comment as each role: all wait for a moderator, and their writer
// sees them.
func TestAddByRole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		for _, role := range viewer.Roles() {
			row := n.add(t, as(role, "tok_of_"+string(role)), n.open, "路过看看。", nil)
			if row.Status != status.StatusPENDING || row.TokenID != "tok_of_"+string(role) {
				t.Errorf("%s: %s with the token %s", role, row.Status, row.TokenID)
			}
		}
		own := n.add(t, reader, n.open, "我写的。", nil)
		found, err := n.comments.ByIDs(reader, []string{own.ID})
		check.NoError(t, err)
		if found[own.ID] == nil {
			t.Error("a reader does not see what it wrote itself")
		}
	})
}

// TestAddInvalid adds comments with wrong input, each of which is refused.
func TestAddInvalid(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		elsewhere := n.approved(t, n.other, "另一篇下面的。", nil)
		waiting := n.add(t, anonymous, n.open, "还没审核。", nil)
		seen := n.approved(t, n.open, "已经审核。", nil)
		own := n.add(t, reader, n.open, "自己写的，等着审核。", nil)
		for name, c := range map[string]struct {
			ctx  context.Context
			in   comment.AddInput
			want string
		}{
			"nothing":                   {anonymous, comment.AddInput{Text: " \n "}, "text REQUIRED"},
			"the longest":               {anonymous, comment.AddInput{Text: strings.Repeat("好", 2000), AuthorName: new(strings.Repeat("名", 30))}, ""},
			"too long":                  {anonymous, comment.AddInput{Text: strings.Repeat("好", 2001), AuthorName: new(strings.Repeat("名", 31))}, "text TOO_LONG, authorName TOO_LONG"},
			"control characters":        {anonymous, comment.AddInput{Text: "a\x00b", AuthorName: new("两\n行")}, "text INVALID, authorName INVALID"},
			"a broken text":             {anonymous, comment.AddInput{Text: "a\xffb"}, "text INVALID"},
			"closed":                    {anonymous, comment.AddInput{Article: n.closed, Text: "晚了？"}, "article NOT_ALLOWED"},
			"closed for staff too":      {moderator, comment.AddInput{Article: n.closed, Text: ""}, "text REQUIRED, article NOT_ALLOWED"},
			"a good parent":             {anonymous, comment.AddInput{Text: "同意。", Parent: &seen.ID}, ""},
			"no such parent":            {anonymous, comment.AddInput{Text: "同意。", Parent: new(typeid.New(typeid.Comment, n.Clock()))}, "parent UNKNOWN"},
			"no id":                     {anonymous, comment.AddInput{Text: "同意。", Parent: new("\x00")}, "parent UNKNOWN"},
			"a parent elsewhere":        {anonymous, comment.AddInput{Text: "同意。", Parent: &elsewhere.ID}, "parent UNKNOWN"},
			"a parent that waits":       {anonymous, comment.AddInput{Text: "同意。", Parent: &waiting.ID}, "parent UNKNOWN"},
			"and staff sees":            {moderator, comment.AddInput{Text: "同意。", Parent: &waiting.ID}, ""},
			"one's own that waits":      {reader, comment.AddInput{Text: "补充。", Parent: &own.ID}, ""},
			"another reader's, pending": {anonymous, comment.AddInput{Text: "补充。", Parent: &own.ID}, "parent UNKNOWN"},
			"everything wrong at once":  {anonymous, comment.AddInput{Article: n.closed, Parent: new("x"), AuthorName: new("\x07")}, "text REQUIRED, authorName INVALID, article NOT_ALLOWED, parent UNKNOWN"},
		} {
			if c.in.Article == "" {
				c.in.Article = n.open
			}
			row, err := n.comments.Add(c.ctx, c.in)
			if got := check.Problems(err); got != c.want || (c.want == "") != (err == nil) || (err == nil) != (row != nil) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
		}
	})
}

// TestAddToHiddenArticle checks that an article that is hidden cannot be distinguished from
// one that does not exist.
func TestAddToHiddenArticle(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		_, none := n.comments.Add(anonymous, comment.AddInput{Article: typeid.New(typeid.Article, n.Clock()), Text: "有人吗？"})
		for name, id := range map[string]string{"draft": n.draft, "scheduled": n.scheduled, "no id": "x", "another kind of id": typeid.New(typeid.Comment, n.Clock())} {
			for _, ctx := range []context.Context{anonymous, reader, as(viewer.Integrator, "tok_i")} {
				_, err := n.comments.Add(ctx, comment.AddInput{Article: id, Text: "有人吗？"})
				if !fault.Is(err, fault.NotFound) || err.Error() != none.Error() {
					t.Errorf("%s: %v, but of none: %v", name, err, none)
				}
			}
		}
		n.add(t, moderator, n.draft, "编辑请注意标题。", nil)
		statements := n.Count(func() { n.add(t, anonymous, n.open, "好。", nil) })
		if statements != 2 {
			t.Errorf("adding took %d statements: one to look up the article, one to write", statements)
		}
	})
}
