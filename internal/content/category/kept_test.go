package category_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// said returns everything that the tree says to the viewer in ctx.
func (w *tree) said(t *testing.T, ctx context.Context, ids []string) (text string) {
	t.Helper()
	add := func(what string, err error) {
		check.NoError(t, err)
		text += what + "\n"
	}
	roots, err := w.Roots(ctx)
	add("roots "+names(roots), err)
	found, err := w.ByIDs(ctx, ids)
	add(fmt.Sprint("found ", len(found)), err)
	children, err := w.Children(ctx, ids)
	add("children", err)
	crumbs, err := w.Breadcrumbs(ctx, ids)
	add("breadcrumbs", err)
	shown, err := w.Terminals(ctx, ids)
	add("terminals", err)
	below, err := w.Below(ctx, append(ids, ids[0]))
	add("below", err)
	pairs := make([]string, len(below))
	for i, p := range below {
		pairs[i] = p.ID + " " + p.Key
	}
	slices.Sort(pairs)
	for _, id := range ids {
		row, err := w.Get(ctx, &id, nil)
		text += fmt.Sprint(row, check.Problems(err), found[id], names(children[id]), " ", names(crumbs[id]), shown[id], "\n")
		if row != nil {
			bySlug, err := w.Get(ctx, nil, &row.Slug)
			add(bySlug.ID, err)
		}
	}
	return text + fmt.Sprint(pairs)
}

// TestKept compares what is answered from memory with what the database answers: the same,
// for every terminal, also after each of some changes.
func TestKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, industry...)
		ids := append(w.list("行业", "动态", "本地", "政策", "外地", "人物", "生活", "饮食"), typeid.New(typeid.Category, w.Clock()))
		off := func(name string, ts ...terminal.Terminal) func() error {
			return func() error {
				_, err := w.Update(editor, category.UpdateInput{Category: w.ids[name], Terminals: ts})
				return err
			}
		}
		for i, change := range []func() error{
			func() error { return nil },
			off("动态", terminal.Web, terminal.WAP),
			off("生活", terminal.WAP),
			func() error { return w.move("动态", "人物") },
			func() error {
				_, err := w.Create(editor, category.CreateInput{Name: "新", Parent: new(w.ids["人物"])})
				return err
			},
			func() error { return w.Delete(editor, w.ids["饮食"]) },
		} {
			check.NoError(t, change())
			for _, ts := range []terminal.Set{0, terminal.SetOf(terminal.Web), terminal.SetOf(terminal.WAP), terminal.SetOf(terminal.App, terminal.WAP)} {
				for _, who := range []context.Context{public, as(viewer.Editor), system} {
					ctx := terminal.With(who, ts)
					reading, _, err := s.Read(ctx, 0, true)
					check.NoError(t, err)
					check.Equal(t, fmt.Sprintf("after change %d on %v", i, ts.List()), w.said(t, reading, ids), w.said(t, ctx, ids))
					if n := s.Count(func() { w.said(t, reading, ids) }); n != 0 {
						t.Errorf("%d statements", n)
					}
				}
			}
		}
	})
}

// TestKeptRowsBelongToOneRequest checks that no request gets the rows of another.
func TestKeptRowsBelongToOneRequest(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	w := plant(t, s, industry...)
	reading, _, err := s.Read(public, 0, true)
	check.NoError(t, err)
	read := func() []*ent.Category {
		rows, err := w.Roots(reading)
		check.NoError(t, err)
		return rows
	}
	one, two := read(), read()
	if one[0] == two[0] || one[0].Group == two[0].Group || one[0].Group != one[1].Group {
		t.Errorf("%p %p: rows are shared", one[0], two[0])
	}
}
