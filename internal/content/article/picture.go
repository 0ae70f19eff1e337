package article

import (
	"context"
	"fmt"
	"slices"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/pictureuse"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// withPictureSizes returns doc with the sizes and the alternative texts of the uploaded
// pictures in it, where doc has none: pages can then reserve space for a picture that is
// not loaded yet. The texts are those of the publisher of the article or of the editors.
func withPictureSizes(ctx context.Context, c *ent.Client, doc body.Document, publisher string) (body.Document, error) {
	var hashes []string
	for _, n := range doc.Images() {
		if hash := mediaurl.HashOf(n.Src); hash != "" && (n.Width == 0 || n.Alt == "") {
			hashes = append(hashes, hash)
		}
	}
	if len(hashes) == 0 {
		return doc, nil
	}
	pictures, err := policy.PicturesOf(ctx, c, hashes)
	if err != nil {
		return body.Document{}, err
	}
	return doc.WithImages(func(n body.Node) body.Node {
		p := pictures.ShownBy(publisher, mediaurl.HashOf(n.Src))
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
	for _, f := range p.Files {
		if mediaurl.IsWidth(mediaurl.FileOf(src), f.Width) {
			return f.Width, f.Height
		}
	}
	return 0, 0
}

// canonise gives the addresses of uploaded pictures in c their canonical form.
func (c *Content) canonise() {
	canonical := func(src string) string { src, _ = mediaurl.Canonical(src); return src }
	c.Cover = optional.String(canonical(string(c.Cover)))
	c.SourceURL = optional.String(canonical(string(c.SourceURL)))
	c.Body = c.Body.WithAddresses(canonical)
}

// checkPictures adds to bad the first address below the path of pictures that leads to none.
// Imported content may have such addresses: nothing is served there.
func (c Content) checkPictures(bad *fault.Invalid) {
	if *bad != nil {
		return
	}
	wrong := ""
	for src := range c.addresses {
		if _, ok := mediaurl.Canonical(src); !ok && wrong == "" {
			wrong = src
		}
	}
	if wrong != "" {
		bad.Add("INVALID", "body", "%.200q leads to no uploaded picture; use the url that POST /upload returned, unchanged", wrong)
	}
}

// addresses yields the addresses of what c shows or links to.
func (c Content) addresses(yield func(string) bool) {
	if !yield(string(c.Cover)) || !yield(string(c.SourceURL)) {
		return
	}
	more := true
	body.Walk(c.Body, func(_ body.Path, n body.Node) bool {
		more = more && (n.Kind != body.KindImage || yield(n.Src))
		for _, m := range n.Marks {
			more = more && (m.Kind != body.MarkLink || yield(m.Href))
		}
		return more
	})
}

// pictures returns the hashes of the uploaded pictures that c shows or links to.
func (c Content) pictures() (hashes []string) {
	for src := range c.addresses {
		if hash := mediaurl.HashOf(src); hash != "" && !slices.Contains(hashes, hash) {
			hashes = append(hashes, hash)
		}
	}
	return hashes
}

// CanonisePictures gives the addresses of pictures in up to limit articles after an ID their
// canonical form, and records the uses that older versions did not record. It returns the ID
// of the last article, "" after all.
func (s *Service) CanonisePictures(ctx context.Context, c *ent.Client, after string, limit int) (last string, err error) {
	rows, err := c.Article.Query().Where(article.IDGT(after)).WithBody().Order(article.ByID()).Limit(limit).All(ctx)
	if err != nil {
		return "", fmt.Errorf("read articles after %s: %w", after, err)
	}
	for _, a := range rows {
		r, err := RecordOf(a, a.Edges.Body)
		if err != nil {
			return "", err
		}
		ch := change{Record: r, old: a}
		if ch.canonise(); len(ch.pictures()) == 0 {
			continue
		}
		if err := ch.saveBody(ctx, c); err != nil {
			return "", fmt.Errorf("save the document of %s: %w", a.ID, err)
		}
		if err := c.Article.UpdateOneID(a.ID).SetCover(ch.Cover).SetSourceURL(ch.SourceURL).Exec(ctx); err != nil {
			return "", fmt.Errorf("save the addresses of %s: %w", a.ID, err)
		}
		if err := ch.savePictureUses(ctx, c); err != nil {
			return "", err
		}
	}
	if len(rows) == limit {
		last = rows[limit-1].ID
	}
	return last, nil
}

// savePictureUses records which pictures the article shows or links to: they are taken down
// with it.
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
