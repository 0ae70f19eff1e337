package article

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/ent/tagging"
	document "github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/search"
)

// change is a record to be saved as a new article, or in place of a stored one.
type change struct {
	Record
	old    *ent.Article // as it was read; nil for a new article
	now    instant.Instant
	reason string // for the change feed
}

// commit completes and saves a change by a user, with a revision.
func (s *Service) commit(ctx context.Context, c *ent.Client, ch change) (*ent.Article, error) {
	if err := complete(ctx, c, &ch.Record, ch.now); err != nil {
		return nil, err
	}
	a, err := s.save(ctx, c, ch)
	if err != nil {
		return nil, err
	}
	if err := saveRevision(ctx, c, ch.Record); err != nil {
		return nil, err
	}
	return a, s.logChange(ctx, c, ch, a)
}

// complete fills in what a save derives: the sizes of pictures, an address, and EXPIRED
// where the time has ended.
func complete(ctx context.Context, c *ent.Client, r *Record, now instant.Instant) (err error) {
	if r.Slug == "" {
		r.Slug = slug.FromID(r.ID)
	} else if r.Slug, err = freeSlug(ctx, c, *r); err != nil {
		return err
	}
	r.expire(now)
	r.Body, err = withPictureSizes(ctx, c, r.Body, r.Publisher)
	return err
}

// freeSlug returns the slug of r, or, where an article has it that the viewer may not see,
// the slug with an addition: that a draft of others exists must not show.
func freeSlug(ctx context.Context, c *ent.Client, r Record) (string, error) {
	held := c.Article.Query().Where(article.Slug(r.Slug), article.IDNEQ(r.ID))
	visible, err := held.Clone().Exist(ctx)
	if err != nil || visible { // saving reports it
		return r.Slug, err
	}
	hidden, err := held.Exist(viewer.AsSystem(ctx))
	if err != nil || !hidden {
		return r.Slug, err
	}
	return slug.Extend(r.Slug, slug.FromID(r.ID)), nil
}

// save writes the row and everything that belongs to it, without a revision and without
// an entry in the change feed. It fails with CONFLICT if old was saved since it was read.
func (s *Service) save(ctx context.Context, c *ent.Client, ch change) (*ent.Article, error) {
	ctx = ch.noticed(ctx)
	if err := ch.checkReferencesExist(ctx, c); err != nil {
		return nil, err
	}
	a, err := s.saveRow(ctx, c, ch)
	if err != nil {
		return nil, err
	}
	slot := a.SearchSlot
	system := viewer.AsSystem(ctx) // the rest belongs to the row, which was allowed
	if err := ch.saveBody(system, c); err != nil {
		return nil, fmt.Errorf("save the document of %s: %w", ch.ID, err)
	}
	if err := ch.saveTags(system, c); err != nil {
		return nil, fmt.Errorf("save the tags of %s: %w", ch.ID, err)
	}
	if err := ch.savePictureUses(system, c); err != nil {
		return nil, err
	}
	if ch.old != nil && ch.old.SearchSlot != slot {
		if err := search.Remove(system, c, s.store.Engine, ch.old.SearchSlot); err != nil {
			return nil, err
		}
	}
	text := strings.Join([]string{ch.Title, string(ch.Subtitle), string(ch.Lead), render.Text(ch.Body)}, "\n")
	return a, search.Put(system, c, s.store.Engine, slot, text)
}

// checkReferencesExist returns which of the rows that ch refers to do not exist; those
// that the old article already had are not looked up again.
func (ch change) checkReferencesExist(ctx context.Context, c *ent.Client) error {
	var old Content
	if ch.old != nil {
		old = Content{Category: ch.old.CategoryID, Publisher: ch.old.PublisherID, Region: regionOf(ch.old)}
	}
	var bad fault.Invalid
	for _, ref := range []struct {
		field, id, old string
		exist          func(context.Context) (bool, error)
	}{
		{"category", ch.Category, old.Category, c.Category.Query().Where(category.ID(ch.Category)).Exist},
		{"publisher", ch.Publisher, old.Publisher, c.Publisher.Query().Where(publisher.ID(ch.Publisher)).Exist},
		{"region", string(ch.Region), string(old.Region), c.Region.Query().Where(region.ID(string(ch.Region))).Exist},
	} {
		if ref.id == "" || ref.id == ref.old {
			continue
		}
		ok, err := ref.exist(ctx)
		if err != nil {
			return fmt.Errorf("look up the %s of %s: %w", ref.field, ch.ID, err)
		}
		if !ok {
			bad.Add("UNKNOWN", ref.field, "there is no such %s", ref.field)
		}
	}
	return bad.Err()
}

// slots returns a random sequence that is the same each time for an article, so that the
// same content has the same slots in every database.
func slots(id string) *rand.Rand {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(id))
	return rand.New(rand.NewPCG(hash.Sum64(), 0))
}

// slotsPerSecond bounds how far the slots of articles with one and the same time may
// spread: imported and scheduled times have no more than seconds.
const slotsPerSecond = 1_000_000

// findSlot returns the row number in the full-text index: the time by which lists sort the
// article, made unique.
func (ch change) findSlot(ctx context.Context, c *ent.Client) (int64, error) {
	from := int64(ch.listedAt())
	if ch.old != nil && ch.old.ListedAt == ch.listedAt() {
		return ch.old.SearchSlot, nil
	}
	if ch.old == nil && ch.SearchSlot >= from && ch.SearchSlot < from+slotsPerSecond {
		return ch.SearchSlot, nil
	}
	free := func(slot int64) (bool, error) {
		taken, err := c.Article.Query().Where(article.SearchSlot(slot)).Exist(viewer.AsSystem(ctx))
		return !taken, err
	}
	slot, isFree, random := from, false, slots(ch.ID)
	var err error
	for range 10 {
		if isFree, err = free(slot); isFree || err != nil {
			break
		}
		slot = from + random.Int64N(slotsPerSecond)
	}
	if err != nil {
		return 0, fmt.Errorf("find a free slot of the search index: %w", err)
	}
	return slot, nil
}

// saveRow writes the row. Where another article takes its slot concurrently, it takes
// another one.
func (s *Service) saveRow(ctx context.Context, c *ent.Client, ch change) (a *ent.Article, err error) {
	for range 5 {
		slot, err := ch.findSlot(ctx, c)
		if err != nil {
			return nil, err
		}
		err = s.store.Savepoint(ctx, c, func() (err error) {
			a, err = ch.writeRow(ctx, c, slot)
			return err
		})
		if taken, _ := store.UniqueViolation(err); taken != "articles.search_slot" {
			return a, ch.saveError(err)
		}
	}
	return nil, fmt.Errorf("save %s: no slot of the search index is free", ch.ID)
}

// writeRow inserts or updates the row.
func (ch change) writeRow(ctx context.Context, c *ent.Client, slot int64) (*ent.Article, error) {
	if ch.old != nil {
		update := c.Article.UpdateOneID(ch.ID).Where(article.Version(ch.old.Version), article.StatusEQ(ch.old.Status))
		ch.fill(update.Mutation(), slot)
		return update.Save(ctx)
	}
	create := c.Article.Create()
	ch.fill(create.Mutation(), slot)
	return create.SetID(ch.ID).SetCreatedAt(ch.CreatedAt).SetViewCount(ch.ViewCount).SetOriginAddress(ch.OriginAddress).
		SetIPRegion(ch.IPRegion).SetNillableImportKey(ch.ImportKey).Save(ctx)
}

// saveError returns err, why the row was not written, as an error for the user where it is
// one.
func (ch change) saveError(err error) error {
	taken, _ := store.UniqueViolation(err)
	switch {
	case err == nil:
		return nil
	case ent.IsNotFound(err):
		return errStale
	case taken == "articles.slug":
		var bad fault.Invalid
		bad.Add("TAKEN", "slug", "another article has the slug %q; choose another", ch.Slug)
		return bad
	case store.IsReferenced(err):
		return fault.Wrap(err, fault.Conflict, "the category, the publisher or the region was deleted at the same moment; nothing was written")
	case taken != "":
		return fault.Wrap(err, fault.Conflict, "the same article was saved at the same moment; nothing was written, try again")
	}
	return fmt.Errorf("save %s: %w", ch.ID, err)
}

// errStale is the error of a save of an older version, where the current one is not known.
var errStale = stale(0)

// stale returns the error of a save of an older version than the current one; 0: unknown.
func stale(current int) error {
	return &fault.Error{Code: fault.Conflict, Version: current,
		Message: "the article was saved since you read it; nothing was written: read it again, apply your change to the new version, and send that version"}
}

// fill sets the columns of the row that a save may change.
func (ch change) fill(m *ent.ArticleMutation, slot int64) {
	m.SetSlug(ch.Slug)
	m.SetStatus(ch.Status)
	m.SetTitle(ch.Title)
	m.SetSubtitle(ch.Subtitle)
	m.SetLeadAuto(ch.Lead == "")
	if m.SetLead(string(ch.Lead)); ch.Lead == "" {
		m.SetLead(render.Excerpt(ch.Body, leadSize))
	}
	m.SetAuthor(ch.Author)
	m.SetSourceName(string(ch.SourceName))
	m.SetSourceURL(ch.SourceURL)
	m.SetCover(ch.Cover)
	m.SetTags(ch.Tags)
	m.SetAiGenerated(ch.AIGenerated)
	m.SetSponsored(ch.Sponsored)
	m.SetCommentsOpen(ch.CommentsOpen)
	m.SetTerminals(terminal.SetOf(ch.Terminals...))
	m.SetCategoryID(ch.Category)
	if ch.Region != "" {
		m.SetRegionID(string(ch.Region))
	} else if ch.old != nil {
		m.ClearRegionID()
	}
	if ch.old == nil || ch.old.PublisherID != ch.Publisher {
		m.SetPublisherID(ch.Publisher)
	}
	if ch.PublishedAt != nil {
		m.SetPublishedAt(*ch.PublishedAt)
	} else if ch.old != nil {
		m.ClearPublishedAt()
	}
	ch.fillTimes(m, ch.old != nil, ch.now)
	m.SetListedAt(ch.listedAt())
	m.SetUpdatedAt(ch.UpdatedAt)
	m.SetVersion(ch.Version)
	m.SetSearchSlot(slot)
}

// fillTimes sets the columns from which the schedule is read.
func (r Record) fillTimes(m *ent.ArticleMutation, exists bool, now instant.Instant) {
	next := r.nextAt(now)
	switch {
	case next != nil:
		m.SetNextAt(*next)
	case exists:
		m.ClearNextAt()
	}
	switch {
	case r.ExpiresAt != nil:
		m.SetExpiresAt(*r.ExpiresAt)
	case exists:
		m.ClearExpiresAt()
	}
}

func (ch change) saveBody(ctx context.Context, c *ent.Client) error {
	text, err := ch.Body.MarshalJSON()
	if err != nil {
		return err
	}
	if ch.old != nil {
		return c.Body.UpdateOneID(ch.ID).SetDocument(string(text)).SetHash(document.Hash(ch.Body)).Exec(ctx)
	}
	return c.Body.Create().SetID(ch.ID).SetArticleID(ch.ID).SetDocument(string(text)).SetHash(document.Hash(ch.Body)).Exec(ctx)
}

func (ch change) saveTags(ctx context.Context, c *ent.Client) error {
	if ch.old != nil {
		if _, err := c.Tagging.Delete().Where(tagging.ArticleID(ch.ID)).Exec(ctx); err != nil {
			return err
		}
	}
	if len(ch.Tags) == 0 {
		return nil
	}
	rows := make([]*ent.TaggingCreate, len(ch.Tags))
	for i, tag := range ch.Tags {
		rows[i] = c.Tagging.Create().SetArticleID(ch.ID).SetTag(tag).SetListedAt(ch.listedAt())
	}
	return c.Tagging.CreateBulk(rows...).Exec(ctx)
}

// saveRevision keeps the content of r as this save left it.
func saveRevision(ctx context.Context, c *ent.Client, r Record) error {
	by := viewer.From(ctx)
	name := by.Name
	if name == "" {
		name = string(by.Role)
	}
	err := c.Revision.Create().SetID(typeid.New(typeid.Revision, r.UpdatedAt)).SetArticleID(r.ID).SetVersion(r.Version).
		SetTitle(r.Title).SetContent(r.Content.JSON()).SetSavedBy(name).SetCreatedAt(r.UpdatedAt).
		Exec(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("save a revision of %s: %w", r.ID, err)
	}
	return nil
}
