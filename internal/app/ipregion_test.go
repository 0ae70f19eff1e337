package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/sync/follower"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// regions writes an operator's data file and returns its path.
func regions(t *testing.T) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Invented-City", IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	country := func(code string) mmdbtype.Map { return mmdbtype.Map{"iso_code": mmdbtype.String(code)} }
	for network, row := range map[string]mmdbtype.Map{
		"192.0.2.0/24": {"country": country("CN"), "subdivisions": mmdbtype.Slice{
			mmdbtype.Map{"names": mmdbtype.Map{"zh-CN": mmdbtype.String("河南省")}}}},
		"203.0.113.0/24": {"country": country("JP")},
	} {
		_, n, err := net.ParseCIDR(network)
		if err = errors.Join(err, tree.Insert(n, row)); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), "regions.mmdb")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tree.WriteTo(file)
	if err = errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	return name
}

// sentFrom sends an operation through a proxy that names the client's address, and decodes data.
func sentFrom(t *testing.T, p *apptest.Program, address, token, query string, variables map[string]any, data any) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, p.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", address)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer := struct{ Data any }{data}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
}

const whereFrom = `query ($id: ID!) { article(id: $id) { ipRegion originIpMasked comments { edges { node { ipRegion originIpMasked } } } } }`

// TestIPRegion checks that the public sees the region of an article's and a comment's origin:
// on this server, on a follower, and after export and import.
func TestIPRegion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, func(c *config.Config) {
			c.IPRegions, c.TrustedProxies, c.BaseURL = []string{regions(t)}, []string{"127.0.0.0/8"}, apptest.BaseURL
		})
		var created struct {
			CreateArticle struct{ Article struct{ ID string } }
		}
		sentFrom(t, p, "192.0.2.7", p.Token(viewer.Editor, ""), `mutation ($c: ID!, $p: ID!) {
			createArticle(input: { title: "软食不等于糊糊", category: $c, publisher: $p, body: { markdown: "正文。" } }) { article { id } } }`,
			map[string]any{"c": p.Category("行业新闻", "news", nil).ID, "p": p.Publisher("云渡颐园", true).ID}, &created)
		id := map[string]any{"id": created.CreateArticle.Article.ID}
		p.MustAsk(p.Token(viewer.Editor, ""), `mutation ($id: ID!) { publishArticle(input: { article: $id }) { article { id } } }`, id, new(any))
		var added struct {
			AddComment struct{ Comment struct{ ID string } }
		}
		sentFrom(t, p, "203.0.113.9", "", `mutation ($id: ID!) { addComment(input: { article: $id, text: "在东京也看得到。" }) { comment { id } } }`, id, &added)
		p.MustAsk(p.Token(viewer.Moderator, ""), `mutation ($id: ID!) { moderateComment(input: { comment: $id, status: APPROVED }) { comment { id } } }`,
			map[string]any{"id": added.AddComment.Comment.ID}, new(any))

		const want = `{"article":{"ipRegion":"河南","originIpMasked":"192.0.2.***","comments":{"edges":[{"node":{"ipRegion":"日本","originIpMasked":"203.0.113.***"}}]}}}`
		expect := func(where string, p *apptest.Program) {
			t.Helper()
			if a := p.Ask("", whereFrom, id); string(a.Data) != want {
				t.Errorf("%s: %s, want %s", where, a.Data, want)
			}
		}
		expect("this server", p)
		elsewhere := func() *apptest.Program {
			s := storetest.SQLite(t)
			s.Set(p.Store.Clock())
			return apptest.Start(t, s)
		}
		copied := elsewhere()
		remote, err := follower.NewRemote(p.URL, p.Token(viewer.Integrator, ""))
		if err != nil {
			t.Fatal(err)
		}
		if err := copied.Follower(remote, follower.Options{}).Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect("the follower", copied)
		var archive bytes.Buffer
		if err := p.Exporter().Export(apptest.System(), &archive, exporter.Position{}, func(int) {}); err != nil {
			t.Fatal(err)
		}
		imported := elsewhere()
		var result importer.Result
		if err := imported.Importer().NDJSON(apptest.System(), "a", &archive, &result, func(int) {}); err != nil || len(result.Rejected) > 0 {
			t.Fatal(err, result)
		}
		expect("after import", imported)
		for _, row := range s.Client(apptest.System()).Change.Query().AllX(apptest.System()) {
			if known := strings.Contains(row.Payload, `"ipRegion":"`); known != (row.ItemType == "Article" || row.ItemType == "Comment") {
				t.Errorf("the change log has of %s: %s", row.ItemID, row.Payload)
			}
		}
	})
}

// TestIPRegionUnknown checks that there is no region for a forged header without a trusted
// proxy, nor without a data file.
func TestIPRegionUnknown(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*config.Config){
		"forged": func(c *config.Config) { c.IPRegions = []string{regions(t)} },
		"none":   func(c *config.Config) { c.TrustedProxies = []string{"127.0.0.0/8"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := apptest.Start(t, storetest.SQLite(t), change)
			var created struct {
				CreateArticle struct{ Article struct{ IPRegion *string } }
			}
			sentFrom(t, p, "192.0.2.7", p.Token(viewer.Editor, ""), `mutation ($c: ID!, $p: ID!) {
				createArticle(input: { title: "软食不等于糊糊", category: $c, publisher: $p, body: { markdown: "正文。" } }) { article { ipRegion } } }`,
				map[string]any{"c": p.Category("行业新闻", "news", nil).ID, "p": p.Publisher("云渡颐园", true).ID}, &created)
			if got := created.CreateArticle.Article.IPRegion; got != nil {
				t.Errorf("%q", *got)
			}
		})
	}
}
