package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// Event is one thing to tell: a change, under the id that it has on every attempt
// and for every receiver.
type Event struct {
	ID    string
	Type  string // such as article.published
	Body  []byte
	After changefeed.Cursor // what is settled when it is
}

// eventPrefix begins the id of an event; the position in the log follows.
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

// event is what is told of a change.
func event(e changefeed.Edge) (Event, error) {
	c := e.Node
	p := payload{Type: strings.ToLower(string(c.ItemType) + "." + string(c.Kind)), Timestamp: c.At,
		Data: data{Kind: c.Kind, ItemType: changefeed.ItemType(strings.ToUpper(string(c.ItemType))), ItemID: c.ItemID, Version: c.Version,
			Purge: c.Purge, At: c.At, Item: c.Item, Beneath: c.Beneath}}
	if c.Reason != "" {
		p.Data.Reason = &c.Reason
	}
	body, err := json.Marshal(p)
	return Event{ID: eventID(e), Type: p.Type, Body: body, After: e.At}, err
}

// eventID is the position of the change. What a change brings along (the comments
// of an article that appears, what left a filter with a category) is told under
// the position of that change, and so has a name of its own behind it.
func eventID(e changefeed.Edge) string {
	at, copying := e.At.Position, e.At.Position < e.At.Base
	switch {
	case !copying && e.Node.Position != at:
		return fmt.Sprintf("%s%d_%s", eventPrefix, at, e.Node.ItemID)
	case len(e.Node.Beneath) > 0:
		return fmt.Sprintf("%s%d_beneath", eventPrefix, e.Node.Position)
	}
	return eventPrefix + strconv.FormatInt(e.Node.Position, 10)
}

// pageSize is how many changes are read at once.
const pageSize = 20

// events is what comes after a place and passes the filter, as an integrator may
// see it now, how far the log was looked at for it, and whether there is more.
func (s *Service) events(ctx context.Context, f changefeed.Filter, after changefeed.Cursor) (list []Event, end changefeed.Cursor, more bool, err error) {
	page, err := s.log.Page(viewer.With(ctx, viewer.Viewer{Role: viewer.Integrator}), after, pageSize, f)
	if err != nil {
		return nil, after, false, err
	}
	for _, edge := range page.Edges {
		e, err := event(edge)
		if err != nil {
			return nil, after, false, fmt.Errorf("write %s: %w", eventID(edge), err)
		}
		list = append(list, e)
	}
	return list, page.End, page.More, nil
}
