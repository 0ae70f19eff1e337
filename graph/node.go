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
	if err != nil {
		return nil, err
	}
	list := make([]model.Node, len(ids))
	for i, id := range ids {
		list[i] = found[id]
	}
	return list, nil
}

// nodes returns the items that the viewer may see, with one statement per kind of item.
// A malformed ID finds nothing, like one that the viewer may not see.
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
			err = addNodes(ctx, found, ids, r.Articles.ByIDs)
		case typeid.Category:
			err = addNodes(ctx, found, ids, r.Categories.ByIDs)
		case typeid.Publisher:
			err = addNodes(ctx, found, ids, r.Publishers.ByIDs)
		case typeid.Region:
			err = addNodes(ctx, found, ids, r.Regions.ByIDs)
		case typeid.Comment:
			err = addNodes(ctx, found, ids, r.Comments.ByIDs)
		case typeid.Report:
			err = addNodes(ctx, found, ids, r.Reports.ByIDs)
		case typeid.Picture:
			err = addNodes(ctx, found, ids, r.Pictures.ByIDs)
		case typeid.Revision:
			err = addNodes(ctx, found, ids, r.Articles.RevisionsByID)
		case typeid.Webhook:
			err = addNodes(ctx, found, ids, r.Webhooks.ByIDs)
		case typeid.Attempt:
			err = addNodes(ctx, found, ids, r.Webhooks.AttemptsByID)
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// addNodes adds the rows that load finds to found.
func addNodes[T model.Node](ctx context.Context, found map[string]model.Node, ids []string, load func(context.Context, []string) (map[string]T, error)) error {
	rows, err := load(ctx, ids)
	for id, row := range rows {
		found[id] = row
	}
	return err
}
