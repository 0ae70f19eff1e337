package changefeed

import (
	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// The payloads of everything but articles (article.Frozen): never more than the public may
// see. docs/changes.md describes the JSON.

// RegionItem is a region in the log.
type RegionItem struct {
	Slug      string          `json:"slug"`
	Name      string          `json:"name"`
	Position  int             `json:"position"`
	CreatedAt instant.Instant `json:"createdAt"`
	UpdatedAt instant.Instant `json:"updatedAt"`
}

// CategoryItem is a category in the log.
type CategoryItem struct {
	Slug      string              `json:"slug"`
	Name      string              `json:"name"`
	Parent    optional.String     `json:"parent"` // empty: at the top
	Position  int                 `json:"position"`
	Terminals []terminal.Terminal `json:"terminals"`
	CreatedAt instant.Instant     `json:"createdAt"`
	UpdatedAt instant.Instant     `json:"updatedAt"`
}

// PublisherItem is a publisher in the log; its name is redacted unless it is public.
type PublisherItem struct {
	Name      string          `json:"name"`
	Public    bool            `json:"public"`
	CreatedAt instant.Instant `json:"createdAt"`
	UpdatedAt instant.Instant `json:"updatedAt"`
}

// CommentItem is a comment in the log.
type CommentItem struct {
	Article   string           `json:"article"`
	Parent    *string          `json:"parent"`
	Quote     *string          `json:"quote,omitempty"`
	Author    optional.String  `json:"author"`
	Text      string           `json:"text"`
	CreatedAt instant.Instant  `json:"createdAt"`
	EditedAt  *instant.Instant `json:"editedAt"`
	OriginIP  optional.String  `json:"originIpMasked"`
	IPRegion  optional.String  `json:"ipRegion"`
}

// RegionEntry returns the entry for a change to a region.
func RegionEntry(kind Kind, row *ent.Region) Entry {
	return Entry{Kind: kind, Type: string(Region), ID: row.ID,
		Item: RegionItem{row.Slug, row.Name, row.Position, row.CreatedAt, row.UpdatedAt}}
}

// PublisherEntry returns the entry for a change to a publisher.
func PublisherEntry(kind Kind, row *ent.Publisher) Entry {
	item := PublisherItem{row.Name, row.Public, row.CreatedAt, row.UpdatedAt}
	if !item.Public {
		item.Name = redact.Name(item.Name)
	}
	return Entry{Kind: kind, Type: string(Publisher), ID: row.ID, Item: item}
}

// CategoryEntry returns the entry for a change to a category. If it moved, before is the
// parent it had, or nil for the top.
func CategoryEntry(kind Kind, row *ent.Category, before *string) Entry {
	e := Entry{Kind: kind, Type: string(Category), ID: row.ID, Item: CategoryItem{row.Slug, row.Name, optional.String(deref(row.ParentID)),
		row.Position, row.Terminals.List(), row.CreatedAt, row.UpdatedAt}}
	e.Place = &Placement{Category: deref(row.ParentID)}
	if kind == Moved {
		e.Was = &Placement{Category: deref(before)}
	}
	return e
}

// CommentEntry returns the entry for a change to a comment. A tombstone has no item.
func CommentEntry(kind Kind, row *ent.Comment, version int) Entry {
	e := Entry{Kind: kind, Type: string(Comment), ID: row.ID, Version: version, Owner: row.ArticleID}
	if !kind.removes() {
		e.Item = CommentItem{row.ArticleID, row.ParentID, row.QuoteID, row.Author, row.Text, row.CreatedAt,
			row.EditedAt, optional.String(redact.Address(row.OriginAddress)), row.IPRegion}
	}
	return e
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
