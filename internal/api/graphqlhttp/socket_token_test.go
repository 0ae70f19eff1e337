package graphqlhttp_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/api/subscribers"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// TestSocketNeedsToken closes a connection that begins without a token, unless there is a
// subscription that needs none.
func TestSocketNeedsToken(t *testing.T) {
	t.Parallel()
	s := serveTokens(t, graphqlhttp.StreamOptions{})
	without := s.dial()
	without.send(`{"type":"connection_init"}`)
	without.wantClosed(4401, "needs a token")
	s.connect("Authorization", "tok_a")
}

// TestSocketTokenEndsWhileIdle ends a connection that has no subscription when its token ends,
// of the request or of the payload.
func TestSocketTokenEndsWhileIdle(t *testing.T) {
	t.Parallel()
	registry, endTokens := endableTokens()
	s := serveTokens(t, graphqlhttp.StreamOptions{Sockets: registry, Authenticate: func(context.Context, string) (viewer.Viewer, error) {
		return viewer.Viewer{Role: viewer.Integrator, TokenID: "tok_b"}, nil
	}})
	request, payload := s.connect("Authorization", "tok_a"), s.dial()
	payload.send(`{"type":"connection_init","payload":{"Authorization":"Bearer b"}}`)
	payload.want("connection_ack ")
	endTokens()
	request.wantClosed(4403, "Forbidden")
	payload.wantClosed(4403, "Forbidden")
}

// TestSocketChecksTokenAtSubscribe delivers nothing to a connection whose token ended before it
// subscribes, though no watch has ended the connection yet.
func TestSocketChecksTokenAtSubscribe(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	ended := []string{}
	registry := subscribers.New(subscribers.Options{Every: time.Hour, Ended: func(context.Context, []string) ([]string, error) {
		mu.Lock()
		defer mu.Unlock()
		return ended, nil
	}})
	s := serveTokens(t, graphqlhttp.StreamOptions{Sockets: registry})
	c := s.connect("Authorization", "tok_a")
	c.subscribe("a", `subscription { count(upTo: 1) }`)
	c.want("next a 1tok_a", "complete a")
	mu.Lock()
	ended = append(ended, "tok_a")
	mu.Unlock()
	c.subscribe("b", `subscription { count(upTo: 1) }`)
	if got, err := c.receive(); err == nil {
		t.Errorf("received %q", got)
	} else if websocket.CloseStatus(err) != 4403 {
		t.Errorf("closed with %v", err)
	}
}

// TestSocketIdle closes a connection after a time without a subscription. The timer begins with
// the connection and after the last subscription, and stops while there is one.
func TestSocketIdle(t *testing.T) {
	t.Parallel()
	type timer struct {
		after time.Duration
		fire  func()
	}
	started, stopped := make(chan timer, 10), make(chan bool, 10)
	s := serveTokens(t, graphqlhttp.StreamOptions{AfterFunc: func(d time.Duration, f func()) func() bool {
		started <- timer{d, f}
		return func() bool { stopped <- true; return true }
	}})
	c := s.connect("Authorization", "tok_a")
	first := <-started
	if first.after != 30*time.Second {
		t.Errorf("the timer runs for %s", first.after)
	}
	c.subscribe("a", `subscription { count(upTo: 1, fail: "never") }`)
	c.want("next a 1tok_a")
	<-stopped
	first.fire() // too late to be stopped: a subscription keeps the connection
	c.send(`{"id":"a","type":"complete"}`)
	(<-started).fire()
	c.wantClosed(websocket.StatusNormalClosure, "no subscription")
}
