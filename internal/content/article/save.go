package article

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/body"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/ent/tagging"
	document "github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/search"
)

// Record is a whole article: its content and what only the program decides.
type Record struct {
	ID            string           `json:"id"`
	Status        article.Status   `json:"status"`
	PublishedAt   *instant.Instant `json:"publishedAt"`
	ExpiresAt     *instant.Instant `json:"expiresAt,omitempty"`
	CreatedAt     instant.Instant  `json:"createdAt"`
	UpdatedAt     instant.Instant  `json:"updatedAt"`
	Version       int              `json:"version"`
	ViewCount     int64            `json:"viewCount"`
	OriginAddress string           `json:"originAddress,omitempty"`
	IPRegion      optional.String  `json:"ipRegion,omitempty"`
	ImportKey     *string          `json:"importKey,omitempty"`
	SearchSlot    int64            `json:"searchSlot,omitempty"` // 0: the next free one
	Content
}

// listedAt is the article's place in lists.
func (r Record) listedAt() instant.Instant {
	if r.PublishedAt != nil {
		return *r.PublishedAt
	}
	return r.CreatedAt
}

// save writes r as a new article, or over old; old is the row as it was read, and
// whoever saved since then makes a conflict.
func (s *Service) save(ctx context.Context, c *ent.Client, r Record, old *ent.Article, now instant.Instant) (*ent.Article, error) {
	if err := checkPlaces(ctx, c, r, old); err != nil {
		return nil, err
	}
	if r.Slug == "" {
		r.Slug = slug.FromID(r.ID)
	}
	slot, err := s.slot(ctx, c, r, old)
	if err != nil {
		return nil, err
	}
	a, err := s.saveRow(ctx, c, r, slot, old, now)
	if err != nil {
		return nil, err
	}
	system := viewer.AsSystem(ctx) // what follows belongs to the row that was allowed
	if err := saveBody(system, c, r, old != nil); err != nil {
		return nil, err
	}
	if err := saveTags(system, c, r, old != nil); err != nil {
		return nil, err
	}
	if err := saveUses(system, c, r, old != nil); err != nil {
		return nil, err
	}
	if old != nil && old.SearchSlot != slot {
		if err := search.Remove(system, c, s.store.Engine, old.SearchSlot); err != nil {
			return nil, err
		}
	}
	return a, search.Put(system, c, s.store.Engine, slot, searchText(r.Content))
}

func (s *Service) saveRow(ctx context.Context, c *ent.Client, r Record, slot int64, old *ent.Article, now instant.Instant) (a *ent.Article, err error) {
	if old == nil {
		create := c.Article.Create()
		fill(create.Mutation(), r, slot, nil, now)
		create.SetID(r.ID).SetCreatedAt(r.CreatedAt).SetViewCount(r.ViewCount).SetOriginAddress(r.OriginAddress).SetIPRegion(r.IPRegion)
		create.SetNillableImportKey(r.ImportKey)
		a, err = create.Save(ctx)
	} else {
		update := c.Article.UpdateOneID(r.ID).Where(article.Version(old.Version))
		fill(update.Mutation(), r, slot, old, now)
		a, err = update.Save(ctx)
	}
	switch {
	case ent.IsNotFound(err):
		return nil, errStale
	case store.IsUnique(err) && strings.Contains(err.Error(), "slug"):
		var bad fault.Invalid
		bad.Add("TAKEN", "slug", "another article has the slug %q; choose another", r.Slug)
		return nil, bad
	case store.IsReferenced(err):
		return nil, fault.Wrap(err, fault.Conflict, "the category, the publisher or the region was deleted at the same moment; nothing was written")
	case store.IsUnique(err):
		return nil, fault.Wrap(err, fault.Conflict, "two articles were saved at the same moment; nothing was written, try again")
	}
	return a, err
}

var errStale = fault.New(fault.Conflict,
	"somebody saved this article since you read it; nothing was written: read it again, make your change to the new version, and send that version")

func fill(m *ent.ArticleMutation, r Record, slot int64, old *ent.Article, now instant.Instant) {
	m.SetSlug(r.Slug)
	m.SetStatus(r.Status)
	m.SetTitle(r.Title)
	m.SetSubtitle(r.Subtitle)
	m.SetLeadAuto(r.Lead == "")
	if m.SetLead(string(r.Lead)); r.Lead == "" {
		m.SetLead(render.Excerpt(r.Body, leadSize))
	}
	m.SetAuthor(r.Author)
	m.SetSourceName(string(r.SourceName))
	m.SetSourceURL(r.SourceURL)
	m.SetCover(r.Cover)
	m.SetTags(r.Tags)
	m.SetAiGenerated(r.AIGenerated)
	m.SetSponsored(r.Sponsored)
	m.SetCommentsOpen(r.CommentsOpen)
	m.SetTerminals(terminal.SetOf(r.Terminals...))
	m.SetCategoryID(r.Category)
	if r.Region != "" {
		m.SetRegionID(string(r.Region))
	} else if old != nil {
		m.ClearRegionID()
	}
	if old == nil || old.PublisherID != r.Publisher {
		m.SetPublisherID(r.Publisher)
	}
	if r.PublishedAt != nil {
		m.SetPublishedAt(*r.PublishedAt)
	} else if old != nil {
		m.ClearPublishedAt()
	}
	fillTimes(m, r, old != nil, now)
	m.SetListedAt(r.listedAt())
	m.SetUpdatedAt(r.UpdatedAt)
	m.SetVersion(r.Version)
	m.SetSearchSlot(slot)
}

func bodyIDIn(ids []string) predicate.Body { return body.IDIn(ids...) }

func saveBody(ctx context.Context, c *ent.Client, r Record, exists bool) error {
	text, err := r.Body.MarshalJSON()
	if err != nil {
		return fmt.Errorf("write the document of %s: %w", r.ID, err)
	}
	if exists {
		return c.Body.UpdateOneID(r.ID).SetDocument(string(text)).SetHash(document.Hash(r.Body)).Exec(ctx)
	}
	return c.Body.Create().SetID(r.ID).SetArticleID(r.ID).SetDocument(string(text)).SetHash(document.Hash(r.Body)).Exec(ctx)
}

func saveTags(ctx context.Context, c *ent.Client, r Record, exists bool) error {
	if exists {
		if _, err := c.Tagging.Delete().Where(tagging.ArticleID(r.ID)).Exec(ctx); err != nil {
			return fmt.Errorf("take the tags off %s: %w", r.ID, err)
		}
	}
	rows := make([]*ent.TaggingCreate, len(r.Tags))
	for i, tag := range r.Tags {
		rows[i] = c.Tagging.Create().SetArticleID(r.ID).SetTag(tag).SetListedAt(r.listedAt())
	}
	if len(rows) == 0 {
		return nil
	}
	return c.Tagging.CreateBulk(rows...).Exec(ctx)
}

// saveRevision keeps r's content, as one save left it.
func saveRevision(ctx context.Context, c *ent.Client, r Record) error {
	by := viewer.From(ctx)
	name := by.Name
	if name == "" {
		name = string(by.Role)
	}
	return c.Revision.Create().SetID(typeid.New(typeid.Revision, r.UpdatedAt)).SetArticleID(r.ID).SetVersion(r.Version).
		SetTitle(r.Title).SetContent(r.Content.JSON()).SetSavedBy(name).SetCreatedAt(r.UpdatedAt).
		Exec(viewer.AsSystem(ctx))
}

// slotsPerSecond is how far the slots of articles with one and the same time may
// spread: imported times have no more than seconds.
const slotsPerSecond = 1_000_000

// slot is r's place in the full-text index: its place in lists, made unique.
func (s *Service) slot(ctx context.Context, c *ent.Client, r Record, old *ent.Article) (int64, error) {
	from := int64(r.listedAt())
	if old != nil && old.ListedAt == r.listedAt() {
		return old.SearchSlot, nil
	}
	if old == nil && r.SearchSlot >= from && r.SearchSlot < from+slotsPerSecond {
		return r.SearchSlot, nil
	}
	taken, err := c.Article.Query().
		Where(article.SearchSlotGTE(from), article.SearchSlotLT(from+slotsPerSecond)).
		Order(ent.Desc(article.FieldSearchSlot)).Limit(1).Select(article.FieldSearchSlot).
		Ints(viewer.AsSystem(ctx))
	if err != nil || len(taken) == 0 {
		return from, err
	}
	return int64(taken[0]) + 1, nil
}

func searchText(c Content) string {
	return strings.Join([]string{c.Title, string(c.Subtitle), string(c.Lead), render.Text(c.Body)}, "\n")
}

// checkPlaces says which of the rows that r refers to do not exist; those that old
// already had are not looked up again.
func checkPlaces(ctx context.Context, c *ent.Client, r Record, old *ent.Article) error {
	var bad fault.Invalid
	look := func(field, id string, same bool, exist func(context.Context) (bool, error)) error {
		if id == "" || same {
			return nil
		}
		ok, err := exist(ctx)
		if err == nil && !ok {
			bad.Add("UNKNOWN", field, "there is no such %s", field)
		}
		return err
	}
	return errors.Join(
		look("category", r.Category, old != nil && old.CategoryID == r.Category,
			c.Category.Query().Where(category.ID(r.Category)).Exist),
		look("publisher", r.Publisher, old != nil && old.PublisherID == r.Publisher,
			c.Publisher.Query().Where(publisher.ID(r.Publisher)).Exist),
		look("region", string(r.Region), old != nil && old.RegionID != nil && *old.RegionID == string(r.Region),
			c.Region.Query().Where(region.ID(string(r.Region))).Exist),
		bad.Err(),
	)
}
