package graph

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// form returns a rendered form of b, from the cache if it has been rendered before.
func (r *bodyResolver) form(b *model.Body, name string, draw func(body.Document) string) (string, error) {
	var err error
	text := r.Rendered.Get(render.Key{Body: b.Hash, Form: strings.Join(append([]string{name}, b.Labels...), "|")}, func() string {
		var doc body.Document
		if doc, err = body.Load([]byte(b.Document)); err != nil {
			return ""
		}
		return draw(doc)
	})
	return text, err
}

func (r *Resolver) options(b *model.Body) render.Options {
	return render.Options{BaseURL: r.BaseURL, Labels: b.Labels}
}

func (r *bodyResolver) HTML(_ context.Context, b *model.Body, t terminal.Terminal) (string, error) {
	return r.form(b, t.String(), func(doc body.Document) string { return render.HTML(doc, t, r.options(b)) })
}

func (r *bodyResolver) OfficialAccountHTML(ctx context.Context, b *model.Body) (string, error) {
	return r.HTML(ctx, b, terminal.OfficialAccount)
}

func (r *bodyResolver) OfficialAccountParts(_ context.Context, b *model.Body) ([]string, error) {
	doc, err := body.Load([]byte(b.Document))
	if err != nil {
		return nil, err
	}
	return render.OfficialAccountParts(doc, r.options(b)), nil
}

func (r *bodyResolver) MiniProgramNodes(_ context.Context, b *model.Body, part int) (json.RawMessage, error) {
	nodes, err := r.form(b, "nodes "+strconv.Itoa(part), func(doc body.Document) string {
		parts := render.Parts(render.MiniProgram(doc, r.options(b)), render.PartBytes)
		if part < 0 || part > 0 && part >= len(parts) {
			return ""
		}
		if len(parts) == 0 {
			return "[]"
		}
		return string(render.NodesJSON(parts[part]))
	})
	if err == nil && nodes == "" {
		return nil, fault.New(fault.BadUserInput, "there is no part %d; miniProgramParts is the number of parts, from 0", part)
	}
	return json.RawMessage(nodes), err
}

func (r *bodyResolver) MiniProgramParts(_ context.Context, b *model.Body) (int, error) {
	doc, err := body.Load([]byte(b.Document))
	if err != nil {
		return 0, err
	}
	return max(1, len(render.Parts(render.MiniProgram(doc, r.options(b)), render.PartBytes))), nil
}

func (r *bodyResolver) Markdown(_ context.Context, b *model.Body) (string, error) {
	return r.form(b, "markdown", func(doc body.Document) string { return render.Markdown(doc, r.options(b)) })
}

func (r *bodyResolver) Text(_ context.Context, b *model.Body) (string, error) {
	return r.form(b, "text", func(doc body.Document) string { return render.Text(doc, r.options(b)) })
}

func (r *bodyResolver) Losses(ctx context.Context, b *model.Body, t terminal.Terminal) ([]*model.Loss, error) {
	doc, err := body.Load([]byte(b.Document))
	if err != nil {
		return nil, err
	}
	losses, chinese := []*model.Loss{}, reqinfo.From(ctx).Chinese
	for _, l := range render.Losses(doc, t, r.options(b)) {
		losses = append(losses, &model.Loss{Path: l.Path, Kind: model.LossKind(l.Kind), Reason: l.Reason.In(chinese), Instead: l.Instead.In(chinese)})
	}
	return losses, nil
}

// Images returns the pictures of a body. Their variants are loaded only if they are
// selected, in one batch for all bodies.
func (r *bodyResolver) Images(ctx context.Context, b *model.Body) ([]*model.Image, error) {
	nodes, err := imagesOf(b.Body)
	if err != nil {
		return nil, err
	}
	var uploads map[media.Address]media.Details
	if ent.Selected(ctx, "variants") {
		if uploads, err = r.uploads(ctx, b); err != nil {
			return nil, err
		}
	}
	images := []*model.Image{}
	for _, n := range nodes {
		images = append(images, &model.Image{URL: r.absolute(n.Src), Alt: n.Alt, Caption: orNil(n.Caption), Width: orNilInt(n.Width),
			Height: orNilInt(n.Height), Variants: orEmpty(uploads[media.Address{URL: n.Src}].Variants)})
	}
	return images, nil
}

// uploads returns the uploaded pictures of b by address.
func (r *bodyResolver) uploads(ctx context.Context, b *model.Body) (map[media.Address]media.Details, error) {
	return loadBatch(ctx, b.Group, b.Body, b.ID, func(ctx context.Context, rows []*ent.Body) (map[string]map[media.Address]media.Details, error) {
		var addresses []media.Address
		for _, row := range rows {
			nodes, err := imagesOf(row)
			if err != nil {
				return nil, err
			}
			for _, n := range nodes {
				addresses = append(addresses, media.Address{URL: n.Src})
			}
		}
		uploads, err := r.Pictures.DetailsOf(ctx, addresses)
		if err != nil {
			return nil, err
		}
		found := make(map[string]map[media.Address]media.Details, len(rows))
		for _, row := range rows {
			found[row.ID] = uploads
		}
		return found, nil
	})
}

// imagesOf returns the image nodes of a document.
func imagesOf(b *ent.Body) ([]body.Node, error) {
	doc, err := body.Load([]byte(b.Document))
	if err != nil {
		return nil, err
	}
	return doc.Images(), nil
}
