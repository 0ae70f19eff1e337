package article

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

// Record is a whole article: its content and what only the program decides. Its methods
// are the steps of the state machine, pure and without I/O.
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

// RecordOf returns a stored article and its document as a record.
func RecordOf(a *ent.Article, b *ent.Body) (Record, error) {
	content, err := contentOf(a, b)
	if err != nil {
		return Record{}, err
	}
	return Record{Content: content, ID: a.ID, Status: a.Status, PublishedAt: a.PublishedAt, ExpiresAt: a.ExpiresAt,
		CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, Version: a.Version, ViewCount: a.ViewCount,
		OriginAddress: a.OriginAddress, IPRegion: a.IPRegion, ImportKey: a.ImportKey, SearchSlot: a.SearchSlot}, nil
}

// loadRecord reads the document of a stored article and returns both as a record.
func loadRecord(ctx context.Context, c *ent.Client, a *ent.Article) (Record, error) {
	doc, err := c.Body.Get(ctx, a.ID)
	if err != nil {
		return Record{}, fmt.Errorf("read the document of %s: %w", a.ID, err)
	}
	return RecordOf(a, doc)
}

// listedAt returns the time by which lists sort the article.
func (r Record) listedAt() instant.Instant {
	if r.PublishedAt != nil {
		return *r.PublishedAt
	}
	return r.CreatedAt
}

// nextAt returns when the passing of time will next change who sees r; nil for never.
func (r Record) nextAt(now instant.Instant) *instant.Instant {
	switch {
	case r.Status != article.StatusPUBLISHED:
		return nil
	case r.listedAt() > now:
		at := r.listedAt()
		return &at
	default:
		return r.ExpiresAt
	}
}

// publish changes r to PUBLISHED. A time that the article already had is kept unless at
// names another, so that taking it back and publishing it again does not move it to the
// top of lists.
func (r *Record) publish(at, expires *instant.Instant, now instant.Instant) error {
	var bad fault.Invalid
	switch {
	case r.Body.Empty():
		return errEmpty
	case at != nil:
		input.Instant(&bad, "at", *at)
		r.PublishedAt = at
	case r.PublishedAt == nil || *r.PublishedAt > now:
		r.PublishedAt = &now
	}
	r.Status, r.ExpiresAt = article.StatusPUBLISHED, expires
	r.checkExpiry(&bad, now)
	return bad.Err()
}

var errEmpty = fault.Invalid{{Code: "REQUIRED", Field: []string{"body"},
	Message: "what is published needs a text; write one with updateArticle, or take the article back first"}}

// unpublish changes r to UNPUBLISHED.
func (r *Record) unpublish(bad *fault.Invalid) {
	if r.Status != article.StatusPUBLISHED {
		bad.Add("NOT_ALLOWED", "article", "it is not published or scheduled, so there is nothing to take back")
	}
	r.Status = article.StatusUNPUBLISHED
}

// expire changes r to EXPIRED if its time has ended.
func (r *Record) expire(now instant.Instant) {
	if r.Status == article.StatusPUBLISHED && r.ExpiresAt != nil && *r.ExpiresAt <= now {
		r.Status = article.StatusEXPIRED
	}
}

// checkExpiry adds to bad what is wrong with the time at which r expires.
func (r Record) checkExpiry(bad *fault.Invalid, now instant.Instant) {
	if r.ExpiresAt == nil {
		return
	}
	input.Instant(bad, "expiresAt", *r.ExpiresAt)
	switch {
	case *r.ExpiresAt <= now:
		bad.Add("INVALID", "expiresAt", "must be in the future; to hide the article now, unpublish it")
	case r.PublishedAt != nil && *r.ExpiresAt <= *r.PublishedAt:
		bad.Add("INVALID", "expiresAt", "must come after the article is published")
	}
}

// checkImport returns what is wrong with a record that another installation made.
func (r *Record) checkImport() error {
	var bad fault.Invalid
	r.check(&bad)
	if !typeid.Is(typeid.Article, r.ID) {
		bad.Add("INVALID", "id", "%.40q is not the id of an article", r.ID)
	}
	if r.Version < 1 {
		bad.Add("INVALID", "version", "must be 1 or more")
	}
	if r.ViewCount < 0 {
		bad.Add("INVALID", "viewCount", "must be 0 or more")
	}
	if article.StatusValidator(r.Status) != nil {
		bad.Add("INVALID", "status", "%.40q is not the status of an article", r.Status)
	}
	r.OriginAddress = checkBytes(&bad, "originAddress", r.OriginAddress, 100)
	r.IPRegion = optional.String(checkBytes(&bad, "ipRegion", string(r.IPRegion), 90))
	if r.ImportKey != nil {
		checkBytes(&bad, "importKey", *r.ImportKey, 800) // not trimmed: repeated imports look it up
	}
	input.Instant(&bad, "createdAt", r.CreatedAt)
	input.Instant(&bad, "updatedAt", r.UpdatedAt)
	if r.PublishedAt != nil {
		input.Instant(&bad, "publishedAt", *r.PublishedAt)
	}
	if r.ExpiresAt != nil {
		input.Instant(&bad, "expiresAt", *r.ExpiresAt)
	}
	return bad.Err()
}

// checkBytes returns value, trimmed, and adds to bad what is wrong with it as one line of at
// most max bytes, which is how the database bounds it.
func checkBytes(bad *fault.Invalid, field, value string, max int) string {
	if len(value) > max {
		bad.Add("TOO_LONG", field, "has %d bytes; at most %d fit", len(value), max)
		return value
	}
	return input.Line(bad, field, value, 0, max)
}

// equal compares records by their JSON.
func (r Record) equal(other Record) bool {
	a, errA := json.Marshal(r)
	b, errB := json.Marshal(other)
	return errA == nil && errB == nil && string(a) == string(b)
}

// Frozen is what the change feed keeps of an article: what the public may see of it.
type Frozen struct {
	PublishedAt *instant.Instant `json:"publishedAt"`
	ExpiresAt   *instant.Instant `json:"expiresAt"`
	CreatedAt   instant.Instant  `json:"createdAt"`
	UpdatedAt   instant.Instant  `json:"updatedAt"`
	OriginIP    optional.String  `json:"originIpMasked"`
	IPRegion    optional.String  `json:"ipRegion"`
	Content
}

// Frozen returns r as the change feed keeps it.
func (r Record) Frozen() Frozen {
	return Frozen{r.PublishedAt, r.ExpiresAt, r.CreatedAt, r.UpdatedAt, optional.String(redact.Address(r.OriginAddress)), r.IPRegion, r.Content}
}
