package policy

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// registerMasks redacts parts of rows that their viewer may see but not whole. Only the
// program itself ever reads a full network address.
func registerMasks(c *ent.Client) {
	c.Publisher.Intercept(masked(maskPublisher))
	c.Article.Intercept(masked(func(_ viewer.Viewer, a *ent.Article) {
		a.OriginAddress = redact.Address(a.OriginAddress)
	}))
	c.Comment.Intercept(masked(func(v viewer.Viewer, c *ent.Comment) {
		c.OriginAddress = redact.Address(c.OriginAddress)
		if !allows(v, ReadAllComments) {
			c.Found, c.Reason = "", ""
		}
	}))
}

func maskPublisher(v viewer.Viewer, p *ent.Publisher) {
	if !p.Public && !allows(v, ReadAllNames) && (v.Publisher == "" || v.Publisher != p.ID) {
		p.Name = redact.Name(p.Name)
	}
}

// MaskPublisher redacts a publisher for the viewer in ctx that no query of his has read.
func MaskPublisher(ctx context.Context, p *ent.Publisher) {
	if v := viewer.From(ctx); !v.Is(viewer.System) {
		maskPublisher(v, p)
	}
}

// masked returns an interceptor that applies hide to each row that a query found, unless
// the program itself reads.
func masked[T any](hide func(viewer.Viewer, T)) ent.Interceptor {
	return ent.InterceptFunc(func(next ent.Querier) ent.Querier {
		return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
			value, err := next.Query(ctx, q)
			v := viewer.From(ctx)
			if rows, ok := value.([]T); ok && !v.Is(viewer.System) {
				for _, row := range rows {
					hide(v, row)
				}
			}
			return value, err
		})
	})
}
