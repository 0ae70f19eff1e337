package graph

import (
	"context"
	"encoding/json"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph/generated"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/privacy"
)

func (r *queryResolver) Viewer(ctx context.Context) (*model.Viewer, error) {
	v := viewer.From(ctx)
	return &model.Viewer{Role: v.Role, Name: orNil(v.Name), PublisherID: v.Publisher}, nil
}

type viewerResolver struct{ *Resolver }

func (r *viewerResolver) Publisher(ctx context.Context, v *model.Viewer) (*ent.Publisher, error) {
	if v.PublisherID == "" {
		return nil, nil
	}
	return orNull(r.Publishers.Get(ctx, v.PublisherID))
}

func (r *mutationResolver) EraseMyself(ctx context.Context, input privacy.EraseInput) (*model.EraseMyselfPayload, error) {
	done, err := r.Privacy.EraseMyself(ctx, input)
	invalid, err := userErrors(err)
	return &model.EraseMyselfPayload{Erased: done.Comments, Held: done.Held, UserErrors: invalid}, err
}

func (r *viewerResolver) PersonalData(ctx context.Context, _ *model.Viewer) (json.RawMessage, error) {
	data, err := r.Privacy.ExportViewer(ctx)
	if err != nil || data == nil {
		return nil, err
	}
	return json.Marshal(data)
}

// Viewer returns the resolver of the viewer.
func (r *Resolver) Viewer() generated.ViewerResolver { return &viewerResolver{r} }
