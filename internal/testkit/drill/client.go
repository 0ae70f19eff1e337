package drill

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// client is one user with a network address of its own, so that a load balancer that divides
// by address divides the clients, and each has its own rate limit.
type client struct {
	load          *Load
	front         string
	http          http.Client
	done, retries atomic.Int64

	mu      sync.Mutex
	last    error
	history []request // newest last
	since   time.Time // of Recovered
	first   time.Time // success with a request begun after since
}

// request is one that ended.
type request struct {
	begun, ended time.Time
	err          error
}

// kept is how many requests a client remembers.
const kept = 4096

func (l *Load) newClient(n int) *client {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(n+1))}, Timeout: 3 * time.Second}
	return &client{load: l, front: l.options.Fronts[n%len(l.options.Fronts)], http: http.Client{Timeout: l.options.Timeout,
		Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 1}}}
}

// errAgain marks what a client retries: no answer, UNAVAILABLE, an unknown outcome, or a
// load balancer without a server.
var errAgain = errors.New("try again")

// refusal is an answer that is final.
type refusal struct{ code, message string }

func (r refusal) Error() string { return r.code + ": " + r.message }

// answer is what a GraphQL server responds.
type answer struct {
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Extensions struct{ Code string }
	}
}

// once sends an operation to an address, once.
func (c *client) once(ctx context.Context, address, role, query string, variables map[string]any, data any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if role != "" {
		r.Header.Set("Authorization", "Bearer "+c.load.options.Tokens[role])
	}
	response, err := c.http.Do(r)
	if err != nil {
		return fmt.Errorf("%w: %w", errAgain, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("%w: %w", errAgain, err)
	}
	var got answer
	if err := json.Unmarshal(text, &got); err != nil {
		return fmt.Errorf("%w: status %d, %.80s", errAgain, response.StatusCode, text)
	}
	if len(got.Errors) == 0 {
		return json.Unmarshal(got.Data, data)
	}
	switch e := got.Errors[0]; e.Extensions.Code {
	case "UNAVAILABLE", "OUTCOME_UNKNOWN":
		return fmt.Errorf("%w: %s: %s", errAgain, e.Extensions.Code, e.Message)
	case "INTERNAL":
		c.load.problem("INTERNAL: %s, for %.60s", e.Message, query)
		return fmt.Errorf("%w: %s", errAgain, e.Message)
	default:
		return refusal{e.Extensions.Code, e.Message}
	}
}

// retryPause is before a request is sent again.
const retryPause = 100 * time.Millisecond

// ask sends an operation to the front until there is an answer. Each request of a client is
// one success or a number of retries.
func (c *client) ask(ctx context.Context, role, query string, variables map[string]any, data any) error {
	for {
		begun := time.Now()
		err := c.once(ctx, c.front, role, query, variables, data)
		c.note(begun, err)
		if err == nil || !errors.Is(err, errAgain) || ctx.Err() != nil {
			return err
		}
		c.retries.Add(1)
		pause(ctx, retryPause)
	}
}

// mutate sends a mutation of the form "a: … { of: … { id } userErrors { message } }" and
// returns the id of what it changed.
func (c *client) mutate(ctx context.Context, role, query string, variables map[string]any) (string, error) {
	var got struct {
		A struct {
			Of         *struct{ ID string }
			UserErrors []struct{ Message string }
		}
	}
	if err := c.ask(ctx, role, query, variables, &got); err != nil {
		return "", err
	}
	if got.A.Of == nil {
		return "", refusal{"BAD_USER_INPUT", fmt.Sprint(got.A.UserErrors)}
	}
	return got.A.Of.ID, nil
}

// note records the outcome of a request.
func (c *client) note(begun time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.history) == kept {
		c.history = append(c.history[:0], c.history[kept/2:]...)
	}
	now := time.Now()
	c.history = append(c.history, request{begun, now, err})
	if c.last = err; err != nil {
		return
	}
	c.done.Add(1)
	if c.first.IsZero() && begun.After(c.since) {
		c.first = now
	}
}

// watch begins to look for a success with a request that begins after since.
func (c *client) watch(since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since, c.first = since, time.Time{}
}

func (c *client) succeeded() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first
}

func (c *client) lastError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

func (c *client) successes(since time.Time) (list []time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.history {
		if r.err == nil && r.ended.After(since) {
			list = append(list, r.ended)
		}
	}
	return list
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
