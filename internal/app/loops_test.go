package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/testkit/faultproxy"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// quick are the loops of which a round begins every few seconds.
var quick = []string{"scheduled publishing", "view counts", "webhooks", "word lists"}

// TestLoopsSurviveStall stops the traffic to PostgreSQL: /readyz reports it, and when it flows
// again every loop ends a round, and the program is ready.
func TestLoopsSurviveStall(t *testing.T) {
	t.Parallel()
	dsn, ok := storetest.PostgresDatabase(t)
	if !ok {
		return
	}
	proxy := faultproxy.New(t, dsn)
	c := settings(t)
	c.Database, c.SecretKey, c.ViewsInterval = proxy.URL, seal.NewKey(), time.Second
	a, err := app.Start(t.Context(), c, slog.New(slog.DiscardHandler), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	expectReady(t, a, http.StatusOK, "ready")

	proxy.Stall()
	expectReady(t, a, http.StatusServiceUnavailable, "did not answer in time")
	resumed := time.Now()
	proxy.Resume()
	expectReady(t, a, http.StatusOK, "ready")
	for end := resumed.Add(10 * time.Second); ; {
		since, waiting := time.Since(resumed), []string{}
		ages := a.LoopAges()
		for _, name := range quick {
			if age, known := ages[name]; !known || age > since {
				waiting = append(waiting, name)
			}
		}
		if len(waiting) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("no round of %v ended within %s of the stall; ages %v", waiting, since, ages)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// expectReady waits until /readyz answers with a status and words.
func expectReady(t *testing.T, a *app.App, status int, words string) {
	t.Helper()
	var code int
	var body []byte
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); <-time.After(50 * time.Millisecond) {
		answer, err := http.Get("http://" + a.Addr() + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		code = answer.StatusCode
		body, _ = io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if code == status && strings.Contains(string(body), words) {
			return
		}
	}
	t.Fatalf("/readyz answers %d %s instead of %d %q", code, body, status, words)
}

// TestServeReadOnly serves a database only to read: it is ready, reads work, writes are
// refused with what to do, and no view is said to be counted.
func TestServeReadOnly(t *testing.T) {
	t.Parallel()
	c := settings(t)
	c.SecretKey, c.ReadOnly = storetest.Key, true
	id := portal.New(t, storetest.Open(t, c.Database)).Article(article.CreateInput{Title: "渡口明天停航"}, storetest.Start).ID
	a, err := app.Start(t.Context(), c, slog.New(slog.DiscardHandler), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	expectReady(t, a, http.StatusOK, "ready")
	for query, want := range map[string]string{
		"{ articles { totalCount } }": `"totalCount":1`,
		fmt.Sprintf("mutation { addComment(input: {article: %q, text: %q}) { comment { id } } }", id, "明天还开吗"): "send writes to one that may write",
		fmt.Sprintf("mutation { recordView(input: {article: %q}) { recorded } }", id):                          `"recorded":false`,
	} {
		body, err := json.Marshal(map[string]string{"query": query})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.Post("http://"+a.Addr()+"/graphql", "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if !strings.Contains(string(got), want) {
			t.Errorf("%s: %s", query, got)
		}
	}
}
