package drill

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// change is an entry of the change log, as far as replicas must agree on it.
type change struct {
	Kind, ItemID, ItemType string
	Version                int
}

// consumer reads the change log from one replica.
type consumer struct {
	*client
	address string

	mu     sync.Mutex
	cursor *string
	list   []change
	titles map[string]string // the last title of each article, by id
	last   error
}

func newConsumer(l *Load, address string) *consumer {
	return &consumer{client: l.newClient(200), address: address, titles: map[string]string{}}
}

// run reads until ctx ends.
func (c *consumer) run(ctx context.Context) {
	for ctx.Err() == nil {
		more, err := c.page(ctx)
		if refused, final := err.(refusal); final && ctx.Err() == nil {
			c.load.problem("consumer of %s: %v", c.address, refused)
		}
		if !more {
			pause(ctx, 4*c.load.options.Pause)
		}
	}
}

const changesQuery = `query ($after: Cursor) { changes(after: $after, first: 100) {
	edges { node { kind itemId itemType version item } } pageInfo { hasNextPage endCursor } } }`

// page reads one page and reports whether there is more.
func (c *consumer) page(ctx context.Context) (more bool, err error) {
	var got struct {
		Changes struct {
			Edges []struct {
				Node struct {
					change
					Item *struct{ Title string }
				}
			}
			PageInfo struct {
				HasNextPage bool
				EndCursor   *string
			}
		}
	}
	err = c.once(ctx, c.address, "INTEGRATOR", changesQuery, map[string]any{"after": c.cursor}, &got)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last = err; err != nil {
		return false, err
	}
	for _, e := range got.Changes.Edges {
		c.list = append(c.list, e.Node.change)
		if e.Node.Item != nil && e.Node.ItemType == "ARTICLE" {
			c.titles[e.Node.ItemID] = e.Node.Item.Title
		}
	}
	if got.Changes.PageInfo.EndCursor != nil {
		c.cursor = got.Changes.PageInfo.EndCursor
	}
	return got.Changes.PageInfo.HasNextPage, nil
}

// has reports whether the consumer has seen an article published.
func (c *consumer) has(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.titles[id]
	return ok
}

func (c *consumer) lastError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// receiver is the endpoint of a webhook.
type receiver struct {
	mu     sync.Mutex
	events map[string]change // by webhook-id
}

func newReceiver() *receiver { return &receiver{events: map[string]change{}} }

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	var event struct{ Data change }
	if err == nil {
		err = json.Unmarshal(body, &event)
	}
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events[q.Header.Get("Webhook-Id")] = event.Data
}

// count returns how many events arrived.
func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events)
}

// Working checks that what runs in the background still runs: an article that is scheduled
// for the next second is published and every consumer sees it, the webhook delivers (it may
// be behind; see Finish), and every replica is ready. It waits for that at most for limit.
func (l *Load) Working(ctx context.Context, name string, limit time.Duration) (time.Duration, error) {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	at := time.Now().Add(publishDelay)
	e, err := l.publish(ctx, l.setup, name, at.UTC().Format(time.RFC3339Nano))
	if err != nil {
		return 0, fmt.Errorf("schedule an article: %w", err)
	}
	delivered := l.receiver.count()
	for {
		missing := l.missing(ctx, e.id, delivered)
		if missing == "" {
			return time.Since(begun), nil
		}
		pause(ctx, 2*l.options.Pause)
		if ctx.Err() != nil {
			return 0, fmt.Errorf("within %s: %s", limit, missing)
		}
	}
}

// missing returns the first thing that has not happened after the article was scheduled.
func (l *Load) missing(ctx context.Context, id string, delivered int) string {
	for _, c := range l.consumers {
		if !c.has(id) {
			return fmt.Sprintf("the consumer of %s did not see the article that was scheduled; its last error: %v", c.address, c.lastError())
		}
	}
	if l.receiver.count() == delivered {
		return "the webhook delivers nothing"
	}
	for _, address := range l.options.Replicas {
		if err := l.ready(ctx, address); err != nil {
			return err.Error()
		}
	}
	return ""
}

// ready returns an error unless a replica says that it is ready.
func (l *Load) ready(ctx context.Context, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := l.setup.http.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s is not ready: %s", address, text)
	}
	return nil
}
