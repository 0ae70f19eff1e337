package category_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

func TestMove(t *testing.T) {
	t.Parallel()
	paths := []string{"一/二/三/四/五/六", "甲/乙/丙", "子"}
	for move, says := range map[string]string{
		"甲 子": "",               // a chain of 3 below a single one
		"甲 三": "",               // 3 levels below 3: just fits
		"甲 四": "parent INVALID", // would be 7
		"丙 五": "",
		"丙 六": "parent INVALID",
		"子 六": "parent INVALID",
		"乙 四": "",
		"一 子": "parent INVALID", // the tallest fits nowhere but at the top
		"二 子": "",
		"一 一": "parent INVALID", // below itself
		"一 二": "parent INVALID",
		"一 六": "parent INVALID",
		"二 六": "parent INVALID",
		"乙 丙": "parent INVALID",
		"二 ":  "",
		"六 ":  "",
		"一 ":  "", // stays where it is
		"丙 甲": "", // one up
	} {
		t.Run(move, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *storetest.Store) {
				w := plant(t, s, paths...)
				before := w.drawn(t)
				name, parent, _ := strings.Cut(move, " ")
				check.Equal(t, "the answer", check.Problems(w.move(name, parent)), says)
				if says != "" {
					check.Equal(t, "the tree", w.drawn(t), before)
					return
				}
				crumbs, err := w.Breadcrumbs(public, w.list(name))
				check.NoError(t, err)
				way := strings.Split(names(crumbs[w.ids[name]]), "/")
				check.Equal(t, "the category above", append([]string{""}, way...)[len(way)-1], parent)
			})
		})
	}
}

func TestSixLevels(t *testing.T) {
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

// Many random moves, judged by a model: whatever is tried, in whatever order, the
// service takes exactly the moves that leave a tree of at most six levels.
func TestRandomMoves(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		all := strings.Split("子丑寅卯辰巳午未申酉戌亥", "")
		w := plant(t, s, all...)
		model := make(map[string]string) // the parent of each
		random := rand.New(rand.NewPCG(1, 2))
		taken := 0
		for range 250 {
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
			taken++
		}
		if taken < 50 || taken > 200 {
			t.Errorf("%d of 250 moves were possible, which tells little", taken)
		}
		if !isTree(model, strings.Fields(strings.ReplaceAll(w.drawn(t), "/", " "))) {
			t.Errorf("no tree: %s", w.drawn(t))
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

// Two changes, each right by itself, that together would break the tree: when
// they are made at the same moment, one of them is refused.
func TestChangesAtTheSameTime(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		paths string
		make  [2]func(w *tree) error
		says  string
	}{
		"a circle of two": {"甲 乙", [2]func(w *tree) error{
			func(w *tree) error { return w.move("甲", "乙") },
			func(w *tree) error { return w.move("乙", "甲") },
		}, "parent INVALID"},
		"a circle of trees": {"甲/丙 乙/丁", [2]func(w *tree) error{
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
				for range 10 {
					w := plant(t, s, strings.Fields(c.paths)...)
					said := check.Together(2, func(i int) error { return c.make[i](w) })
					if said[0] != "" || said[1] == "" || !strings.Contains(c.says, said[1]) {
						t.Fatalf("they were told %q, want one to hear %s", said, c.says)
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

// An article that is filed while its category is deleted: one of both fails.
func TestFilingIntoWhatIsDeleted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		for range 10 {
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
