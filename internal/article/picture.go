package article

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/picture"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/media/address"
	"github.com/tonggao/tonggao/internal/viewer"
)

// withSizes writes into a document how large the uploaded pictures in it are, and
// what they show, where the document does not say: pages can then leave room for
// what is not loaded yet.
func withSizes(ctx context.Context, c *ent.Client, doc body.Document) (body.Document, error) {
	var hashes []string
	for _, n := range doc.Images() {
		if hash := address.HashOf(n.Src); hash != "" && (n.Width == 0 || n.Alt == "") {
			hashes = append(hashes, hash)
		}
	}
	if len(hashes) == 0 {
		return doc, nil
	}
	rows, err := c.Picture.Query().Where(picture.HashIn(hashes...)).All(viewer.AsSystem(ctx))
	if err != nil {
		return doc, fmt.Errorf("look up the pictures of a text: %w", err)
	}
	found := make(map[string]*ent.Picture, len(rows))
	for _, p := range rows {
		found[p.Hash] = p
	}
	return doc.WithImages(func(n body.Node) body.Node {
		p := found[address.HashOf(n.Src)]
		if p == nil {
			return n
		}
		if n.Alt == "" {
			n.Alt = string(p.Alt)
		}
		if n.Width == 0 {
			n.Width, n.Height = sizeAt(p, n.Src)
		}
		return n
	}).Normal(), nil
}

// sizeAt is the size of the file that an address leads to.
func sizeAt(p *ent.Picture, src string) (width, height int) {
	at, _ := address.NameOf(src)
	for _, f := range p.Files {
		if address.IsWidth(at, f.Width) {
			return f.Width, f.Height
		}
	}
	return 0, 0
}
