package policy

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/picture"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Pictures are uploaded pictures by hash: one for each publisher that uploaded the file.
type Pictures map[string][]*ent.Picture

// PicturesOf returns the pictures of all publishers with these hashes. Who has the address of
// a picture sees it, so a service may read them for any viewer.
func PicturesOf(ctx context.Context, c *ent.Client, hashes []string) (Pictures, error) {
	rows, err := c.Picture.Query().Where(picture.HashIn(hashes...)).All(viewer.AsSystem(ctx))
	if err != nil {
		return nil, fmt.Errorf("look up uploaded pictures by their hashes: %w", err)
	}
	found := make(Pictures)
	for _, p := range rows {
		found[p.Hash] = append(found[p.Hash], p)
	}
	return found, nil
}

// ShownBy returns the picture with a hash as an article of a publisher shows it: the one that
// the publisher uploaded, or the editors, or else only the files of another. It returns nil
// where there is none.
func (pictures Pictures) ShownBy(publisher, hash string) (found *ent.Picture) {
	for _, p := range pictures[hash] {
		if p.PublisherID == publisher {
			return p
		}
		if found == nil || p.PublisherID == "" {
			found = p
		}
	}
	if found != nil && found.PublisherID != "" {
		return &ent.Picture{Hash: found.Hash, Animated: found.Animated, Files: found.Files}
	}
	return found
}
