package graph

import (
	"context"

	"github.com/tonggao/tonggao/graph/generated"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/moderation/privacy"
	"github.com/tonggao/tonggao/internal/moderation/report"
)

func (r *mutationResolver) Reveal(ctx context.Context, input privacy.Input) (*model.RevealPayload, error) {
	found, err := r.Privacy.Reveal(ctx, input)
	invalid, err := userErrors(err)
	return &model.RevealPayload{Person: found, UserErrors: invalid}, err
}

type personResolver struct{ *Resolver }

// Person returns the resolver of revealed personal data.
func (r *Resolver) Person() generated.PersonResolver { return &personResolver{r} }

func (r *personResolver) OriginIP(_ context.Context, p *privacy.Person) (*string, error) {
	return orNil(p.Address), nil
}

func (r *personResolver) Evidence(_ context.Context, p *privacy.Person) (*report.Evidence, error) {
	if p.Report == nil {
		return nil, nil
	}
	evidence, err := report.EvidenceOf(p.Report)
	if err != nil {
		return nil, err
	}
	return &evidence, nil
}

func (r *personResolver) Attachments(ctx context.Context, p *privacy.Person) ([]*model.RevealedAttachment, error) {
	list := []*model.RevealedAttachment{}
	if p.Report == nil {
		return list, nil
	}
	files, err := r.Reports.Attachments(ctx, []string{p.Report.ID})
	if err != nil {
		return nil, err
	}
	for _, file := range files[p.Report.ID] {
		path, err := r.Reports.Link(ctx, file.ID)
		if err != nil {
			return nil, err
		}
		list = append(list, &model.RevealedAttachment{Attachment: file, URL: r.BaseURL + path})
	}
	return list, nil
}
