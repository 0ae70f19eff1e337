package pagination_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var (
	system = viewer.AsSystem(context.Background())
	signer = pagination.NewSigner([]byte("0123456789abcdef"))
)

func order(desc bool) pagination.Order {
	return pagination.Order{Name: fmt.Sprint("POSITION_", desc), Column: region.FieldPosition, Desc: desc}
}

// plant writes n regions; three share each position, so ties are broken by id.
func plant(t *testing.T, s *storetest.Store, n int) {
	t.Helper()
	err := s.Tx(system, func(ctx context.Context, c *ent.Client) error {
		for i := range n {
			name := fmt.Sprintf("reg_%02d", i)
			if err := c.Region.Create().SetID(name).SetSlug(name).SetName("县").SetPosition(i / 3).
				SetCreatedAt(s.Clock()).SetUpdatedAt(s.Clock()).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// page reads one page of the regions.
func page(t *testing.T, s *storetest.Store, r pagination.Request, desc bool) *pagination.Connection[*ent.Region] {
	t.Helper()
	q, err := signer.Window(r, "regions", order(desc))
	if err != nil {
		t.Fatal(err)
	}
	query := s.Client(system).Region.Query
	rows, err := pagination.Rows(q, func() ([]*ent.Region, error) { return query().Modify(q.Apply).All(system) })
	if err != nil {
		t.Fatal(err)
	}
	return pagination.Connect(q, rows, func(r *ent.Region) pagination.Position {
		return pagination.Position{Value: int64(r.Position), ID: r.ID}
	}, query().Count)
}

func ids(c *pagination.Connection[*ent.Region]) (list []string) {
	for _, e := range c.Edges {
		list = append(list, e.Node.ID)
	}
	return list
}

// TestPages walks a list in both orders, forwards and backwards, in pages of every size:
// the pages together are the list, and pageInfo says where they end.
func TestPages(t *testing.T) {
	t.Parallel()
	const n = 10
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		plant(t, s, n)
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf("reg_%02d", i))
		}
		for _, desc := range []bool{false, true} {
			want := slices.Clone(all)
			if desc {
				slices.Reverse(want)
			}
			for size := 1; size <= n+1; size++ {
				var forwards, backwards []string
				r := pagination.Request{First: &size}
				for {
					c := page(t, s, r, desc)
					if c.PageInfo.HasPreviousPage != (r.After != nil) {
						t.Errorf("size %d: hasPreviousPage is %t after %d rows", size, c.PageInfo.HasPreviousPage, len(forwards))
					}
					if forwards = append(forwards, ids(c)...); !c.PageInfo.HasNextPage {
						break
					}
					r.After = c.PageInfo.EndCursor()
				}
				r = pagination.Request{Last: &size}
				for {
					c := page(t, s, r, desc)
					if c.PageInfo.HasNextPage != (r.Before != nil) {
						t.Errorf("size %d, backwards: hasNextPage is %t", size, c.PageInfo.HasNextPage)
					}
					if backwards = append(ids(c), backwards...); !c.PageInfo.HasPreviousPage {
						break
					}
					r.Before = c.PageInfo.StartCursor()
				}
				if !slices.Equal(forwards, want) || !slices.Equal(backwards, want) {
					t.Errorf("size %d, descending %t:\nforwards  %v\nbackwards %v\nwant      %v", size, desc, forwards, backwards, want)
				}
			}
		}
	})
}

// TestPagesWhileRowsChange deletes and inserts rows between two pages: no row is repeated
// or skipped.
func TestPagesWhileRowsChange(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		plant(t, s, 9)
		first := page(t, s, pagination.Request{First: new(4)}, false)
		s.Client(system).Region.DeleteOneID("reg_03").ExecX(system) // the row of the cursor
		s.Client(system).Region.Create().SetID("reg_00a").SetSlug("a").SetName("县").SetPosition(0).SetCreatedAt(s.Clock()).SetUpdatedAt(s.Clock()).ExecX(system)
		second := page(t, s, pagination.Request{First: new(4), After: first.PageInfo.EndCursor()}, false)
		if got := ids(second); !slices.Equal(got, []string{"reg_04", "reg_05", "reg_06", "reg_07"}) {
			t.Errorf("the second page has %v", got)
		}
	})
}

func TestPageBetweenCursors(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		plant(t, s, 9)
		all := page(t, s, pagination.Request{First: new(9)}, false)
		after, before := all.Edges[2].Cursor(), all.Edges[6].Cursor()
		between := page(t, s, pagination.Request{First: new(9), After: &after, Before: &before}, false)
		if got := ids(between); !slices.Equal(got, []string{"reg_03", "reg_04", "reg_05"}) {
			t.Errorf("between two cursors: %v", got)
		}
		if !between.PageInfo.HasNextPage || !between.PageInfo.HasPreviousPage {
			t.Errorf("pageInfo of a page between two cursors: %+v", between.PageInfo)
		}
	})
}

// TestCountOnly counts without reading rows, and an empty page has no cursors.
func TestCountOnly(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	plant(t, s, 5)
	var c *pagination.Connection[*ent.Region]
	if n := s.Count(func() { c = page(t, s, pagination.Request{NoRows: true}, false) }); n != 0 {
		t.Errorf("%d statements before the count is asked for", n)
	}
	if n, err := c.TotalCount(system); n != 5 || err != nil {
		t.Errorf("counted %d, %v", n, err)
	}
	if c.PageInfo.StartCursor() != nil || c.PageInfo.EndCursor() != nil || len(c.Edges) != 0 {
		t.Errorf("an empty page has %+v", c.PageInfo)
	}
	if info := pagination.Info(true, false, new("a"), new("b")); !info.HasNextPage || *info.StartCursor() != "a" || *info.EndCursor() != "b" {
		t.Errorf("the info of a page with its own cursors: %+v", info)
	}
}

func TestWindowRejects(t *testing.T) {
	t.Parallel()
	good := signer.Sign(pagination.Position{Value: 7, ID: "reg_07"}, "regions|POSITION_false")
	for name, c := range map[string]struct {
		request pagination.Request
		message string
	}{
		"first and last":     {pagination.Request{First: new(1), Last: new(1)}, "exclude each other"},
		"no rows":            {pagination.Request{First: new(0)}, "1 to 100 items"},
		"too many rows":      {pagination.Request{Last: new(101)}, "1 to 100 items"},
		"garbage":            {pagination.Request{After: new("garbage!")}, "altered"},
		"empty":              {pagination.Request{Before: new("")}, "altered"},
		"too long":           {pagination.Request{After: new(strings.Repeat("A", 300))}, "altered"},
		"an altered value":   {pagination.Request{After: new(flip(good, 8))}, "altered"},
		"an altered id":      {pagination.Request{After: new(flip(good, 20))}, "altered"},
		"an altered version": {pagination.Request{After: new("B" + good[1:])}, "altered"},
		"another list":       {pagination.Request{After: new(signer.Sign(pagination.Position{ID: "r"}, "categories|POSITION_false"))}, "another list"},
		"another key":        {pagination.Request{After: new(pagination.NewSigner([]byte("fedcba9876543210")).Sign(pagination.Position{ID: "r"}, "regions|POSITION_false"))}, "altered"},
	} {
		_, err := signer.Window(c.request, "regions", order(false))
		if err == nil || fault.CodeOf(err) != fault.BadUserInput || !strings.Contains(err.Error(), c.message) {
			t.Errorf("%s: %v", name, err)
		}
	}
	rotated := pagination.NewSigner([]byte("fedcba9876543210"), []byte("0123456789abcdef"))
	if _, err := rotated.Window(pagination.Request{After: &good}, "regions", order(false)); err != nil {
		t.Errorf("a cursor of an older key: %v", err)
	}
	q, err := signer.Window(pagination.Request{After: &good}, "regions", order(false))
	if err != nil || *q.After() != (pagination.Position{Value: 7, ID: "reg_07"}) || q.Limit() != pagination.DefaultSize+1 {
		t.Errorf("a good cursor: %+v, %v", q, err)
	}
}

// flip changes one character of a cursor.
func flip(cursor string, at int) string {
	c := byte('A')
	if cursor[at] == c {
		c = 'B'
	}
	return cursor[:at] + string(c) + cursor[at+1:]
}

// TestCursorRoundTrip signs and reads positions at the edges of their range.
func TestCursorRoundTrip(t *testing.T) {
	t.Parallel()
	for _, at := range []pagination.Position{{0, "a"}, {-1, "reg_1"}, {1<<63 - 1, strings.Repeat("i", 40)}, {-1 << 63, "编号"}} {
		got, err := signer.Read(signer.Sign(at, "list"), "list")
		if err != nil || got != at {
			t.Errorf("%v is read as %v, %v", at, got, err)
		}
		if _, err := signer.Read(signer.Sign(at, "list"), "lists"); fault.CodeOf(err) != fault.BadUserInput {
			t.Errorf("the cursor of another list: %v", err)
		}
	}
}

// TestPerParent reads the pages of several categories at once, those of several keys as one
// page, and the neighbours of an article; and it counts per parent.
func TestPerParent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		plant(t, s, 9)
		for i := range 3 {
			id := fmt.Sprint("cat_", i)
			s.Client(system).Category.Create().SetID(id).SetSlug(id).SetName("类").SetCreatedAt(s.Clock()).SetUpdatedAt(s.Clock()).ExecX(system)
		}
		s.Client(system).Publisher.Create().SetID("pub_1").SetName("青螺渡报").SetCreatedAt(s.Clock()).SetUpdatedAt(s.Clock()).ExecX(system)
		for i := range 12 {
			id := fmt.Sprintf("art_%02d", i)
			s.Client(system).Article.Create().SetID(id).SetSlug(id).SetTitle("t").SetListedAt(s.Clock().Add(time.Duration(i) * time.Minute)).SetCreatedAt(s.Clock()).
				SetUpdatedAt(s.Clock()).SetSearchSlot(int64(i)).SetCategoryID(fmt.Sprint("cat_", i%3)).SetPublisherID("pub_1").ExecX(system)
		}
		list := pagination.Order{Name: "LISTED_DESC", Column: "listed_at", Desc: true}
		read := func(q pagination.Query, parents pagination.Parents) map[string][]string {
			t.Helper()
			find := s.Client(system).Article.Query()
			find.Modify(q.PerParent(parents, "category_id"))
			rows, err := find.All(system)
			if err != nil {
				t.Fatal(err)
			}
			split, err := pagination.Split(rows)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string][]string{}
			for parent, rows := range split {
				for _, row := range rows {
					got[parent] = append(got[parent], row.ID)
				}
			}
			return got
		}
		got := read(pagination.First(list, 2), pagination.Each("cat_0", "cat_2", "cat_9"))
		if !slices.Equal(got["cat_0"], []string{"art_09", "art_06"}) || !slices.Equal(got["cat_2"], []string{"art_11", "art_08"}) || len(got) != 2 {
			t.Errorf("pages per parent: %v", got)
		}
		together := read(pagination.First(list, 4), pagination.Parents{{ID: "top", Key: "cat_0"}, {ID: "top", Key: "cat_1"}})
		if !slices.Equal(together["top"], []string{"art_10", "art_09", "art_07", "art_06"}) {
			t.Errorf("one page of two keys: %v", together)
		}
		from := pagination.Position{Value: int64(s.Clock().Add(6 * time.Minute)), ID: "art_06"}
		next := read(pagination.Neighbours(list, 1), pagination.Parents{{ID: "art_06", Key: "cat_0", From: from}})
		if !slices.Equal(next["art_06"], []string{"art_03"}) {
			t.Errorf("the neighbour of art_06: %v", next)
		}
		count := s.Client(system).Article.Query()
		count.Modify(pagination.CountPerParent(pagination.Parents{{ID: "top", Key: "cat_0"}, {ID: "top", Key: "cat_1"}, {ID: "cat_2", Key: "cat_2"}, {ID: "none", Key: "x"}}, "category_id"))
		rows, err := count.All(system)
		if err != nil {
			t.Fatal(err)
		}
		counts, err := pagination.Counts(rows)
		if err != nil || counts["top"] != 8 || counts["cat_2"] != 4 || counts["none"] != 0 {
			t.Errorf("counts: %v, %v", counts, err)
		}
		plain := s.Client(system).Article.Query().AllX(system)
		if _, err := pagination.Split(plain); err == nil {
			t.Error("rows that no PerParent read were split")
		}
		if _, err := pagination.Counts(plain); err == nil {
			t.Error("rows that no CountPerParent read were counted")
		}
	})
}

func TestRowsReturnsError(t *testing.T) {
	t.Parallel()
	q, err := signer.Window(pagination.Request{}, "list", order(false))
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if _, err := pagination.Rows(q, func() ([]int, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("the error of a read is lost: %v", err)
	}
}
