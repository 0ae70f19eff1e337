package search_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/bigram"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/search"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestFind asks both engines for random pieces of random
// texts: each must find exactly the texts that bigram.Query.Matches names, the
// newest first, page by page.
func TestFind(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		random := rand.New(rand.NewPCG(1, 2))
		texts := plant(t, s, random, 120)
		found := 0
		for range 400 {
			runes := []rune(texts[random.IntN(len(texts))])
			from := random.IntN(len(runes))
			words := string(runes[from:min(len(runes), from+1+random.IntN(6))])
			if random.IntN(4) == 0 {
				words += " " + string(runes[:min(len(runes), 3)])
			}
			q, err := bigram.Parse(words)
			if err != nil {
				continue
			}
			var want []int
			for i, text := range slices.Backward(texts) {
				if q.Matches(text) {
					want = append(want, i)
				}
			}
			if got := walk(t, s, q); !slices.Equal(got, want) {
				t.Errorf("%q: found %v, want %v", words, got, want)
			}
			found += len(want)
		}
		if found < 1000 {
			t.Errorf("only %d texts were found in all; the test asks for nothing", found)
		}
	})
}

var system = viewer.AsSystem(context.Background())

// plant writes n articles with random texts; text i has slot i+1.
func plant(t *testing.T, s *storetest.Store, random *rand.Rand, n int) []string {
	t.Helper()
	alphabet := []rune("养老院护理员的食堂AIx12 ,。々ー〇é")
	texts := make([]string, n)
	now := s.Clock()
	err := s.Tx(system, func(ctx context.Context, c *ent.Client) error {
		category, publisher := typeid.New(typeid.Category, now), typeid.New(typeid.Publisher, now)
		if err := c.Category.Create().SetID(category).SetSlug("c").SetName("c").SetCreatedAt(now).SetUpdatedAt(now).Exec(ctx); err != nil {
			return err
		}
		if err := c.Publisher.Create().SetID(publisher).SetName("p").SetCreatedAt(now).SetUpdatedAt(now).Exec(ctx); err != nil {
			return err
		}
		for i := range texts {
			text := make([]rune, 5+random.IntN(60))
			for j := range text {
				text[j] = alphabet[random.IntN(len(alphabet))]
			}
			texts[i] = string(text)
			id := typeid.New(typeid.Article, now)
			if err := c.Article.Create().SetID(id).SetSlug(id[4:]).SetTitle("t").SetListedAt(now).SetCreatedAt(now).SetUpdatedAt(now).
				SetSearchSlot(int64(i + 1)).SetCategoryID(category).SetPublisherID(publisher).Exec(ctx); err != nil {
				return err
			}
			if err := search.Put(ctx, c, s.Engine, int64(i+1), "先写的会被换掉"); err != nil {
				return err
			}
			if err := search.Put(ctx, c, s.Engine, int64(i+1), texts[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// walk reads everything that q finds, in pages of seven, as numbers of texts.
func walk(t *testing.T, s *storetest.Store, q bigram.Query) []int {
	t.Helper()
	var numbers []int
	size, r := 7, pagination.Request{}
	r.First = &size
	for {
		w, err := s.Cursors.Window(r, "test", search.Order)
		if err != nil {
			t.Fatal(err)
		}
		find := s.Client(system).Article.Query()
		find.Modify(search.Find(q, w))
		rows, err := find.All(system)
		if err != nil {
			t.Fatal(err)
		}
		list := pagination.Connect(w, rows, func(a *ent.Article) pagination.Position {
			return pagination.Position{Value: a.SearchSlot, ID: a.ID}
		}, nil)
		for _, e := range list.Edges {
			numbers = append(numbers, int(e.Node.SearchSlot)-1)
		}
		if !list.PageInfo.HasNextPage {
			return numbers
		}
		r.After = list.PageInfo.EndCursor()
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		texts := plant(t, s, rand.New(rand.NewPCG(3, 4)), 5)
		q, err := bigram.Parse(firstWord(texts))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range walk(t, s, q) {
			if err := search.Remove(system, s.Client(system), s.Engine, int64(n+1)); err != nil {
				t.Fatal(err)
			}
		}
		if left := walk(t, s, q); len(left) > 0 {
			t.Errorf("removed and still found: %v", left)
		}
		if n, err := s.Client(system).Article.Query().Where(article.SearchSlotGT(0)).Count(system); err != nil || n != 5 {
			t.Errorf("%d articles, %v", n, err)
		}
	})
}

// firstWord is two Chinese characters that stand side by side in one of the texts.
func firstWord(texts []string) string {
	for _, text := range texts {
		runes := []rune(text)
		for i := range len(runes) - 1 {
			if strings.ContainsRune("养老院护理员的食堂", runes[i]) && strings.ContainsRune("养老院护理员的食堂", runes[i+1]) {
				return string(runes[i : i+2])
			}
		}
	}
	return ""
}
