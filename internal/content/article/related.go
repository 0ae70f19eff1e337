package article

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/revision"
	"github.com/tonggao/tonggao/ent/tagging"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Previous returns, for each of several articles, the next older one of its category. It
// needs their category and listed_at. Where t is given, only what t shows counts.
func (s *Service) Previous(ctx context.Context, of []*ent.Article, t *terminal.Terminal) (map[string]*ent.Article, error) {
	return s.neighbours(ctx, of, t, newestFirst)
}

// Next returns, for each of several articles, the next newer one of its category.
func (s *Service) Next(ctx context.Context, of []*ent.Article, t *terminal.Terminal) (map[string]*ent.Article, error) {
	return s.neighbours(ctx, of, t, orders["PUBLISHED_ASC"])
}

// neighbours returns the article that follows each in that order.
func (s *Service) neighbours(ctx context.Context, of []*ent.Article, t *terminal.Terminal, order pagination.Order) (map[string]*ent.Article, error) {
	parents := make(pagination.Parents, len(of))
	for i, a := range of {
		parents[i] = pagination.Parent{ID: a.ID, Key: a.CategoryID, From: pagination.Position{Value: int64(a.ListedAt), ID: a.ID}}
	}
	q := s.store.Client(ctx).Article.Query().Where(shownOn(t)).CollectFields(ctx, nil, order.Column)
	rows, err := listed(ctx, order, q.Modify(pagination.Neighbours(order, 1).PerParent(parents, article.FieldCategoryID)).All)
	if err != nil {
		return nil, fmt.Errorf("read the neighbours of articles: %w", err)
	}
	found, err := pagination.Split(rows)
	if err != nil {
		return nil, err
	}
	neighbours := make(map[string]*ent.Article, len(found))
	for id, rows := range found {
		neighbours[id] = rows[0]
	}
	return neighbours, nil
}

// Related returns, for each of several articles, up to n others: those that share the
// most tags first, then others of its category, the newest first. It needs their category
// and tags. Where t is given, only what t shows counts.
func (s *Service) Related(ctx context.Context, of []*ent.Article, n int, t *terminal.Terminal) (map[string][]*ent.Article, error) {
	ranked, err := s.rankByTags(ctx, of, n, t)
	if err != nil {
		return nil, err
	}
	newest, err := s.newestInCategory(ctx, of, n, t)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, a := range of {
		list := ranked[a.ID]
		for _, id := range newest[a.ID] {
			if id != a.ID && !slices.Contains(list, id) {
				list = append(list, id)
			}
		}
		ranked[a.ID] = list[:min(n, len(list))]
		all = append(all, ranked[a.ID]...)
	}
	slices.Sort(all)
	found, err := s.ByIDs(ctx, slices.Compact(all))
	if err != nil {
		return nil, err
	}
	related := make(map[string][]*ent.Article, len(of))
	for _, a := range of {
		related[a.ID] = pick(found, ranked[a.ID])
	}
	return related, nil
}

// rankByTags returns, for each article, the newest of each of its tags, sorted by how
// many tags they share.
func (s *Service) rankByTags(ctx context.Context, of []*ent.Article, n int, t *terminal.Terminal) (map[string][]string, error) {
	var parents pagination.Parents
	for _, a := range of {
		for _, tag := range a.Tags {
			parents = append(parents, pagination.Parent{ID: a.ID + "/" + tag, Key: tag})
		}
	}
	order := pagination.Order{Column: tagging.FieldListedAt, Tie: tagging.FieldArticleID, Desc: true}
	q := s.store.Client(ctx).Tagging.Query()
	if t != nil {
		q.Where(policy.TaggedOn(terminal.SetOf(*t)))
	}
	rows, err := q.Modify(pagination.First(order, n+1).PerParent(parents, tagging.FieldTag)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the articles that share tags: %w", err)
	}
	byTag, err := pagination.Split(rows)
	if err != nil {
		return nil, err
	}
	ranked := make(map[string][]string, len(of))
	for _, a := range of {
		var taggings []*ent.Tagging
		for _, tag := range a.Tags {
			taggings = append(taggings, byTag[a.ID+"/"+tag]...)
		}
		slices.SortStableFunc(taggings, func(x, y *ent.Tagging) int { return cmp.Compare(y.ListedAt, x.ListedAt) })
		ranked[a.ID] = rank(a.ID, taggings)
	}
	return ranked, nil
}

// rank returns the articles of taggings, newest first, sorted by how often they occur,
// without the article itself.
func rank(self string, taggings []*ent.Tagging) []string {
	times := make(map[string]int)
	var ids []string
	for _, t := range taggings {
		if t.ArticleID == self {
			continue
		}
		if times[t.ArticleID]++; times[t.ArticleID] == 1 {
			ids = append(ids, t.ArticleID)
		}
	}
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(times[b], times[a]) })
	return ids
}

// newestInCategory returns the newest ids of each article's category.
func (s *Service) newestInCategory(ctx context.Context, of []*ent.Article, n int, t *terminal.Terminal) (map[string][]string, error) {
	parents := make(pagination.Parents, len(of))
	for i, a := range of {
		parents[i] = pagination.Parent{ID: a.ID, Key: a.CategoryID}
	}
	q := s.store.Client(ctx).Article.Query().Where(shownOn(t))
	q.Select(article.FieldListedAt)
	rows, err := listed(ctx, newestFirst, q.Modify(pagination.First(newestFirst, n+1).PerParent(parents, article.FieldCategoryID)).All)
	if err != nil {
		return nil, fmt.Errorf("read the newest articles of categories: %w", err)
	}
	split, err := pagination.Split(rows)
	if err != nil {
		return nil, err
	}
	newest := make(map[string][]string, len(split))
	for id, articles := range split {
		for _, a := range articles {
			newest[id] = append(newest[id], a.ID)
		}
	}
	return newest, nil
}

// Revisions returns the newest n saves of each of several articles, as far as the viewer
// may see them.
func (s *Service) Revisions(ctx context.Context, articles []string, n int) (map[string][]*ent.Revision, error) {
	order := pagination.Order{Column: revision.FieldVersion, Desc: true}
	q := s.store.Client(ctx).Revision.Query().CollectFields(ctx, nil, order.Column)
	rows, err := q.Modify(pagination.First(order, n).PerParent(pagination.Each(articles...), revision.FieldArticleID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the revisions of articles: %w", err)
	}
	return pagination.Split(rows)
}

// RevisionsByID returns the saves with these ids that the viewer may see.
func (s *Service) RevisionsByID(ctx context.Context, ids []string) (map[string]*ent.Revision, error) {
	rows, err := s.store.Client(ctx).Revision.Query().Where(revision.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read revisions by id: %w", err)
	}
	return store.ByKey(rows, func(r *ent.Revision) string { return r.ID }), nil
}
