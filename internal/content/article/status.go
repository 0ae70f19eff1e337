package article

import (
	"fmt"
	"io"
	"strconv"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Status is the state of an article, as the API names it.
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

// StatusOf returns the state of a at now.
func StatusOf(a *ent.Article, now instant.Instant) Status {
	switch {
	case a.Status != article.StatusPUBLISHED || policy.IsPublic(a, now):
		return Status(a.Status)
	case a.ExpiresAt != nil && *a.ExpiresAt <= now:
		return Expired
	}
	return Scheduled
}

// hasStatus selects the articles for which StatusOf returns status at now.
func hasStatus(status Status, now instant.Instant) predicate.Article {
	stored := article.StatusEQ(article.Status(status))
	switch status {
	case Published:
		return policy.PublicNow(now)
	case Expired:
		return article.Or(article.StatusEQ(article.StatusEXPIRED), article.And(article.StatusEQ(article.StatusPUBLISHED), article.ExpiresAtLTE(now)))
	case Scheduled:
		return article.And(article.StatusEQ(article.StatusPUBLISHED), article.ListedAtGT(now))
	default:
		return stored
	}
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
