package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

var rest = http.Client{Timeout: time.Second}

// get returns an error unless an address answers with 200.
func get(ctx context.Context, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := rest.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s %s", url, answer.Status, text)
	}
	return nil
}

// leader returns the node that runs as the primary and holds the key.
func (c *cluster) leader(ctx context.Context) (*node, error) {
	var all error
	for _, n := range c.Nodes {
		err := get(ctx, "http://"+n.REST+"/primary")
		if err == nil {
			return n, nil
		}
		all = errors.Join(all, err)
	}
	return nil, all
}

// promoted waits until another node than old is the primary, and returns when it was seen.
func (c *cluster) promoted(ctx context.Context, old *node) (time.Time, error) {
	found := make(chan time.Time, len(c.Nodes))
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	for _, n := range c.Nodes {
		if n == old {
			continue
		}
		go func() {
			for ctx.Err() == nil {
				if get(ctx, "http://"+n.REST+"/primary") == nil {
					found <- time.Now()
					return
				}
				<-time.After(50 * time.Millisecond)
			}
		}()
	}
	select {
	case at := <-found:
		return at, nil
	case <-ctx.Done():
		return time.Time{}, errors.New("no other server became the primary")
	}
}

// member is what Patroni reports of a node.
type member struct {
	Name, Role, State string
	Lag               any
}

// healthy returns an error unless there is a primary with two standbys that stream, one of
// them synchronous.
func (c *cluster) healthy(ctx context.Context) error {
	leader, err := c.leader(ctx)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+leader.REST+"/cluster", nil)
	if err != nil {
		return err
	}
	answer, err := rest.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var got struct{ Members []member }
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		return err
	}
	roles := map[string]int{}
	for _, m := range got.Members {
		if m.State == "running" || m.State == "streaming" {
			roles[m.Role]++
		}
	}
	if roles["leader"] != 1 || roles["sync_standby"] != 1 || roles["replica"] != 1 {
		return fmt.Errorf("the members are %v", got.Members)
	}
	return get(ctx, "http://"+leader.REST+"/primary")
}

// switchover asks Patroni to make the synchronous standby the primary.
func (c *cluster) switchover(ctx context.Context, old *node) error {
	body, _ := json.Marshal(map[string]string{"leader": old.Name})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+old.REST+"/switchover", bytes.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Timeout: time.Minute}).Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("switch over: %s %s", answer.Status, text)
	}
	return nil
}
