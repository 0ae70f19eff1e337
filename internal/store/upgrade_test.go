package store_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// The stored databases were written by the program of commit a76ba8b, the release before
// the schema's entities were renamed; testdata/upgrade/make.sh says how, and makes them
// again. They have at least one row in every table that it writes.
const written = "testdata/upgrade/a76ba8b"

// writtenAt is a moment after the last row.
var writtenAt = func() instant.Instant {
	at, err := instant.Parse("2026-12-01T08:00:00+08:00")
	if err != nil {
		panic(err)
	}
	return at
}()

// TestUpgrade opens a database of an earlier release with this program: migrations run,
// no row is lost, what was encrypted is decrypted, queries answer, and an export can be
// imported on both engines.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url, driver, dsn := stored(t, engine)
			before := countRows(t, driver, dsn)
			for table, n := range before {
				if n == 0 {
					t.Errorf("%s has no row; the stored database does not test it", table)
				}
			}
			s := storetest.Open(t, url)
			s.Set(writtenAt)
			if drift, err := s.Drift(t.Context()); err != nil || drift != "" {
				t.Errorf("the schema after the migrations differs: %s, %v", drift, err)
			}
			after := countRows(t, driver, dsn)
			for table, n := range before {
				if table != "goose_db_version" && table != "settings" && after[table] != n {
					t.Errorf("%s had %d rows and has %d", table, n, after[table])
				}
			}
			for _, check := range []struct {
				name string
				run  func(*testing.T, *storetest.Store)
			}{{"sealed", upgradedSecrets}, {"logs", upgradedLogs}, {"export", upgradedExport}, {"queries", upgradedQueries}} {
				t.Run(check.name, func(t *testing.T) { check.run(t, s) })
			}
		})
	}
}

// stored unpacks the stored database of an engine. It returns the URL to open it with, and
// the name of a driver and its address to look at it without the program.
func stored(t *testing.T, engine string) (url, driver, dsn string) {
	t.Helper()
	if engine == "sqlite" {
		file := filepath.Join(t.TempDir(), "old.db")
		if err := os.WriteFile(file, unpack(t, written+".sqlite.db.gz"), 0o600); err != nil {
			t.Fatal(err)
		}
		return "sqlite:" + file, "sqlite3", file
	}
	dsn, ok := storetest.PostgresDatabase(t)
	if !ok {
		t.Fatal("there is no PostgreSQL")
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// The dump empties search_path for its session, so it takes a connection of its own.
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), string(unpack(t, written+".postgres.sql.gz"))); err != nil {
		t.Fatalf("load the dump: %v", err)
	}
	return dsn, "pgx", dsn
}

func unpack(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(packed)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// countRows counts the rows of every table, past the program.
func countRows(t *testing.T, driver, dsn string) map[string]int {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	list := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'search%'"
	if driver == "pgx" {
		list = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
	}
	rows, err := db.QueryContext(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if len(tables) < 25 {
		t.Fatalf("only the tables %v", tables)
	}
	counts := map[string]int{}
	for _, name := range tables {
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		counts[name] = n
	}
	return counts
}

// upgradedSecrets decrypts every sealed column.
func upgradedSecrets(t *testing.T, s *storetest.Store) {
	ctx := viewer.AsSystem(t.Context())
	c := s.Client(ctx)
	if n, err := s.Locked(ctx); err != nil || n != 0 {
		t.Errorf("%d values cannot be decrypted, %v", n, err)
	}
	report, event := c.Report.Query().OnlyX(ctx), c.ReportEvent.Query().AllX(ctx)
	var materials string
	for _, e := range event {
		materials += string(e.Material)
	}
	for what, got := range map[string]string{"沈渡": report.Evidence, "底片编号一〇七": materials,
		"127.0.0.1": c.Comment.Query().Where(comment.Author("小满")).OnlyX(ctx).OriginAddress} {
		if !strings.Contains(got, what) {
			t.Errorf("%s is not in %q", what, got)
		}
	}
	file := c.Attachment.Query().OnlyX(ctx)
	if data, err := s.Keys.OpenBytes(policy.AttachmentContent.Purpose(file.ID), file.Content); err != nil || !bytes.HasPrefix(data, []byte("\x89PNG")) {
		t.Errorf("the attachment: %.8q, %v", data, err)
	}
	hook := c.Webhook.Query().OnlyX(ctx)
	if secret, err := s.Keys.Open(policy.WebhookSecret.Purpose(hook.ID), hook.Secret); err != nil || !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("the secret of the webhook: %.6q, %v", secret, err)
	}
}

// upgradedLogs verifies the audit log and reads the change log from the beginning.
func upgradedLogs(t *testing.T, s *storetest.Store) {
	ctx := viewer.AsSystem(t.Context())
	if head, err := audit.New(s.Store).Verify(ctx, func(int64) {}); err != nil || head.Lines < 10 {
		t.Errorf("the audit log: %v, %v", head, err)
	}
	log, items := changefeed.New(s.Store), map[string]bool{}
	at, err := log.Beginning(ctx)
	for more := err == nil; more; {
		page, perr := log.Page(ctx, at, 7, changefeed.Filter{})
		if perr != nil {
			t.Fatal(perr)
		}
		for _, e := range page.Edges {
			if e.Node.Item != nil {
				items[e.Node.ItemID] = true
			}
		}
		at, more = page.End, page.More
	}
	if err != nil || !items["art_01h455vb4pex5vsknk084sn001"] || items["art_01h455vb4pex5vsknk084sn002"] || items["art_01h455vb4pex5vsknk084sn005"] {
		t.Errorf("a new client receives %v, %v", items, err)
	}
}

// upgradedExport imports an export into an empty database of each engine, which exports
// the same again.
func upgradedExport(t *testing.T, s *storetest.Store) {
	ctx := viewer.AsSystem(t.Context())
	p := apptest.Start(t, s)
	if err := p.Backfill(ctx); err != nil {
		t.Fatal(err)
	}
	archive := export(ctx, t, p)
	for _, kind := range []string{"Article", "Comment", "Report", "CaseEvent", "Measure", "Attachment", "Picture", "Views", "Site"} {
		if n := strings.Count(archive, `{"type":"`+kind+`"`); n == 0 {
			t.Errorf("the archive has no %s", kind)
		}
	}
	storetest.Each(t, func(t *testing.T, empty *storetest.Store) {
		empty.Set(writtenAt)
		p := apptest.Start(t, empty)
		var result importer.Result
		err := p.Importer().NDJSON(viewer.AsSystem(t.Context()), "old.ndjson", strings.NewReader(archive), &result, func(int) {})
		if err != nil || len(result.Rejected) > 0 {
			t.Fatalf("import: %v, %v", err, result.Rejected)
		}
		got := strings.Split(export(viewer.AsSystem(t.Context()), t, p), "\n")
		for _, line := range strings.Split(archive, "\n") {
			if !slices.Contains(got, line) {
				t.Errorf("this line does not come back: %.300s", line)
			}
		}
	})
}

func export(ctx context.Context, t *testing.T, p *apptest.Program) string {
	t.Helper()
	var b strings.Builder
	if err := p.Exporter().Export(ctx, &b, exporter.Position{}, func(int) {}); err != nil {
		t.Fatalf("export: %v", err)
	}
	return b.String()
}

// upgradedQueries asks the API what readers and the staff ask most.
func upgradedQueries(t *testing.T, s *storetest.Store) {
	p := apptest.Start(t, s)
	moderator := p.Token(viewer.Moderator, "")
	for _, q := range []struct{ token, query, want string }{
		{"", `{ articles { totalCount edges { node { slug title viewCount commentCount } } } }`,
			`{"articles":{"totalCount":2,"edges":[{"node":{"slug":"kite","title":"江滩风筝节","viewCount":30,"commentCount":0}},{"node":{"slug":"noodles","title":"码头面馆开到半夜","viewCount":11,"commentCount":1}}]}}`},
		{"", `{ search(query: "面馆") { edges { node { slug } } } }`, `{"search":{"edges":[{"node":{"slug":"noodles"}}]}}`},
		{"", `{ article(slug: "noodles") { body { text } breadcrumb { name } publisher { name } comments { edges { node { text } } } } }`,
			`{"article":{"body":{"text":"夜里靠岸的人，总能吃上一碗热面。"},"breadcrumb":[{"name":"县内新闻"},{"name":"水上"}],"publisher":{"name":"渡口****"},"comments":{"edges":[]}}}`},
		{moderator, `{ article(slug: "lamp") { status takedown { reason } } }`, `{"article":{"status":"TAKEN_DOWN","takedown":{"reason":"失实"}}}`},
		{moderator, `mutation { restore(input: {item: "art_01h455vb4pex5vsknk084sn004", reason: "更正已刊登"}) { userErrors { message } } }`, `{"restore":{"userErrors":[]}}`},
		{"", `{ article(slug: "lamp") { status } site { name } }`, `{"article":{"status":"PUBLISHED"},"site":{"name":"青螺渡报"}}`},
		{moderator, `{ reports { edges { node { status evidence { claimant } } } } }`, `{"reports":{"edges":[{"node":{"status":"MEASURES_TAKEN","evidence":{"claimant":"沈****"}}}]}}`},
	} {
		if a := p.Ask(q.token, q.query, nil); string(a.Data) != q.want {
			t.Errorf("%s\n got %s %s\nwant %s", q.query, a.Data, fmt.Sprint(a.Errors), q.want)
		}
	}
}
