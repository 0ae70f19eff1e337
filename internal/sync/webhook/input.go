package webhook

import (
	"encoding/json"
	"net/netip"
	"net/url"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// Limits of a webhook.
const (
	maxName     = 100  // characters
	maxURL      = 1000 // bytes
	maxWebhooks = 1000 // in the installation
	maxOwn      = 50   // of one token
	maxOverlap  = 30 * 24
)

// CreateInput describes a new webhook.
type CreateInput struct {
	URL            string
	Name           *string
	Filter         *changefeed.Filter
	FromBeginning  *bool
	IdempotencyKey *string
}

// UpdateInput changes a webhook; what is nil stays as it is.
type UpdateInput struct {
	Webhook string
	URL     *string
	Name    *string
	Filter  *changefeed.Filter
	Active  *bool
}

// RotateInput asks for a new secret.
type RotateInput struct {
	Webhook      string
	OverlapHours *int
}

// ReplayInput asks for events to be delivered again.
type ReplayInput struct {
	Webhook string
	Event   *string
	From    *instant.Instant
	Until   *instant.Instant
}

// Connection is a page of webhooks, Edge one in a list; the same for attempts.
type (
	Connection        = pagination.Connection[*ent.Webhook]
	Edge              = pagination.Edge[*ent.Webhook]
	AttemptConnection = pagination.Connection[*ent.WebhookAttempt]
	AttemptEdge       = pagination.Edge[*ent.WebhookAttempt]
)

// FilterOf returns the filter of w; nil if it has none.
func FilterOf(w *ent.Webhook) *changefeed.Filter {
	f := new(changefeed.Filter)
	if json.Unmarshal([]byte(w.Filter), f) != nil { // empty
		return nil
	}
	return f
}

// filterText encodes f for the database; "" if it excludes nothing.
func filterText(f *changefeed.Filter) string {
	if f == nil || len(f.Types) == 0 && f.Category == nil && f.Region == nil && f.Terminal == nil {
		return ""
	}
	text, _ := json.Marshal(f) // strings and a terminal always marshal
	return string(text)
}

func checkFilter(bad *fault.Invalid, f *changefeed.Filter) {
	if f == nil {
		return
	}
	if err := f.Check(); err != nil {
		bad.Add("INVALID", "filter", "%s", err.Error())
	}
}

func checkName(bad *fault.Invalid, given *string) string {
	if given == nil {
		return ""
	}
	return input.Line(bad, "name", *given, 0, maxName)
}

// checkURL adds to bad what is wrong with an address as it is written. The addresses
// that its host name resolves to are checked by egress when it is dialled.
func (s *Service) checkURL(bad *fault.Invalid, given string) {
	u, err := url.Parse(given)
	switch {
	case err != nil || len(given) > maxURL || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		bad.Add("INVALID", "url", "must be an address of at most %d bytes, such as https://example.com/hook", maxURL)
		return
	case u.User != nil || u.Fragment != "":
		bad.Add("INVALID", "url", "must not hold a password or a #fragment")
		return
	case u.Scheme != "https" && (u.Scheme != "http" || len(s.allow) == 0):
		bad.Add("INVALID", "url", "must begin with https://")
		return
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !s.allow.Contains(a) && egress.Public(a) != nil {
		bad.Add("NOT_ALLOWED", "url", "does not lead to a public host; the operator can allow a network with --webhook-allow-network")
	}
}

// Active reports whether events are delivered to w.
func Active(w *ent.Webhook) bool { return w.State == webhook.StateACTIVE }

// NextAttemptAt returns when a failed delivery is retried; nil if none failed.
func NextAttemptAt(w *ent.Webhook) *instant.Instant {
	if !Active(w) || w.Failures == 0 {
		return nil
	}
	return &w.DueAt
}

// PreviousSecretUntil returns until when deliveries carry two signatures; nil if they carry one.
func PreviousSecretUntil(w *ent.Webhook, now instant.Instant) *instant.Instant {
	if w.PreviousUntil == nil || *w.PreviousUntil <= now {
		return nil
	}
	return w.PreviousUntil
}
