package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestUniqueViolation provokes each kind of constraint on both engines.
func TestUniqueViolation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := viewer.AsSystem(context.Background())
		c, now := s.Client(ctx), s.Clock()
		c.Category.Create().SetID("cat_1").SetSlug("news").SetName("新闻").SetCreatedAt(now).SetUpdatedAt(now).SaveX(ctx)
		c.Publisher.Create().SetID("pub_1").SetName("青螺渡报").SetCreatedAt(now).SetUpdatedAt(now).SaveX(ctx)
		write := func(id, slug string, slot int64, category string) error {
			return c.Article.Create().SetID(id).SetSlug(slug).SetTitle("渡船改点").SetListedAt(now).SetCreatedAt(now).SetUpdatedAt(now).
				SetSearchSlot(slot).SetCategoryID(category).SetPublisherID("pub_1").Exec(ctx)
		}
		if err := write("art_1", "ferry", 1, "cat_1"); err != nil {
			t.Fatal(err)
		}
		c.Tagging.Create().SetArticleID("art_1").SetTag("渡口").SetListedAt(now).SaveX(ctx)
		for _, test := range []struct {
			name       string
			err        error
			columns    string
			unique     bool
			referenced bool
		}{
			{"the slug is taken", write("art_2", "ferry", 2, "cat_1"), "articles.slug", true, false},
			{"the slot is taken", write("art_2", "lamp", 1, "cat_1"), "articles.search_slot", true, false},
			{"the id is taken", write("art_1", "lamp", 2, "cat_1"), "articles.id", true, false},
			{"an index of two columns", c.Tagging.Create().SetArticleID("art_1").SetTag("渡口").SetListedAt(now).Exec(ctx), "taggings.article_id, taggings.tag", true, false},
			{"the category does not exist", write("art_2", "lamp", 2, "cat_2"), "", false, true},
			{"the category is in use", c.Category.DeleteOneID("cat_1").Exec(ctx), "", false, true},
			{"another error", errors.New("articles.slug"), "", false, false},
			{"no error", nil, "", false, false},
		} {
			columns, unique := store.UniqueViolation(test.err)
			if columns != test.columns || unique != test.unique || store.IsUnique(test.err) != unique || store.IsReferenced(test.err) != test.referenced {
				t.Errorf("%s: unique %t (%s), referenced %t: %v", test.name, unique, columns, store.IsReferenced(test.err), test.err)
			}
			if wrapped := fmt.Errorf("save: %w", test.err); test.err != nil && store.IsUnique(wrapped) != test.unique {
				t.Errorf("%s: the wrapped error is another", test.name)
			}
		}
	})
}
