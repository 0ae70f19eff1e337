package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/graph"
	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/api/querycost"
	"github.com/tonggao/tonggao/internal/api/server"
	"github.com/tonggao/tonggao/internal/api/telemetry"
	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// portal is the program over a busy portal: the whole of it behind its address, and the
// GraphQL handler alone.
type portal struct {
	store   *storetest.Store
	file    string
	url     string
	handler http.Handler
}

// start starts the program. Its log is formatted as usual and discarded.
func start(b *testing.B) *portal {
	b.Helper()
	s := storetest.SQLite(b)
	fill(b, s)
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	services, metrics := app.NewServices(s.Store, logger, app.Integrations{}), telemetry.New("bench")
	c := config.Default()
	c.Addr, c.RateLimit = "127.0.0.1:0", 0
	sockets, err := server.Listen(c.Addr, "")
	if err != nil {
		b.Fatal(err)
	}
	a, err := app.Assemble(context.Background(), services, sockets, c, logger, metrics)
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := a.Run(ctx); err != nil {
			b.Errorf("run the program: %v", err)
		}
	})
	b.Cleanup(func() {
		stop()
		running.Wait()
	})
	resolver := &graph.Resolver{Articles: services.Articles, Categories: services.Categories, Publishers: services.Publishers,
		Regions: services.Regions, Comments: services.Comments, Reports: services.Reports, Takedowns: services.Takedowns, Site: services.Site, Views: services.Views,
		Rendered: render.NewCache(64 << 20), Clock: s.Clock}
	return &portal{store: s, file: strings.TrimPrefix(s.URL, "sqlite:"), url: "http://" + a.Addr() + "/graphql",
		handler: graphqlhttp.New(resolver.Schema(), graphqlhttp.Options{
			Limits: querycost.Limits{Price: int64(c.CostLimit)}, Prices: graph.Prices, Logger: logger,
			Extensions: metrics.Extensions(logger),
		})}
}

// operation is the body of a request.
func operation(b *testing.B, query string, variables map[string]any) string {
	b.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		b.Fatal(err)
	}
	return string(body)
}

// ask makes one request and returns the answer's data.
type ask func() []byte

// called asks a handler as a function, without a network.
func called(b *testing.B, h http.Handler, method, target, body string) ask {
	return func() []byte {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return data(b, w.Code, w.Body.Bytes())
	}
}

// client keeps a connection for each concurrent request.
var client = http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// fetched asks over a connection that is kept.
func fetched(b *testing.B, method, target, body string) ask {
	return func() []byte {
		r, err := http.NewRequest(method, target, strings.NewReader(body))
		if err != nil {
			b.Error(err)
			return nil
		}
		r.Header.Set("Content-Type", "application/json")
		response, err := client.Do(r)
		if err != nil {
			b.Error(err)
			return nil
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			b.Error(err)
		}
		return data(b, response.StatusCode, text)
	}
}

// data returns an answer without its extensions.
func data(b *testing.B, status int, text []byte) []byte {
	if status != http.StatusOK || bytes.Contains(text, []byte(`"errors":`)) {
		b.Errorf("answered with %d: %.1000s", status, text)
	}
	if end := bytes.Index(text, []byte(`,"extensions":`)); end >= 0 {
		return text[:end]
	}
	return bytes.TrimSuffix(text, []byte("}"))
}
