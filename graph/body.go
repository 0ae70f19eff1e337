package graph

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/terminal"
)

func (r *bodyResolver) HTML(_ context.Context, b *ent.Body, t terminal.Terminal) (string, error) {
	doc, err := body.Parse([]byte(b.Document))
	return render.HTML(doc, t, render.Options{BaseURL: r.BaseURL}), err
}

func (r *bodyResolver) Markdown(_ context.Context, b *ent.Body) (string, error) {
	doc, err := body.Parse([]byte(b.Document))
	return render.Markdown(doc), err
}

func (r *bodyResolver) Text(_ context.Context, b *ent.Body) (string, error) {
	doc, err := body.Parse([]byte(b.Document))
	return render.Text(doc), err
}

func (r *bodyResolver) Images(_ context.Context, b *ent.Body) ([]*model.Image, error) {
	doc, err := body.Parse([]byte(b.Document))
	images := []*model.Image{}
	for _, n := range doc.Images() {
		images = append(images, &model.Image{URL: n.Src, Alt: n.Alt, Caption: orNil(n.Caption),
			Width: orNilInt(n.Width), Height: orNilInt(n.Height)})
	}
	return images, err
}

func orNilInt(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}
