package graph

import (
	"context"

	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/moderation/wordlist"
)

func (r *queryResolver) WordLists(ctx context.Context) ([]*wordlist.List, error) {
	list, err := r.Resolver.WordLists.Lists(ctx)
	if err != nil {
		return nil, err
	}
	return orEmpty(list), nil
}

func (r *mutationResolver) PutWordList(ctx context.Context, input model.PutWordListInput) (*model.PutWordListPayload, error) {
	list, err := r.Resolver.WordLists.Put(ctx, input.Name, input.Text)
	invalid, err := userErrors(err)
	return &model.PutWordListPayload{WordList: list, UserErrors: invalid}, err
}
