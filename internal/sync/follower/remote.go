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

// Change is one change as the remote log tells it; docs/changes.md describes it.
type Change struct {
	Kind, ItemType, ItemID string
	Item                   json.RawMessage // null: remove it
	Version                int
	Purge                  bool
}

// Page is some changes, and where to go on.
type Page struct {
	Changes []Change
	Cursor  string // after the last of them
	More    bool
}

const query = `query Follow($after: Cursor, $first: Int) {
  changes(after: $after, first: $first) {
    edges { node { kind itemType itemId item version purge } }
    pageInfo { hasNextPage endCursor }
  }
}`

// What a remote may cost us.
const (
	pageSize   = 100
	largest    = 64 << 20 // bytes of an answer; one of a single change fits
	answerTime = 60 * time.Second
)

// Remote is the server that is followed.
type Remote struct {
	address string // without /graphql
	token   string
	client  http.Client
	size    int // of the next page: less after one that was too large
}

// At is the Tonggao at address, which may end in /graphql, read with a token of
// the role INTEGRATOR.
func NewRemote(address, token string) (*Remote, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fault.New(fault.BadUserInput, "%.200q is no address of a Tonggao, such as https://news.example.com", address)
	}
	u.Path = strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/graphql"), "/")
	return &Remote{address: u.String(), token: token, client: http.Client{Timeout: answerTime, CheckRedirect: stay}, size: pageSize}, nil
}

// stay keeps the token with the server it is for.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// refused is an answer that asking again does not change.
func refused(format string, args ...any) error {
	return fault.New(fault.BadUserInput, format, args...)
}

var errLarge = errors.New("the page is too large")

// After is the next page after a cursor, "" at the beginning.
func (r *Remote) After(ctx context.Context, cursor string) (Page, error) {
	for {
		page, err := r.ask(ctx, cursor)
		switch {
		case errors.Is(err, errLarge) && r.size > 1:
			r.size = max(1, r.size/10)
		case err == nil:
			r.size = min(pageSize, r.size*2)
			return page, nil
		default:
			return Page{}, err
		}
	}
}

// answer is what GraphQL says.
type answer struct {
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

func (r *Remote) ask(ctx context.Context, cursor string) (Page, error) {
	variables := map[string]any{"first": r.size}
	if cursor != "" {
		variables["after"] = cursor
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return Page{}, fmt.Errorf("ask for changes: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.address+"/graphql", bytes.NewReader(body))
	if err != nil {
		return Page{}, fmt.Errorf("ask for changes: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json, application/json")
	req.Header.Set("Authorization", "Bearer "+r.token)
	res, err := r.client.Do(req)
	if err != nil {
		return Page{}, err // names the address
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, largest+1))
	if err != nil {
		return Page{}, fmt.Errorf("read the answer of %s: %w", r.address, err)
	}
	if len(text) > largest {
		return Page{}, errLarge
	}
	return r.read(res.StatusCode, text, cursor)
}

// read is the page that an answer holds, or what the answer says instead.
func (r *Remote) read(status int, text []byte, cursor string) (Page, error) {
	var a answer
	broken := json.Unmarshal(text, &a)
	if status >= 500 || status == http.StatusTooManyRequests {
		return Page{}, fmt.Errorf("%s answers with status %d", r.address, status)
	}
	switch {
	case broken != nil, a.Data.Changes == nil && len(a.Errors) == 0:
		return Page{}, refused("%s/graphql does not answer as a Tonggao does (status %d); look at the address", r.address, status)
	case len(a.Errors) > 0:
		return Page{}, r.told(a.Errors[0].Extensions.Code, a.Errors[0].Message)
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

// told is what an error of the remote means here.
func (r *Remote) told(code, message string) error {
	switch fault.Code(code) {
	case fault.Unauthenticated, fault.Forbidden:
		return refused("%s refuses the token: %s; it needs the role INTEGRATOR", r.address, message)
	case fault.BadUserInput:
		return refused("%s refuses to go on from here: %s. If the copy is too old, make a new one: follow into a new --database and serve that", r.address, message)
	}
	return fmt.Errorf("%s answers %s: %s", r.address, code, message)
}
