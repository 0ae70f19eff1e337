package follower

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Change is one change of the remote feed; docs/changes.md describes it.
type Change struct {
	Kind, ItemType, ItemID string
	Item                   json.RawMessage // null: remove it
	Version                int
	Purge                  bool
}

// removes reports whether the change removes its item from the copy.
func (ch Change) removes() bool { return len(ch.Item) == 0 || string(ch.Item) == "null" }

// Page is a part of the feed, and where it continues.
type Page struct {
	Changes []Change
	Cursor  string // after the last of them
	More    bool
}

const changesQuery = `query Follow($after: Cursor, $first: Int) {
  changes(after: $after, first: $first) {
    edges { node { kind itemType itemId item version purge } }
    pageInfo { hasNextPage endCursor }
  }
}`

// Limits of what a remote may cost.
const (
	pageSize    = 100
	maxResponse = 64 << 20 // bytes; a single change fits
	timeout     = 60 * time.Second
)

// Remote reads the change feed of another server.
type Remote struct {
	address string // without /graphql
	token   string
	client  http.Client
	size    int // of the next page; smaller after one that was too large
}

// NewRemote returns the Tonggao at address, which may end in /graphql, read with a token
// of the role INTEGRATOR.
func NewRemote(address, token string) (*Remote, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fault.New(fault.BadUserInput, "%.200q is not the address of a Tonggao, such as https://news.example.com", address)
	}
	u.Path = strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/graphql"), "/")
	return &Remote{address: u.String(), token: token, client: http.Client{Timeout: timeout, CheckRedirect: refuseRedirects}, size: pageSize}, nil
}

// refuseRedirects keeps the token with the server that it is for.
func refuseRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// permanent returns an error that a retry does not change.
func permanent(format string, args ...any) error {
	return fault.New(fault.BadUserInput, format, args...)
}

var errTooLarge = errors.New("the page is too large")

// After returns the next page after a cursor, "" at the beginning. Pages shrink while they
// are too large, and grow again.
func (r *Remote) After(ctx context.Context, cursor string) (Page, error) {
	for {
		page, err := r.query(ctx, cursor)
		switch {
		case errors.Is(err, errTooLarge) && r.size > 1:
			r.size = max(1, r.size/10)
		case err == nil:
			r.size = min(pageSize, r.size*2)
			return page, nil
		default:
			return Page{}, err
		}
	}
}

// response is the GraphQL response.
type response struct {
	Data struct {
		Changes *struct {
			Edges    []struct{ Node Change }
			PageInfo struct {
				HasNextPage bool
				EndCursor   *string
			}
		}
	}
	Errors []struct {
		Message    string
		Extensions struct{ Code string }
	}
}

// query requests a page.
func (r *Remote) query(ctx context.Context, cursor string) (Page, error) {
	variables := map[string]any{"first": r.size}
	if cursor != "" {
		variables["after"] = cursor
	}
	body, err := json.Marshal(map[string]any{"query": changesQuery, "variables": variables})
	if err != nil {
		return Page{}, fmt.Errorf("request changes: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.address+"/graphql", bytes.NewReader(body))
	if err != nil {
		return Page{}, fmt.Errorf("request changes: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json, application/json")
	req.Header.Set("Authorization", "Bearer "+r.token)
	res, err := r.client.Do(req)
	if err != nil {
		return Page{}, fmt.Errorf("request changes: %w", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxResponse+1))
	if err != nil {
		return Page{}, fmt.Errorf("read the response of %s: %w", r.address, err)
	}
	if len(text) > maxResponse {
		return Page{}, errTooLarge
	}
	return r.decode(res.StatusCode, text, cursor)
}

// decode returns the page of a response, or its error.
func (r *Remote) decode(status int, text []byte, cursor string) (Page, error) {
	var a response
	invalid := json.Unmarshal(text, &a)
	if status >= 500 || status == http.StatusTooManyRequests {
		return Page{}, fmt.Errorf("%s answered with status %d", r.address, status)
	}
	switch {
	case invalid != nil, a.Data.Changes == nil && len(a.Errors) == 0:
		return Page{}, permanent("%s/graphql does not answer as a Tonggao does (status %d); check the address", r.address, status)
	case len(a.Errors) > 0:
		return Page{}, r.remoteError(a.Errors[0].Extensions.Code, a.Errors[0].Message)
	}
	found := a.Data.Changes
	page := Page{Cursor: cursor, More: found.PageInfo.HasNextPage}
	for _, edge := range found.Edges {
		page.Changes = append(page.Changes, edge.Node)
	}
	if end := found.PageInfo.EndCursor; end != nil {
		page.Cursor = *end
	}
	return page, nil
}

// remoteError converts an error of the remote.
func (r *Remote) remoteError(code, message string) error {
	switch fault.Code(code) {
	case fault.Unauthenticated, fault.Forbidden:
		return permanent("%s refuses the token: %s; it needs the role INTEGRATOR", r.address, message)
	case fault.BadUserInput:
		return fmt.Errorf("%w: %w", errRefused, permanent("%s does not continue from the cursor of this copy: %s", r.address, message))
	}
	return fmt.Errorf("%s answered %s: %s", r.address, code, message)
}
