package graph

import (
	"context"

	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

func (r *queryResolver) Node(ctx context.Context, id string) (model.Node, error) {
	found, err := r.nodes(ctx, []string{id})
	return found[id], err
}

func (r *queryResolver) Nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	if len(ids) > pagination.MaxSize {
		return nil, fault.New(fault.BadUserInput, "at most %d ids at once, not %d", pagination.MaxSize, len(ids))
	}
	found, err := r.nodes(ctx, ids)
	list := make([]model.Node, len(ids))
	for i, id := range ids {
		list[i] = found[id]
	}
	return list, err
}

// nodes finds what the viewer may see, one statement for each kind of thing. An
// id that is none finds nothing, like one that is not for the viewer.
func (r *Resolver) nodes(ctx context.Context, ids []string) (map[string]model.Node, error) {
	kinds := make(map[typeid.Kind][]string)
	for _, id := range ids {
		if kind, err := typeid.KindOf(id); err == nil {
			kinds[kind] = append(kinds[kind], id)
		}
	}
	found := make(map[string]model.Node, len(ids))
	for kind, ids := range kinds {
		var err error
		switch kind {
		case typeid.Article:
			err = into(found, ids, ctx, r.Articles.ByIDs)
		case typeid.Category:
			err = into(found, ids, ctx, r.Categories.ByIDs)
		case typeid.Publisher:
			err = into(found, ids, ctx, r.Publishers.ByIDs)
		case typeid.Region:
			err = into(found, ids, ctx, r.Regions.ByIDs)
		case typeid.Comment:
			err = into(found, ids, ctx, r.Comments.ByIDs)
		case typeid.Report:
			err = into(found, ids, ctx, r.Reports.ByIDs)
		case typeid.Picture:
			err = into(found, ids, ctx, r.Pictures.ByIDs)
		case typeid.Revision:
			err = into(found, ids, ctx, r.Articles.RevisionsByID)
		case typeid.Webhook:
			err = into(found, ids, ctx, r.Webhooks.ByIDs)
		case typeid.Attempt:
			err = into(found, ids, ctx, r.Webhooks.AttemptsByID)
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func into[T model.Node](found map[string]model.Node, ids []string, ctx context.Context, load func(context.Context, []string) (map[string]T, error)) error {
	rows, err := load(ctx, ids)
	for id, row := range rows {
		found[id] = row
	}
	return err
}
