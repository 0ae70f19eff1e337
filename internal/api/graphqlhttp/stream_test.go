package graphqlhttp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/api/subscribers"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// numbers is a schema whose subscription counts upwards, as a feed with cursors does.
type numbers struct{ *schema }

func newNumbers() numbers {
	return numbers{newSchema(`
		type Query { site: String }
		type Mutation { rename: String }
		type Subscription { count(after: String, upTo: Int, padding: Int, fail: String): String }`,
		object{"site": "养老之家", "rename": "改了"})}
}

// Exec runs subscriptions with a Delivery, as generated code and the resolver of changes do.
func (s numbers) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation != ast.Subscription {
		return s.schema.Exec(ctx)
	}
	args := op.Operation.SelectionSet[0].(*ast.Field).ArgumentMap(op.Variables)
	d, events := graphqlhttp.NewDelivery[string](ctx)
	go func() { d.End(count(ctx, d, args)) }()
	return func(ctx context.Context) *graphql.Response {
		select {
		case event, ok := <-events:
			if !ok && args["fail"] == "panic" {
				panic("secret")
			}
			if !ok {
				return nil
			}
			data, _ := json.MarshalIndent(map[string]string{"count": event}, "\r", "") // an event is one line all the same
			return &graphql.Response{Data: data}
		case <-ctx.Done():
			return nil
		}
	}
}

// count sends the numbers after the cursor up to upTo, and then ends or fails. Without upTo
// it continues until ctx ends. An event names the token of its reader.
func count(ctx context.Context, d graphqlhttp.Delivery[string], args map[string]any) error {
	after, _ := args["after"].(string)
	if last := d.After(); last != nil {
		after = *last
	}
	n, _ := strconv.ParseInt(after, 10, 64)
	upTo, limited := args["upTo"].(int64)
	padding, _ := args["padding"].(int64)
	for n++; !limited || n <= upTo; n++ {
		cursor := strconv.FormatInt(n, 10)
		if err := d.Send(ctx, cursor+viewer.From(ctx).TokenID+strings.Repeat(".", int(padding)), cursor); err != nil {
			return err
		}
	}
	switch args["fail"] {
	case "fault":
		return fault.New(fault.Conflict, "the log was truncated; begin again")
	case "defect":
		return errors.New("no such table: changes")
	case "never":
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

// observer records the ends of subscriptions.
type observer chan string

func (o observer) SubscriptionBegan(string)                {}
func (o observer) SubscriptionEnded(transport, why string) { o <- transport + " " + why }

// streams is a server of numbers, and the ends of its subscriptions.
type streams struct {
	*httptest.Server
	t     *testing.T
	ended observer
}

// serveNumbers starts a server. A request with the header Authorization: NAME has the token NAME.
func serveNumbers(t *testing.T, o graphqlhttp.StreamOptions) *streams {
	t.Helper()
	o.Public = true
	return serveTokens(t, o)
}

// serveTokens starts a server like serveNumbers, without a public subscription unless o has one.
func serveTokens(t *testing.T, o graphqlhttp.StreamOptions) *streams {
	t.Helper()
	s := &streams{t: t, ended: make(observer, 100)}
	o.Observe = s.ended
	h := graphqlhttp.New(newNumbers(), graphqlhttp.Options{Streams: o, Logger: slog.New(slog.DiscardHandler),
		RequestID: func(context.Context) string { return "req-7" }})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := viewer.Viewer{Role: viewer.Integrator, TokenID: r.Header.Get("Authorization")}
		h.ServeHTTP(w, r.WithContext(viewer.With(r.Context(), v)))
	}))
	t.Cleanup(s.Close)
	return s
}

// endedWith waits for the end of a subscription.
func (s *streams) endedWith(want string) {
	s.t.Helper()
	if got := <-s.ended; got != want {
		s.t.Errorf("the subscription ended with %q, want %q", got, want)
	}
}

// event is a server-sent event.
type event struct {
	ID, Name string
	Count    string
	result
}

// sse opens a subscription; header is names and values in turn.
func (s *streams) sse(query string, header ...string) (*http.Response, *bufio.Reader) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.URL+"/?query="+url.QueryEscape(query), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = response.Body.Close() })
	return response, bufio.NewReaderSize(response.Body, 1<<20)
}

// readEvent returns the next event, without the comments before it; ok is false at the end.
func readEvent(t *testing.T, from *bufio.Reader) (e event, ok bool) {
	t.Helper()
	for {
		line, err := from.ReadString('\n')
		if err == io.EOF {
			return e, false
		}
		if err != nil {
			t.Fatal(err)
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			e.ID = value
		case "event":
			e.Name = value
		case "data":
			if value == "" { // of the event complete
				continue
			}
			e.result = decode(t, []byte(value))
			e.Count = countOf(e.Data)
		case "":
			if e.Name != "" {
				return e, true
			}
		}
	}
}

// countOf returns the number in the data of a payload; "" if there is no data.
func countOf(data json.RawMessage) string {
	var count struct{ Count string }
	_ = json.Unmarshal(data, &count) // no data is no count
	return strings.TrimRight(count.Count, ".")
}

// readEvents returns all events until the end.
func readEvents(t *testing.T, from *bufio.Reader) (list []event) {
	t.Helper()
	for {
		e, ok := readEvent(t, from)
		if !ok {
			return list
		}
		list = append(list, e)
	}
}

// endableTokens is a registry whose tokens end when they are closed.
func endableTokens() (r *subscribers.Registry, end func()) {
	ended := make(chan struct{})
	r = subscribers.New(subscribers.Options{Every: time.Millisecond, Logger: slog.New(slog.DiscardHandler),
		Ended: func(_ context.Context, ids []string) ([]string, error) {
			select {
			case <-ended:
				return ids, nil
			default:
				return nil, nil
			}
		}})
	return r, func() { close(ended) }
}

// TestDeliveryWithoutTransport ends with its context: nothing acknowledges an event.
func TestDeliveryWithoutTransport(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	d, events := graphqlhttp.NewDelivery[int](ctx)
	if d.After() != nil {
		t.Errorf("after %q", *d.After())
	}
	sent := make(chan error)
	go func() { sent <- d.Send(ctx, 1, "c1") }()
	if n := <-events; n != 1 {
		t.Errorf("received %d", n)
	}
	select {
	case err := <-sent:
		t.Errorf("Send returned %v before the event was written", err)
	default:
	}
	cancel()
	if err := <-sent; !errors.Is(err, context.Canceled) {
		t.Errorf("Send returned %v", err)
	}
	if err := d.Send(ctx, 2, "c2"); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context Send returned %v", err)
	}
	d.End(nil)
	if _, open := <-events; open {
		t.Error("End left the channel open")
	}
}
