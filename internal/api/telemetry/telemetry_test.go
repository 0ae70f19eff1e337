package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/api/telemetry"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

// scrape returns the metrics as Prometheus reads them.
func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	server := httptest.NewServer(m.Handler())
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", response.StatusCode, err)
	}
	return string(text)
}

func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, want := range lines {
		if !strings.Contains("\n"+text, "\n"+want+"\n") {
			name, _, _ := strings.Cut(want, "{")
			t.Errorf("no %s; there is\n%s", want, strings.Join(regexp.MustCompile(`(?m)^`+name+`[{ ].*$`).FindAllString(text, -1), "\n"))
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := telemetry.New("v1.2.3")
	m.Request("/graphql", 200, 30*time.Millisecond)
	m.Request("/graphql", 200, 3*time.Millisecond)
	m.Request("", 404, time.Millisecond)
	m.Reports(5, 2, 3, 1)
	m.Upload("OK", 1000)
	m.Upload("OK", 24)
	m.Upload("TOO_EXPENSIVE", 0)
	m.Webhook("delivered", time.Second)
	m.WebhookStopped("GONE")
	m.SubscriptionBegan("sse")
	m.SubscriptionBegan("sse")
	m.SubscriptionEnded("sse", "slow")
	for _, statement := range []string{"SELECT 1", "SELECT 2", "INSERT INTO a", "PRAGMA foreign_keys", "ATTACK", ""} {
		m.Statement(statement)
	}
	wantLines(t, scrape(t, m),
		`tonggao_build_info{version="v1.2.3"} 1`,
		`tonggao_http_request_seconds_count{route="/graphql",status="200"} 2`,
		`tonggao_http_request_seconds_bucket{route="/graphql",status="200",le="0.005"} 1`,
		`tonggao_http_request_seconds_count{route="none",status="404"} 1`,
		`tonggao_reports_waiting 5`, `tonggao_reports_due_soon 2`, `tonggao_reports_overdue 3`, `tonggao_reports_escalated 1`,
		`tonggao_uploads_total{code="OK"} 2`, `tonggao_uploads_total{code="TOO_EXPENSIVE"} 1`, `tonggao_upload_bytes_total 1024`,
		`tonggao_webhook_attempt_seconds_count{outcome="delivered"} 1`, `tonggao_webhook_stops_total{why="GONE"} 1`,
		`tonggao_subscriptions_open{transport="sse"} 1`, `tonggao_subscriptions_ended_total{transport="sse",why="slow"} 1`,
		`tonggao_sql_statements_total{verb="SELECT"} 2`, `tonggao_sql_statements_total{verb="INSERT"} 1`, `tonggao_sql_statements_total{verb="other"} 3`,
	)
}

// schema returns a schema whose fields return nothing or fail.
func schema() graphql.ExecutableSchema {
	parsed := gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { site: Site limited: String broken: String }
		type Mutation { rename(name: String!): Site } type Site { name: String! }`})
	failures := map[string]error{"limited": &fault.Error{Code: fault.Limited, Message: "wait a little"}, "broken": errors.New("no such table")}
	return &graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return parsed },
		ExecFunc: func(context.Context) graphql.ResponseHandler {
			return func(ctx context.Context) *graphql.Response {
				field := graphql.GetOperationContext(ctx).Operation.SelectionSet[0].(*ast.Field)
				if err := failures[field.Name]; err != nil {
					graphql.AddError(ctx, err)
				}
				return &graphql.Response{Data: []byte("{}")}
			}
		},
	}
}

// TestOperations observes and logs each operation by type and code.
func TestOperations(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	m := telemetry.New("test")
	h := graphqlhttp.New(schema(), graphqlhttp.Options{Extensions: m.Extensions(logger), Logger: slog.New(slog.DiscardHandler)})
	for _, c := range []struct{ document, line string }{
		{`query Front { site { name } }`, `type=query name=Front role=EDITOR cost=2 code=OK`},
		{`{ site { name } }`, `type=query name="" role=EDITOR cost=2 code=OK`},
		{`mutation { rename(name: \"x\") { name } }`, `type=mutation name="" role=EDITOR cost=2 code=OK`},
		{`{ limited }`, `type=query name="" role=EDITOR cost=1 code=LIMITED`},
		{`{ broken }`, `type=query name="" role=EDITOR cost=1 code=INTERNAL`},
		{`{ nope }`, `type=none name="" role=EDITOR cost=0 code=BAD_USER_INPUT`},
		{`query ` + strings.Repeat("x", 60) + ` { site { name } }`, `name=` + strings.Repeat("x", 50) + ` `},
	} {
		log.Reset()
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"query":"`+c.document+`"}`))
		r.Header.Set("Content-Type", "application/json")
		ctx := reqinfo.With(viewer.With(r.Context(), viewer.Viewer{Role: viewer.Editor}), reqinfo.Info{ID: "req-7"})
		h.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
		if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, c.line) || !strings.Contains(text, "request=req-7") {
			t.Errorf("%s:\n got %s\nwant %s", c.document, text, c.line)
		}
	}
	wantLines(t, scrape(t, m),
		`tonggao_graphql_operation_seconds_count{code="OK",type="query"} 3`,
		`tonggao_graphql_operation_seconds_count{code="OK",type="mutation"} 1`,
		`tonggao_graphql_operation_seconds_count{code="LIMITED",type="query"} 1`,
		`tonggao_graphql_operation_seconds_count{code="INTERNAL",type="query"} 1`,
		`tonggao_graphql_operation_seconds_count{code="BAD_USER_INPUT",type="none"} 1`,
		`tonggao_graphql_operation_cost_count 6`,
	)
}

// TestWatch reads what the metrics ask for when they are read: background loops, space, and
// standbys.
func TestWatch(t *testing.T) {
	t.Parallel()
	m := telemetry.New("v1")
	m.Watch(func() map[string]time.Duration { return map[string]time.Duration{"webhooks": 1500 * time.Millisecond} },
		func() (uint64, bool) { return 4096, true }, func() (int64, int64) { return 10, 2000 })
	m.WatchSchedule(func() int { return 2 })
	m.WatchStandbys(func() []store.Standby {
		return []store.Standby{{Name: "a:5432/tonggao", Reads: true, Lag: 250 * time.Millisecond, Fallbacks: 3}, {Name: "b:5432/tonggao", Lag: math.MaxInt64}}
	})
	wantLines(t, scrape(t, m),
		`tonggao_background_age_seconds{loop="webhooks"} 1.5`,
		`tonggao_database_free_bytes 4096`, `tonggao_scheduled_articles_failing 2`, `tonggao_report_file_bytes 10`, `tonggao_report_file_limit_bytes 2000`,
		`tonggao_replica_lag_seconds{replica="a:5432/tonggao"} 0.25`, `tonggao_replica_reads{replica="a:5432/tonggao"} 1`, `tonggao_replica_fallbacks_total{replica="a:5432/tonggao"} 3`,
		`tonggao_replica_lag_seconds{replica="b:5432/tonggao"} +Inf`, `tonggao_replica_reads{replica="b:5432/tonggao"} 0`)

	unknown := telemetry.New("v1")
	unknown.Watch(func() map[string]time.Duration { return nil }, func() (uint64, bool) { return 0, false }, func() (int64, int64) { return 0, 0 })
	if strings.Contains(scrape(t, unknown), "tonggao_database_free_bytes") {
		t.Error("free space that is not known is reported")
	}
}
