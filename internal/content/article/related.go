package article

import (
	"cmp"
	"context"
	"slices"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/revision"
	"github.com/tonggao/tonggao/ent/tagging"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Previous is, for each of several articles, the next older one of its category;
// it needs their category and their place in lists. Only what t shows counts,
// where t is given.
func (s *Service) Previous(ctx context.Context, of []*ent.Article, t *terminal.Terminal) (map[string]*ent.Article, error) {
	return s.beside(ctx, of, t, newestFirst)
}

// Next is, for each of several articles, the next newer one of its category.
func (s *Service) Next(ctx context.Context, of []*ent.Article, t *terminal.Terminal) (map[string]*ent.Article, error) {
	return s.beside(ctx, of, t, orders["PUBLISHED_ASC"])
}

func (s *Service) beside(ctx context.Context, of []*ent.Article, t *terminal.Terminal, order pagination.Order) (map[string]*ent.Article, error) {
	parents := make(pagination.Parents, len(of))
	for i, a := range of {
		parents[i] = pagination.Parent{ID: a.ID, Key: a.CategoryID, From: pagination.Position{Value: int64(a.ListedAt), ID: a.ID}}
	}
	q := s.store.Client(ctx).Article.Query().Where(on(t)).CollectFields(ctx, nil, order.Column)
	q.Modify(pagination.Neighbours(order, 1).PerParent(parents, article.FieldCategoryID))
	rows, err := q.All(ctx)
	if err != nil {
		return nil, err
	}
	found, err := pagination.Split(rows)
	neighbours := make(map[string]*ent.Article, len(found))
	for id, near := range found {
		neighbours[id] = near[0]
	}
	return neighbours, err
}

// Related is, for each of several articles, up to n others: those that share the
// most tags first, then others of its category, the newest first, of those that t
// shows where it is given. It needs their category and tags.
func (s *Service) Related(ctx context.Context, of []*ent.Article, n int, t *terminal.Terminal) (map[string][]*ent.Article, error) {
	ranked, err := s.sharingTags(ctx, of, n, t)
	if err != nil {
		return nil, err
	}
	filed, err := s.filedBeside(ctx, of, n, t)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, a := range of {
		list := ranked[a.ID]
		for _, id := range filed[a.ID] {
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

// sharingTags ranks, for each article, the newest of each of its tags by how many
// tags they share.
func (s *Service) sharingTags(ctx context.Context, of []*ent.Article, n int, t *terminal.Terminal) (map[string][]string, error) {
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
	q.Modify(pagination.First(order, n+1).PerParent(parents, tagging.FieldTag))
	rows, err := q.All(ctx)
	if err != nil {
		return nil, err
	}
	sharing, err := pagination.Split(rows)
	ranked := make(map[string][]string, len(of))
	for _, a := range of {
		var taggings []*ent.Tagging
		for _, tag := range a.Tags {
			taggings = append(taggings, sharing[a.ID+"/"+tag]...)
		}
		slices.SortStableFunc(taggings, func(x, y *ent.Tagging) int { return cmp.Compare(y.ListedAt, x.ListedAt) })
		ranked[a.ID] = rank(a.ID, taggings)
	}
	return ranked, err
}

// rank orders the articles of taggings, newest first, by how often they occur,
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

// filedBeside is the newest ids of each article's category.
func (s *Service) filedBeside(ctx context.Context, of []*ent.Article, n int, t *terminal.Terminal) (map[string][]string, error) {
	parents := make(pagination.Parents, len(of))
	for i, a := range of {
		parents[i] = pagination.Parent{ID: a.ID, Key: a.CategoryID}
	}
	q := s.store.Client(ctx).Article.Query().Where(on(t))
	q.Select(article.FieldListedAt)
	q.Modify(pagination.First(newestFirst, n+1).PerParent(parents, article.FieldCategoryID))
	rows, err := q.All(ctx)
	if err != nil {
		return nil, err
	}
	split, err := pagination.Split(rows)
	filed := make(map[string][]string, len(split))
	for id, articles := range split {
		for _, a := range articles {
			filed[id] = append(filed[id], a.ID)
		}
	}
	return filed, err
}

// Revisions is the newest n saves of each of several articles, as far as the
// viewer may see them.
func (s *Service) Revisions(ctx context.Context, articles []string, n int) (map[string][]*ent.Revision, error) {
	order := pagination.Order{Column: revision.FieldVersion, Desc: true}
	q := s.store.Client(ctx).Revision.Query().CollectFields(ctx, nil, order.Column)
	q.Modify(pagination.First(order, n).PerParent(pagination.Each(articles...), revision.FieldArticleID))
	rows, err := q.All(ctx)
	if err != nil {
		return nil, err
	}
	return pagination.Split(rows)
}

// RevisionsByID is the saves with these ids that the viewer may see.
func (s *Service) RevisionsByID(ctx context.Context, ids []string) (map[string]*ent.Revision, error) {
	rows, err := s.store.Client(ctx).Revision.Query().Where(revision.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	found := make(map[string]*ent.Revision, len(rows))
	for _, r := range rows {
		found[r.ID] = r
	}
	return found, err
}
