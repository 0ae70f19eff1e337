package graph

import (
	"context"
	"encoding/json"

	"github.com/tonggao/tonggao/graph/generated"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/moderation/privacy"
	"github.com/tonggao/tonggao/internal/moderation/report"
)

func (r *mutationResolver) EraseMyself(ctx context.Context, input privacy.EraseInput) (*model.EraseMyselfPayload, error) {
	done, err := r.Privacy.EraseMyself(ctx, input)
	invalid, err := userErrors(err)
	return &model.EraseMyselfPayload{Erased: done.Comments, Held: done.Held, UserErrors: invalid}, err
}

func (r *viewerResolver) PersonalData(ctx context.Context, _ *model.Viewer) (json.RawMessage, error) {
	is, err := r.Privacy.CopyOfMyself(ctx)
	if is == nil || err != nil {
		return nil, err
	}
	return json.Marshal(is)
}

func (r *mutationResolver) Reveal(ctx context.Context, input privacy.Input) (*model.RevealPayload, error) {
	found, err := r.Privacy.Reveal(ctx, input)
	invalid, err := userErrors(err)
	return &model.RevealPayload{Person: found, UserErrors: invalid}, err
}

type personResolver struct{ *Resolver }

// Person resolves who was revealed.
func (r *Resolver) Person() generated.PersonResolver { return &personResolver{r} }

func (r *personResolver) OriginIP(_ context.Context, p *privacy.Person) (*string, error) {
	return orNil(p.Address), nil
}

func (r *personResolver) Evidence(_ context.Context, p *privacy.Person) (*report.Evidence, error) {
	if p.Report == nil {
		return nil, nil
	}
	evidence, err := report.EvidenceOf(p.Report)
	return &evidence, err
}

func (r *personResolver) Attachments(ctx context.Context, p *privacy.Person) ([]*model.RevealedAttachment, error) {
	list := []*model.RevealedAttachment{}
	if p.Report == nil {
		return list, nil
	}
	of, err := r.Reports.Attachments(ctx, []string{p.Report.ID})
	for _, file := range of[p.Report.ID] {
		var path string
		if path, err = r.Reports.Link(ctx, file.ID); err != nil {
			break
		}
		list = append(list, &model.RevealedAttachment{Attachment: file, URL: r.BaseURL + path})
	}
	return list, err
}
