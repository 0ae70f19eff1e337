package category_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestUpdateMoves moves one category of a tree below another, and back.
func TestUpdateMoves(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, "一/二/三/四/五/六", "甲/乙/丙", "子")
		before := w.drawn(t)
		for _, c := range []struct{ name, from, to, says string }{
			{"甲", "", "子", ""},               // a chain of 3 below a single one
			{"甲", "", "三", ""},               // 3 levels below 3: just fits
			{"甲", "", "四", "parent INVALID"}, // would be 7
			{"丙", "乙", "五", ""},
			{"丙", "乙", "六", "parent INVALID"},
			{"子", "", "六", "parent INVALID"},
			{"乙", "甲", "四", ""},
			{"一", "", "子", "parent INVALID"}, // the tallest can only be a root
			{"二", "一", "子", ""},
			{"一", "", "一", "parent INVALID"}, // below itself
			{"一", "", "二", "parent INVALID"},
			{"一", "", "六", "parent INVALID"},
			{"二", "一", "六", "parent INVALID"},
			{"乙", "甲", "丙", "parent INVALID"},
			{"二", "一", "", ""},
			{"六", "五", "", ""},
			{"一", "", "", ""},   // stays where it is
			{"丙", "乙", "甲", ""}, // one up
		} {
			check.Equal(t, c.name+" below "+c.to, check.Problems(w.move(c.name, c.to)), c.says)
			if c.says == "" {
				crumbs, err := w.Breadcrumbs(public, w.list(c.name))
				check.NoError(t, err)
				path := append([]string{""}, strings.Split(names(crumbs[w.ids[c.name]]), "/")...)
				check.Equal(t, "the parent of "+c.name, path[len(path)-2], c.to)
				check.NoError(t, w.move(c.name, c.from))
			}
			check.Equal(t, "the tree afterwards", w.drawn(t), before)
		}
	})
}

func TestCreateLevels(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		w := plant(t, s, "一/二/三/四/五/六")
		_, err := w.Create(editor, category.CreateInput{Name: "七", Parent: new(w.ids["六"])})
		check.Equal(t, "a seventh level", check.Problems(err), "parent INVALID")
		if !strings.Contains(fmt.Sprint(err), "7 levels; at most 6") {
			t.Errorf("it says: %v", err)
		}
	})
}

// TestUpdateRandomMoves compares random moves with a model: the service accepts exactly those
// that leave a tree of at most six levels.
func TestUpdateRandomMoves(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		all := strings.Split("子丑寅卯辰巳午未申酉戌亥", "")
		w := plant(t, s, all...)
		model := make(map[string]string) // the parent of each
		random := rand.New(rand.NewPCG(1, 2))
		moves, accepted := effort.N(80), 0
		for range moves {
			name, parent := all[random.IntN(len(all))], append(all, "")[random.IntN(len(all)+1)]
			old := model[name]
			model[name] = parent
			sound := isTree(model, all)
			if err := w.move(name, parent); (err == nil) != sound {
				t.Fatalf("%q below %q: %v; the model says %v", name, parent, err, sound)
			}
			if !sound {
				model[name] = old
				continue
			}
			accepted++
		}
		if accepted < moves/5 || accepted > moves*4/5 {
			t.Errorf("%d of %d moves were accepted, which tests little", accepted, moves)
		}
		if !isTree(model, strings.Fields(strings.ReplaceAll(w.drawn(t), "/", " "))) {
			t.Errorf("not a tree: %s", w.drawn(t))
		}
	})
}

func isTree(parent map[string]string, all []string) bool {
	for _, name := range all {
		levels := 0
		for at := name; at != ""; at = parent[at] {
			if levels++; levels > category.Levels {
				return false
			}
		}
	}
	return true
}

// TestConcurrentChanges makes two changes at the same moment, each valid alone, that would
// break the tree together: one of them is refused.
func TestConcurrentChanges(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		paths string
		make  [2]func(w *tree) error
		says  string
	}{
		"a cycle of two": {"甲 乙", [2]func(w *tree) error{
			func(w *tree) error { return w.move("甲", "乙") },
			func(w *tree) error { return w.move("乙", "甲") },
		}, "parent INVALID"},
		"a cycle of trees": {"甲/丙 乙/丁", [2]func(w *tree) error{
			func(w *tree) error { return w.move("甲", "丁") },
			func(w *tree) error { return w.move("乙", "丙") },
		}, "parent INVALID"},
		"seven levels": {"一/二/三 甲/乙/丙", [2]func(w *tree) error{
			func(w *tree) error { return w.move("甲", "三") },
			func(w *tree) error {
				_, err := w.Create(editor, category.CreateInput{Name: "丁", Parent: new(w.ids["丙"])})
				return err
			},
		}, "parent INVALID"},
		"a child of what is deleted": {"甲", [2]func(w *tree) error{
			func(w *tree) error { return w.Delete(editor, w.ids["甲"]) },
			func(w *tree) error {
				_, err := w.Create(editor, category.CreateInput{Name: "丁", Parent: new(w.ids["甲"])})
				return err
			},
		}, "parent UNKNOWN or id NOT_ALLOWED"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *storetest.Store) {
				for range effort.N(3) {
					w := plant(t, s, strings.Fields(c.paths)...)
					said := check.Together(2, func(i int) error { return c.make[i](w) })
					if said[0] != "" || said[1] == "" || !strings.Contains(c.says, said[1]) {
						t.Fatalf("the answers are %q, want one of %s", said, c.says)
					}
					for crumb := range strings.FieldsSeq(w.drawn(t)) {
						if strings.Count(crumb, "/") >= category.Levels || strings.HasPrefix(crumb, "丁") && said[1] == "parent UNKNOWN" {
							t.Errorf("the tree is broken: %s", w.drawn(t))
						}
					}
				}
			})
		})
	}
}

// TestDeleteWhileFiling deletes a category while an article is filed in it: one of both fails.
func TestDeleteWhileFiling(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		for range effort.N(3) {
			w := plant(t, s, "行业")
			s.Advance(1_000_000)
			check.Together(2, func(i int) error {
				if i == 0 {
					return w.file(w.ids["行业"], article.StatusDRAFT)
				}
				return w.Delete(editor, w.ids["行业"])
			})
			filed, err := s.Client(system).Article.Query().Where(article.CategoryID(w.ids["行业"])).Exist(system)
			check.NoError(t, err)
			found, err := w.ByIDs(public, w.list("行业"))
			check.NoError(t, err)
			if filed != (len(found) == 1) {
				t.Fatalf("filed %v, the category is there %v", filed, len(found) == 1)
			}
		}
	})
}
