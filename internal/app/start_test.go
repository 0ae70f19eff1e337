package app_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent/viewday"
	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// settings returns the configuration of a program with a database of its own.
func settings(t *testing.T) config.Config {
	t.Helper()
	c := config.Default()
	c.Addr, c.Database, c.MediaDir = "127.0.0.1:0", storetest.SQLiteURL(t), filepath.Join(t.TempDir(), "media")
	return c
}

// freeAddress returns an address that no program listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// fileWith writes a file and returns its path.
func fileWith(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// newer writes into the database of c that a later version has migrated it.
func newer(t *testing.T, c *config.Config) {
	t.Helper()
	s := storetest.Open(t, c.Database)
	if _, err := s.Client(portal.System()).ExecContext(portal.System(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
}

// occupied writes an article into the database of c.
func occupied(t *testing.T, c *config.Config) {
	t.Helper()
	c.SecretKey = storetest.Key
	portal.New(t, storetest.Open(t, c.Database)).Draft(article.CreateInput{Title: "渡口明天停航"})
}

// TestStartFails starts the program where it cannot run. The error names what is wrong; the
// address and the database are free afterwards.
func TestStartFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*testing.T, *config.Config)
		want   string
	}{
		"a bad flag":            {func(_ *testing.T, c *config.Config) { c.CostLimit = 1 }, "--cost-limit 1 allows no useful request"},
		"an unreadable address": {func(_ *testing.T, c *config.Config) { c.Addr = "127.0.0.1:99999" }, "127.0.0.1:99999"},
		"an unreadable calendar": {func(t *testing.T, c *config.Config) {
			c.Calendar = fileWith(t, "[{")
		}, "calendar"},
		"unreadable regions": {func(t *testing.T, c *config.Config) { c.IPRegions = []string{fileWith(t, "no database")} }, "region"},
		"unreadable words": {func(t *testing.T, c *config.Config) {
			c.Words = []string{filepath.Join(t.TempDir(), "missing.txt")}
		}, "missing.txt"},
		"no database":     {func(_ *testing.T, c *config.Config) { c.Database = "mysql://127.0.0.1/tonggao" }, "database"},
		"a folder for it": {func(t *testing.T, c *config.Config) { c.Database = "sqlite:" + t.TempDir() }, "database"},
		"a damaged key": {func(t *testing.T, c *config.Config) {
			if err := os.WriteFile(strings.TrimPrefix(c.Database, "sqlite:")+".key", []byte("damaged"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "holds no key"},
		"a newer database":         {newer, "newer tonggao (schema 9999"},
		"the demo over other work": {func(t *testing.T, c *config.Config) { occupied(t, c); c.Demo = true }, "remove --demo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := settings(t)
			s.Addr = freeAddress(t)
			c.change(t, &s)
			a, err := app.Start(context.Background(), s, slog.New(slog.DiscardHandler), "test")
			if a != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, %v; want %q", a, err, c.want)
			}
			if l, err := net.Listen("tcp", s.Addr); err == nil {
				_ = l.Close()
			} else if !strings.HasSuffix(s.Addr, ":99999") {
				t.Errorf("the address is still in use: %v", err)
			}
		})
	}
}

// TestStartOnUsedAddress starts the program where another one listens, on either address. It
// reports the address and does not create the database.
func TestStartOnUsedAddress(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, change := range map[string]func(*config.Config){
		"the API":     func(c *config.Config) { c.Addr = l.Addr().String() },
		"its metrics": func(c *config.Config) { c.AdminAddr = l.Addr().String() },
	} {
		c := settings(t)
		change(&c)
		if _, err := app.Start(context.Background(), c, slog.New(slog.DiscardHandler), "test"); err == nil || !strings.Contains(err.Error(), l.Addr().String()) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(strings.TrimPrefix(c.Database, "sqlite:")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the database exists: %v", name, err)
		}
	}
}

// TestStartBackfills starts the program over a database whose change log was emptied: it is
// complete before the first request.
func TestStartBackfills(t *testing.T) {
	t.Parallel()
	c := settings(t)
	c.SecretKey = storetest.Key
	s := storetest.Open(t, c.Database)
	a := portal.New(t, s).Article(article.CreateInput{Title: "社区食堂开门了"}, s.Clock())
	if _, err := s.Client(portal.System()).Change.Delete().Exec(portal.System()); err != nil {
		t.Fatal(err)
	}
	p := run(t, c, &apptest.Log{})
	if n, err := p.Store.Client(portal.System()).Change.Query().Count(portal.System()); err != nil || n == 0 {
		t.Errorf("%d entries about %s, %v", n, a.ID, err)
	}
}

// running is a program that Start started.
type running struct {
	*app.App
	stop func() error
}

// run starts the program as serve does, until the test ends.
func run(t *testing.T, c config.Config, log *apptest.Log) *running {
	t.Helper()
	a, err := app.Start(context.Background(), c, slog.New(slog.NewTextHandler(log, nil)), "test")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	p := &running{App: a}
	p.stop = func() error {
		cancel()
		err := <-ended
		ended <- err
		return err
	}
	t.Cleanup(func() {
		if err := errors.Join(p.stop(), a.Close()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return p
}

// TestRunStopsServerThenJobs stops the program while a view is only counted in memory. The
// listener ends first, then the jobs end, so the view is stored when Run returns.
func TestRunStopsServerThenJobs(t *testing.T) {
	t.Parallel()
	c := settings(t)
	c.SecretKey, c.ViewsInterval = storetest.Key, time.Hour
	s := storetest.Open(t, c.Database)
	s.Set(instant.Now())
	a := portal.New(t, s).Article(article.CreateInput{Title: "夜间门诊延长一小时"}, s.Clock().Add(-time.Hour))
	log := &apptest.Log{}
	p := run(t, c, log)
	answer, err := http.Post("http://"+p.Addr()+"/graphql", "application/json",
		bytes.NewReader([]byte(`{"query":"mutation { recordView(input: {article: \"`+a.ID+`\"}) { __typename } }"}`)))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	views := func() (n int64) {
		rows, err := s.Client(portal.System()).ViewDay.Query().Where(viewday.ArticleID(a.ID)).All(portal.System())
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			n += row.Views
		}
		return n
	}
	if views() != 0 {
		t.Error("the view is stored before the program stops")
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	if got := views(); got != 1 {
		t.Errorf("%d views are stored; the log: %s", got, log)
	}
	if _, err := net.Dial("tcp", p.Addr()); err == nil {
		t.Error("it still listens")
	}
}

// TestRunReportsJobs ends the database under the running program: Run returns what the jobs
// could not finish.
func TestRunReportsJobs(t *testing.T) {
	t.Parallel()
	c := settings(t)
	c.ViewsInterval = time.Hour
	a, err := app.Start(context.Background(), c, slog.New(slog.DiscardHandler), "test")
	if err != nil {
		t.Fatal(err)
	}
	facts := portal.New(t, &storetest.Store{Store: a.Store})
	read := facts.Article(article.CreateInput{Title: "菜市场改造"}, a.Store.Clock().Add(-time.Hour))
	if err := a.Views.Record(portal.System(), read.ID); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := a.Run(ctx); err == nil {
		t.Error("a view is lost without an error")
	}
}

// TestSealOld starts the program over a database that was written without a key, then under
// a new key without the old one: the first start encrypts, the second says which key it lacks.
func TestSealOld(t *testing.T) {
	t.Parallel()
	c := settings(t)
	open, err := store.Open(context.Background(), store.Options{URL: c.Database})
	if err != nil {
		t.Fatal(err)
	}
	plain := "203.0.113.77"
	p := portal.New(t, &storetest.Store{Store: open})
	read := p.Article(article.CreateInput{Title: "旧报纸换绿植"}, open.Clock())
	if _, err := open.Client(portal.System()).ExecContext(portal.System(), "UPDATE articles SET origin_address = $1 WHERE id = $2", plain, read.ID); err != nil {
		t.Fatal(err)
	}
	if err := open.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"encrypted values that were in plain text", "the key is missing with which some addresses"} {
		c.SecretKey = seal.NewKey()
		log := &apptest.Log{}
		p := run(t, c, log)
		check.Eventually(t, want, func() bool { return strings.Contains(log.String(), want) })
		if err := p.stop(); err != nil {
			t.Fatal(err)
		}
		if row := sealedAddress(t, c, read.ID); !seal.Is(row) {
			t.Errorf("the address is stored as %q", row)
		}
	}
}

// sealedAddress returns the address of an article's writer as it is stored.
func sealedAddress(t *testing.T, c config.Config, article string) (address string) {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{URL: c.Database})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows, err := s.Client(portal.System()).QueryContext(portal.System(), "SELECT origin_address FROM articles WHERE id = $1", article)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&address)
	}
	if err != nil || rows.Err() != nil {
		t.Fatal(err, rows.Err())
	}
	return address
}

// TestKeysOfPostgres checks that without a key the program says how to create one.
func TestKeysOfPostgres(t *testing.T) {
	t.Parallel()
	c, log := config.Default(), &apptest.Log{}
	c.Database = "postgres://127.0.0.1/tonggao"
	ring, err := app.Keys(c, slog.New(slog.NewTextHandler(log, nil)))()
	if err != nil || !ring.Empty() || !strings.Contains(log.String(), "TONGGAO_SECRET_KEY") {
		t.Errorf("%v; the log: %s", err, log)
	}
}
