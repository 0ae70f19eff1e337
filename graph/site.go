package graph

import (
	"context"

	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

func (r *queryResolver) Site(ctx context.Context) (*model.Site, error) {
	facts, err := r.Resolver.Site.Get(ctx)
	if err != nil {
		return nil, err
	}
	return siteOf(facts), nil
}

// siteOf returns the public form of f.
func siteOf(f site.Facts) *model.Site {
	urls := []*model.TerminalURL{}
	for _, t := range terminal.All() {
		if template := f.URLs[t]; template != "" {
			urls = append(urls, &model.TerminalURL{Terminal: t, Template: template})
		}
	}
	return &model.Site{Name: f.Name, Contact: f.Contact, Copyright: f.Copyright, IcpNumber: orNil(f.ICPNumber),
		Disclaimer: f.Disclaimer, Urls: urls, CommentsOff: f.CommentsOff.List(), ReportWorkingDays: f.ReportWorkingDays}
}

func (r *mutationResolver) UpdateSite(ctx context.Context, input site.UpdateInput) (*model.SitePayload, error) {
	facts, err := r.Resolver.Site.Update(ctx, input)
	invalid, err := userErrors(err)
	if err != nil || len(invalid) > 0 {
		return &model.SitePayload{UserErrors: invalid}, err
	}
	return &model.SitePayload{Site: siteOf(facts), UserErrors: invalid}, nil
}
