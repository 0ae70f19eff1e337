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
	"github.com/tonggao/tonggao/internal/store"
)

// withPictureSizes returns doc with the sizes and the alternative texts of the uploaded
// pictures in it, where doc has none: pages can then reserve space for a picture that is
// not loaded yet.
func withPictureSizes(ctx context.Context, c *ent.Client, doc body.Document) (body.Document, error) {
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
		return body.Document{}, fmt.Errorf("look up the pictures of a document: %w", err)
	}
	found := store.ByKey(rows, func(p *ent.Picture) string { return p.Hash })
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

// sizeAt returns the size of the file of p at that address.
func sizeAt(p *ent.Picture, src string) (width, height int) {
	at, _ := mediaurl.NameOf(src)
	for _, f := range p.Files {
		if mediaurl.IsWidth(at, f.Width) {
			return f.Width, f.Height
		}
	}
	return 0, 0
}

// pictures returns the hashes of the uploaded pictures that c shows.
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

// savePictureUses records which pictures the article shows: they are taken down with it.
func (ch change) savePictureUses(ctx context.Context, c *ent.Client) error {
	if ch.old != nil {
		if _, err := c.PictureUse.Delete().Where(pictureuse.ArticleID(ch.ID)).Exec(ctx); err != nil {
			return fmt.Errorf("remove the picture uses of %s: %w", ch.ID, err)
		}
	}
	for hashes := range slices.Chunk(ch.pictures(), 1000) { // the number of arguments is bounded
		rows := make([]*ent.PictureUseCreate, len(hashes))
		for i, hash := range hashes {
			rows[i] = c.PictureUse.Create().SetArticleID(ch.ID).SetHash(hash).SetDown(ch.Status == article.StatusTAKEN_DOWN)
		}
		if err := c.PictureUse.CreateBulk(rows...).Exec(ctx); err != nil {
			return fmt.Errorf("save the picture uses of %s: %w", ch.ID, err)
		}
	}
	return nil
}

// setPicturesDown records that the pictures of an article are taken down with it, or back.
func setPicturesDown(ctx context.Context, c *ent.Client, id string, down bool) error {
	if err := c.PictureUse.Update().Where(pictureuse.ArticleID(id)).SetDown(down).Exec(ctx); err != nil {
		return fmt.Errorf("mark the pictures of %s as taken down: %w", id, err)
	}
	return nil
}
