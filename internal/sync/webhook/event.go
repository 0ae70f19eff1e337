package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Event is one change to deliver, under the id that it has on every attempt and for
// every receiver.
type Event struct {
	ID    string
	Type  string // such as article.published
	Body  []byte
	After changefeed.Cursor // where the feed continues after it

	change changefeed.Edge // what the body holds; its node is nil where that is no change of the feed
}

// eventPrefix begins the id of an event; the position in the feed follows.
const eventPrefix = "chg_"

// payload is the body of a delivery, in the form that Standard Webhooks advises.
type payload struct {
	Type      string          `json:"type"`
	Timestamp instant.Instant `json:"timestamp"`
	Data      data            `json:"data"`
}

// data is the change, with the names that GraphQL's Change has.
type data struct {
	Kind     changefeed.Kind     `json:"kind"`
	ItemType changefeed.ItemType `json:"itemType"`
	ItemID   string              `json:"itemId"`
	Version  int                 `json:"version"`
	Reason   *optional.String    `json:"reason"`
	Purge    bool                `json:"purge"`
	At       instant.Instant     `json:"at"`
	Item     json.RawMessage     `json:"item"`
	Beneath  []string            `json:"beneath"`
}

// newEvent encodes a change of the feed.
func newEvent(e changefeed.Edge) (Event, error) {
	c := e.Node
	p := payload{Type: strings.ToLower(string(c.ItemType) + "." + string(c.Kind)), Timestamp: c.At,
		Data: data{Kind: c.Kind, ItemType: changefeed.ItemType(strings.ToUpper(string(c.ItemType))), ItemID: c.ItemID, Version: c.Version,
			Purge: c.Purge, At: c.At, Item: c.Item, Beneath: c.Beneath}}
	if c.Reason != "" {
		p.Data.Reason = &c.Reason
	}
	body, err := json.Marshal(p)
	if err != nil {
		err = fmt.Errorf("encode %s: %w", eventID(e), err)
	}
	return Event{ID: eventID(e), Type: p.Type, Body: body, After: e.At, change: e}, err
}

// current returns e as an integrator may see it now. Its page may have been read minutes ago,
// because the receiver of the events before it was slow: an item that was hidden since is not
// sent any more.
func (s *Service) current(ctx context.Context, e Event) (Event, error) {
	if e.change.Node == nil || e.change.Node.Item == nil {
		return e, nil
	}
	sees, err := s.log.Sees(policy.AsIntegrator(ctx), e.change.Node)
	if err != nil || sees {
		return e, err
	}
	hidden := *e.change.Node
	hidden.Item = nil
	e.change.Node = &hidden
	return newEvent(e.change)
}

// eventID returns the id of a change: its position in the feed and the fingerprint
// of its entry: after a restore other entries have the same positions. Changes that are
// derived from another one (the comments of an article that appears, what left a
// filter with a category) share its position, so their item follows.
func eventID(e changefeed.Edge) string {
	id := fmt.Sprintf("%s%d_%08x", eventPrefix, e.Node.Position, e.Node.Fingerprint)
	at, copying := e.At.Position, e.At.Position < e.At.Base
	switch {
	case !copying && e.Node.Position != at:
		_, fingerprint, _ := strings.Cut(e.At.Entry, ".")
		return fmt.Sprintf("%s%d_%s_%s", eventPrefix, at, fingerprint, e.Node.ItemID)
	case len(e.Node.Beneath) > 0:
		return id + "_beneath"
	}
	return id
}

// startOverType is the type of the event that precedes all others after the database was
// restored.
const startOverType = "changes.start_over"

// startOver returns a page of one event, which asks the receiver to start over, and continues
// at the webhook's position in the log as it is now.
func (d *delivery) startOver(ctx context.Context) (*page, error) {
	end, err := d.log.End(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the end of the change feed: %w", err)
	}
	after, err := d.log.At(ctx, min(end, max(d.w.Position, d.w.Base)), "")
	if err != nil {
		return nil, fmt.Errorf("find the place in the change feed: %w", err)
	}
	body, err := json.Marshal(map[string]any{"type": startOverType, "timestamp": d.store.Clock(), "data": map[string]string{
		"reason": "the database was restored or lost its last changes; your copy may differ: read all of it again with the query changes"}})
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", startOverType, err)
	}
	d.skip(d.w.ID, changefeed.Cursor{})
	id := fmt.Sprintf("%sstart_over_%s_%d", eventPrefix, after.Entry, after.Position)
	return &page{events: []Event{{ID: id, Type: startOverType, Body: body, After: after}}, end: after, more: true}, nil
}

// PositionOf returns the position in the feed that the id of an event names.
func PositionOf(event string) (int64, error) {
	rest, ours := strings.CutPrefix(event, eventPrefix)
	digits, _, _ := strings.Cut(rest, "_")
	position, err := strconv.ParseInt(digits, 10, 64)
	if err == nil && (!ours || position < 1) {
		err = fmt.Errorf("%.60q is not the id of an event", event)
	}
	return position, err
}

// pageSize limits how many changes are read at once.
const pageSize = 20

// page is a part of the feed.
type page struct {
	events []Event
	end    changefeed.Cursor // up to which the feed was read
	more   bool
}

// readPage returns the events after a cursor that pass the filter, as an integrator
// may see them now.
func (s *Service) readPage(ctx context.Context, f *changefeed.Filter, after changefeed.Cursor) (*page, error) {
	if f == nil {
		f = &changefeed.Filter{}
	}
	found, err := s.log.Page(policy.AsIntegrator(ctx), after, pageSize, *f)
	if err != nil {
		return nil, fmt.Errorf("read the change feed: %w", err)
	}
	p := &page{end: found.End, more: found.More}
	for _, edge := range found.Edges {
		e, err := newEvent(edge)
		if err != nil {
			return nil, err
		}
		p.events = append(p.events, e)
	}
	return p, nil
}
