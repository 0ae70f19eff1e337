package article

import (
	"context"
	"fmt"
	"slices"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/picture"
	"github.com/tonggao/tonggao/ent/pictureuse"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// withSizes writes into a document how large the uploaded pictures in it are, and
// what they show, where the document does not say: pages can then leave room for
// what is not loaded yet.
func withSizes(ctx context.Context, c *ent.Client, doc body.Document) (body.Document, error) {
	var hashes []string
	for _, n := range doc.Images() {
		if hash := mediaurl.HashOf(n.Src); hash != "" && (n.Width == 0 || n.Alt == "") {
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
		p := found[mediaurl.HashOf(n.Src)]
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
	at, _ := mediaurl.NameOf(src)
	for _, f := range p.Files {
		if mediaurl.IsWidth(at, f.Width) {
			return f.Width, f.Height
		}
	}
	return 0, 0
}

// pictures is the hashes of the uploaded pictures that c shows.
func (c Content) pictures() (hashes []string) {
	list := []string{mediaurl.HashOf(string(c.Cover))}
	for _, n := range c.Body.Images() {
		list = append(list, mediaurl.HashOf(n.Src))
	}
	for _, hash := range list {
		if hash != "" && !slices.Contains(hashes, hash) {
			hashes = append(hashes, hash)
		}
	}
	return hashes
}

// saveUses notes which pictures r shows, so that they go off the net with it.
func saveUses(ctx context.Context, c *ent.Client, r Record, exists bool) error {
	if exists {
		if _, err := c.PictureUse.Delete().Where(pictureuse.ArticleID(r.ID)).Exec(ctx); err != nil {
			return fmt.Errorf("forget which pictures %s showed: %w", r.ID, err)
		}
	}
	for hashes := range slices.Chunk(r.pictures(), 1000) { // a statement has a bound of its own
		rows := make([]*ent.PictureUseCreate, len(hashes))
		for i, hash := range hashes {
			rows[i] = c.PictureUse.Create().SetArticleID(r.ID).SetHash(hash).SetDown(r.Status == article.StatusTAKEN_DOWN)
		}
		if err := c.PictureUse.CreateBulk(rows...).Exec(ctx); err != nil {
			return fmt.Errorf("note which pictures %s shows: %w", r.ID, err)
		}
	}
	return nil
}

// usesAre marks what an article shows as taken down with it, or as back.
func usesAre(ctx context.Context, c *ent.Client, id string, down bool) error {
	if err := c.PictureUse.Update().Where(pictureuse.ArticleID(id)).SetDown(down).Exec(ctx); err != nil {
		return fmt.Errorf("mark the pictures of %s: %w", id, err)
	}
	return nil
}
