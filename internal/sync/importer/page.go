package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/revision"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/sync/importer/pagetext"
)

// anonymous is the publisher of pages that name none.
const anonymous = "匿名"

// errSkipped rolls back the transaction of a page that is skipped.
var errSkipped = errors.New("the page is skipped")

// Page imports the text of one article page. A page is recognised by its headline, time
// and publisher: then its content is updated, unless it was edited here, and its id, slug
// and counters stay.
func (i *Importer) Page(ctx context.Context, name string, r io.Reader, result *Result) error {
	ctx = viewer.AsSystem(ctx)
	p, err := pagetext.Parse(r)
	var bad *pagetext.Error
	if errors.As(err, &bad) {
		return result.reject(name, bad.Line, errors.New(bad.Reason))
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	var outcome article.Outcome
	edited, why := false, ""
	err = i.Store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		record, err := i.pageRecord(ctx, p)
		if err != nil {
			return err
		}
		if why, err = i.skipPage(ctx, c, &record); err != nil {
			return err
		}
		if why != "" {
			return errSkipped
		}
		if edited, err = i.edited(ctx, c, record.ID); err != nil || edited {
			return err
		}
		outcome, err = i.Articles.Put(ctx, record)
		return err
	})
	switch {
	case errors.Is(err, errSkipped):
		result.skip(Rejection{name, 1, why})
		return nil
	case err != nil && fatal(ctx, err):
		return err
	case err != nil:
		return result.reject(name, 1, err)
	}
	result.count(outcome)
	if edited {
		result.Edited++
	}
	return nil
}

// edited reports whether an imported article was edited here, which protects it from
// imports: an import saves no revision, and each edit does.
func (i *Importer) edited(ctx context.Context, c *ent.Client, id string) (bool, error) {
	if i.Force {
		return false, nil
	}
	found, err := c.Revision.Query().Where(revision.ArticleID(id)).Exist(ctx)
	if err != nil {
		return false, fmt.Errorf("look for edits of %s: %w", id, err)
	}
	return found, nil
}

// pageRecord returns the article of a page: the known one, updated, or a new one.
func (i *Importer) pageRecord(ctx context.Context, p pagetext.Page) (article.Record, error) {
	path := make([]category.Node, len(p.CategoryPath))
	for n, name := range p.CategoryPath {
		path[n].Name = name
	}
	leaf, err := i.Categories.Ensure(ctx, path)
	if err != nil {
		return article.Record{}, err
	}
	if p.Publisher == "" {
		p.Publisher = anonymous
	}
	publisher, err := i.Publishers.Ensure(ctx, p.Publisher, false)
	if err != nil {
		return article.Record{}, err
	}
	key := pageKey(p)
	now := i.Store.Clock()
	old, err := i.Articles.ByImportKey(ctx, key)
	known := err == nil
	if err != nil && !fault.Is(err, fault.NotFound) {
		return article.Record{}, err
	}
	r := old
	if !known {
		r = article.Record{ID: typeid.New(typeid.Article, p.PublishedAt), Status: entarticle.StatusPUBLISHED, ImportKey: &key,
			PublishedAt: &p.PublishedAt, CreatedAt: now, UpdatedAt: now, Version: 1,
			ViewCount: int64(p.Views), OriginAddress: p.OriginIP}
		r.CommentsOpen, r.Terminals, r.Tags = true, terminal.All(), []string{}
	}
	r.Title, r.Subtitle, r.Lead, r.Author = p.Title, optional.String(p.Subtitle), optional.String(p.Lead), optional.String(p.Author)
	r.SourceName, r.SourceURL = optional.String(p.Source.Name), optional.String(p.Source.URL)
	r.Category, r.Publisher, r.Body = leaf.ID, publisher.ID, p.Body
	if known && old.Content.JSON() != r.Content.JSON() {
		r.Version, r.UpdatedAt = old.Version+1, now
	}
	var bad fault.Invalid
	checkValues(&bad, r)
	return r, bad.Err()
}

// pageKey returns the key by which a page is recognised.
func pageKey(p pagetext.Page) string {
	sum := sha256.Sum256([]byte(p.Title + "\n" + p.PublishedAt.String() + "\n" + p.Publisher))
	return "page:" + hex.EncodeToString(sum[:16])
}
