package app_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/faultproxy"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// outage is a row of the table in docs/operations.md.
type outage struct {
	event  string
	begin  func()
	end    func()
	ready  string // words of /readyz
	reads  string // words of the refusal; "" if reads work
	writes string
	log    string // words of the line that the log has for a failed check, and for a refused request
}

// TestOutageTable makes what the rows of the table in docs/operations.md describe, and compares
// what /readyz, reads, writes and the log say, and that the table says the same of the log.
func TestOutageTable(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("../../docs/operations.md")
	check.NoError(t, err)
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		s := storetest.SQLite(t)
		p := apptest.Start(t, s)
		id := p.Article(article.CreateInput{Title: "渡口明天停航"}, s.Clock()).ID
		path := strings.TrimPrefix(s.URL, "sqlite:")
		pages := func(n string) {
			_, err := s.Client(t.Context()).ExecContext(t.Context(), "PRAGMA max_page_count = "+n)
			check.NoError(t, err)
		}
		try(t, p, id, string(table), outage{event: "the disk of SQLite is full", begin: func() { pages("1") }, end: func() { pages("100000") },
			ready: "disk of the database is full", writes: "disk of the database is full", log: "database or disk is full"})
		try(t, p, id, string(table), outage{event: "the SQLite file is deleted or replaced", begin: func() { check.NoError(t, os.Rename(path, path+".away")) },
			end: func() { check.NoError(t, os.Rename(path+".away", path)) }, ready: "deleted or replaced", writes: "deleted or replaced", log: "no such file or directory"})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		dsn, ok := storetest.PostgresDatabase(t)
		if !ok {
			return
		}
		proxy := faultproxy.New(t, dsn)
		s := storetest.Open(t, proxy.URL)
		p := apptest.Start(t, s)
		id := p.Article(article.CreateInput{Title: "渡口明天停航"}, s.Clock()).ID
		try(t, p, id, string(table), outage{event: "PostgreSQL is stopped", begin: proxy.Refuse, end: proxy.Resume,
			ready: "cannot be reached", reads: "cannot be reached", writes: "cannot be reached", log: "failed to connect"})
		try(t, p, id, string(table), outage{event: "PgBouncer cannot reach its server", begin: func() { proxy.Answer("08P01") }, end: func() { proxy.Answer("") },
			ready: "cannot be reached", reads: "cannot be reached", writes: "cannot be reached", log: "SQLSTATE 08P01"})
		try(t, p, id, string(table), outage{event: "a standby is the only database", begin: func() { proxy.Answer("25006") }, end: func() { proxy.Answer("") },
			ready: "read-only", reads: "read-only", writes: "read-only", log: "SQLSTATE 25006"})
		try(t, p, id, string(table), outage{event: "PostgreSQL is frozen, or the network drops packets", begin: proxy.Stall, end: proxy.Resume,
			ready: "did not answer in time", reads: "did not answer in time", writes: "did not answer in time", log: "context deadline exceeded"})
	})
}

// try runs one row.
func try(t *testing.T, p *apptest.Program, id, table string, o outage) {
	t.Helper()
	before, token := len(p.Log.String()), p.Token(viewer.Editor, "")
	o.begin()
	write := func() apptest.Answer {
		text := fmt.Sprint(time.Now(), strings.Repeat("明天还开吗？", 150))
		return p.Ask("", fmt.Sprintf("mutation { addComment(input: {article: %q, text: %q}) { comment { id } } }", id, text), nil)
	}
	refused := write()
	for i := 0; i < 100 && len(refused.Errors) == 0; i++ { // a full disk takes what fits into the pages that there are
		refused = write()
	}
	expectAnswer(t, o.event, refused, o.writes)
	expectReady(t, p.App, http.StatusServiceUnavailable, o.ready)
	expectAnswer(t, o.event, p.Ask("", "{ articles(first: 7) { totalCount } }", nil), o.reads)
	if o.reads != "" {
		for method, path := range map[string]string{"GET": mediaurl.Path(mediaurl.Name(strings.Repeat("0", 40), 10, "png")), "POST": "/upload"} {
			answer, text := p.Fetch(method, path, "Authorization", "Bearer "+token)
			if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
				t.Errorf("%s: %s %s is answered %s, Retry-After %q: %s", o.event, method, path, answer.Status, answer.Header.Get("Retry-After"), text)
			}
		}
	}
	check.Eventually(t, o.event+": the log has its lines with "+o.log, func() bool { // the first may be about a connection that broke
		logged := p.Log.String()[before:]
		if hasLine(logged, `"msg":"readiness check failed"`, o.log) && hasLine(logged, `"msg":"graphql: unavailable"`, o.log) {
			return true
		}
		write()
		expectReady(t, p.App, http.StatusServiceUnavailable, o.ready)
		return false
	})
	o.end()
	expectReady(t, p.App, http.StatusOK, "ready")
	if !hasLine(table, "| "+o.event+" |", "`"+o.log+"`") {
		t.Errorf("the table in docs/operations.md has no row %q that says what the log has, `%s`", o.event, o.log)
	}
}

// hasLine reports whether a line of text has all the words.
func hasLine(text string, words ...string) bool {
	for line := range strings.Lines(text) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			return true
		}
	}
	return false
}

// expectAnswer compares an answer with the words of a refusal; "" is success.
func expectAnswer(t *testing.T, event string, answer apptest.Answer, words string) {
	t.Helper()
	if words == "" && len(answer.Errors) > 0 || words != "" && (answer.Code() != "UNAVAILABLE" || !strings.Contains(answer.Body, words)) {
		t.Errorf("%s: answered %s instead of %q", event, answer.Body, words)
	}
}
