package app_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestChecks runs the checks of doctor over a sound installation, where all pass, and over
// installations with one fault each, where that check alone fails and says what to do.
func TestChecks(t *testing.T) {
	t.Parallel()
	statement := func(text string) func(*testing.T, *storetest.Store, *config.Config) {
		return func(t *testing.T, s *storetest.Store, _ *config.Config) {
			if _, err := s.Client(portal.System()).ExecContext(portal.System(), text); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		damage func(*testing.T, *storetest.Store, *config.Config)
		check  string
		want   string
	}{
		"sound":         {func(*testing.T, *storetest.Store, *config.Config) {}, "", ""},
		"without index": {statement("DROP INDEX comment_token_id_created_at"), "the schema matches this version of the program", "CREATE INDEX `comment_token_id_created_at`"},
		"without body":  {statement("DELETE FROM bodies"), "every article has a body and a search index entry", "1 articles have no body or no search index entry"},
		"another key": {func(*testing.T, *storetest.Store, *config.Config) {}, "all encrypted values can be decrypted",
			"1 values cannot be decrypted: the key is missing"},
		"a file for the pictures": {func(t *testing.T, _ *storetest.Store, c *config.Config) { c.MediaDir = fileWith(t, "") },
			"uploaded pictures can be stored", "choose another storage with --media-dir"},
		"no words": {func(_ *testing.T, _ *storetest.Store, c *config.Config) { c.Words = []string{"/nowhere/words.txt"} },
			"the word lists can be read", "words.txt"},
		"no regions": {func(t *testing.T, _ *storetest.Store, c *config.Config) { c.IPRegions = []string{fileWith(t, "")} },
			"the files of address regions can be read", "region"},
		"no base URL": {func(_ *testing.T, _ *storetest.Store, c *config.Config) { c.BaseURL = "" }, "articles have addresses", "--base-url"},
		"no calendar": {func(_ *testing.T, _ *storetest.Store, c *config.Config) { c.Calendar = "/nowhere/calendar.json" },
			"the calendar of working days can be read", "calendar.json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.SQLite(t)
			p := portal.New(t, s)
			a := p.Draft(article.CreateInput{Title: "老街的新路灯"})
			if err := s.Client(portal.System()).Article.UpdateOneID(a.ID).SetOriginAddress("203.0.113.8").Exec(portal.System()); err != nil {
				t.Fatal(err)
			}
			sites := site.New(s.Store)
			facts, err := sites.Get(portal.System())
			if err != nil {
				t.Fatal(err)
			}
			facts.URLs = map[terminal.Terminal]string{terminal.Web: "https://www.example.com/a/{slug}"}
			if err := sites.Put(portal.System(), facts); err != nil {
				t.Fatal(err)
			}
			set := config.Default()
			set.BaseURL = apptest.BaseURL
			set.MediaDir = filepath.Join(t.TempDir(), "media")
			c.damage(t, s, &set)
			opened := s.Store
			if name == "another key" {
				opened = withKey(t, s.URL, seal.NewKey())
			}
			found := 0
			for _, check := range app.NewServices(opened, slog.New(slog.DiscardHandler), app.Integrations{}).Checks(set, storetest.Start.Time()) {
				err := check.Run(context.Background())
				if err != nil {
					found++
				}
				if (err != nil) != (check.Name == c.check) || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: %v", check.Name, err)
				}
			}
			if found == 0 && c.check != "" {
				t.Errorf("no check is called %q", c.check)
			}
		})
	}
}

// withKey opens a database under another key.
func withKey(t *testing.T, url, key string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{URL: url, Keys: func() (seal.Ring, error) { return seal.Parse(key) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestStorage checks which storage of pictures the settings choose.
func TestStorage(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "media")
	files, err := app.Storage(config.Config{MediaDir: folder})
	if err != nil {
		t.Fatal(err)
	}
	if err := files.Check(context.Background()); err != nil {
		t.Error(err)
	}
	if err := files.Put(context.Background(), strings.Repeat("0", 40)+"/61.png", "image/png", []byte("png")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "00", strings.Repeat("0", 40), "61.png")); err != nil {
		t.Error(err)
	}
	unused := "http://" + freeAddress(t)
	files, err = app.Storage(config.Config{MediaDir: folder, MediaS3: config.S3{Endpoint: unused, Bucket: "b", Region: "r", AccessKey: "a", SecretKey: "s"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := files.Check(context.Background()); err == nil {
		t.Error("the bucket is not asked")
	}
}
