package article

import (
	"fmt"
	"io"
	"strconv"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Status is where an article is in its life, as the API tells it.
type Status string

// The states. Scheduled is not stored: it is Published with its time to come.
const (
	Draft       Status = "DRAFT"
	Scheduled   Status = "SCHEDULED"
	Published   Status = "PUBLISHED"
	Unpublished Status = "UNPUBLISHED"
	TakenDown   Status = "TAKEN_DOWN"
	Expired     Status = "EXPIRED"
)

// StatusOf is the state of a at now.
func StatusOf(a *ent.Article, now instant.Instant) Status {
	switch {
	case a.Status != article.StatusPUBLISHED || policy.IsPublic(a, now):
		return Status(a.Status)
	case a.ExpiresAt != nil && *a.ExpiresAt <= now:
		return Expired
	}
	return Scheduled
}

// MarshalGQL writes the GraphQL enum value.
func (s Status) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(s))) }

// UnmarshalGQL reads the GraphQL enum value.
func (s *Status) UnmarshalGQL(v any) error {
	name, _ := v.(string)
	switch *s = Status(name); *s {
	case Draft, Scheduled, Published, Unpublished, TakenDown, Expired:
		return nil
	}
	return fmt.Errorf("%.40q is not an article's status", name)
}
