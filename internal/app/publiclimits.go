package app

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph"
	"github.com/tonggao/tonggao/internal/api/admission"
	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/moderation/report"
)

// admission returns the limits of what documents may cost; nil without a rate limit.
func (a *App) admission() graphqlhttp.Admission {
	if a.config.RateLimit == 0 {
		return nil
	}
	return admission.New(admission.Options{Rate: float64(a.config.PointRate), Burst: float64(a.config.PointBurst)})
}

// limitedAttachments applies the write limit to files of reports.
type limitedAttachments struct {
	*report.Service
	limit *graph.WriteLimit
}

// Admit counts a write before it asks the service.
func (l limitedAttachments) Admit(ctx context.Context, receipt string) error {
	if err := l.limit.Take(ctx); err != nil {
		return err
	}
	return l.Service.Admit(ctx, receipt)
}

// Attach counts the bytes of a file before it is stored.
func (l limitedAttachments) Attach(ctx context.Context, receipt string, data []byte) (*ent.Attachment, error) {
	if err := l.limit.Store(ctx, len(data)); err != nil {
		return nil, err
	}
	return l.Service.Attach(ctx, receipt, data)
}
