package graph_test

import (
	"bytes"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/sync/follower"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestTakedownEverywhere takes an article and a comment down on one replica, and searches
// the answers of the other one to everything that the schema offers, the feeds, the sitemap
// and a follower: nothing of them is found. After the restoration every answer is as before.
func TestTakedownEverywhere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		generous := func(c *config.Config) { c.CostLimit, c.BaseURL = 1<<30, apptest.BaseURL }
		here, there := apptest.Start(t, s, generous), apptest.Start(t, storetest.Open(t, s.URL), generous)
		v := published{newLeakPortal(t, there)}
		a, c := v.publishSomething(here)
		queries := leakQueries(v.leakPortal, min(effort.N(1)-1, 1)).List
		copied := newCopy(t, there)
		before, kept := v.answers(queries), copied.files(t)
		feed, _ := there.Fetch("GET", "/feeds/rss.xml")
		for _, word := range v.Secrets {
			if !strings.Contains(before, word.Value) {
				t.Fatalf("%s is found nowhere, so the queries do not reach it", word.What)
			}
		}
		moderator := here.Token(viewer.Moderator, "")
		steps := []struct {
			item string
			gone []string // what must not be found while it is down
		}{{c.ID, []string{"zqcomment"}}, {a.ID, v.words()}}
		for _, step := range steps {
			turn(here, moderator, "takeDown", step.item)
			during := v.answers(queries) + strings.Join(copied.files(t), "\n") + copied.everything(t)
			if again, _ := there.Fetch("GET", "/feeds/rss.xml", "If-None-Match", feed.Header.Get("ETag")); again.StatusCode != http.StatusOK && step.item == a.ID {
				t.Errorf("a cached feed is still valid: %s", again.Status)
			}
			entry := copied.Store.Client(apptest.System()).Change.Query().Where(change.ItemID(step.item)).Order(ent.Desc(change.FieldID)).FirstX(apptest.System())
			if !entry.Purge {
				t.Errorf("the follower's log does not ask to purge %s", step.item)
			}
			for _, word := range step.gone {
				if at := strings.Index(during, word); at >= 0 {
					t.Errorf("%s is down, and found: …%.300s", step.item, during[max(0, at-200):])
				}
			}
		}
		for _, step := range steps {
			turn(here, moderator, "restore", step.item)
		}
		if diff := cmp.Diff(strings.Split(before, "\n"), strings.Split(v.answers(queries), "\n")); diff != "" {
			t.Errorf("restored is not as before: %.3000s", diff)
		}
		if diff := cmp.Diff(kept, copied.files(t)); diff != "" {
			t.Errorf("restored, the follower is not as before: %.3000s", diff)
		}
	})
}

// published is a portal that is searched for the words that it published.
type published struct{ *leakPortal }

// publishSomething publishes an article and a comment with unique words.
func (v published) publishSomething(p *apptest.Program) (*ent.Article, *ent.Comment) {
	word := func(what string) string { return v.Hide("the "+what, "zq"+what, nil) }
	news, publisher := p.Category("行业新闻", "news", nil), p.Publisher("青禾社区", true)
	other := p.Article(article.CreateInput{Title: "另一篇", Category: news.ID, Publisher: &publisher.ID, Tags: []string{"共同"}}, p.Store.Clock().Add(-2*time.Hour))
	body, subtitle, lead, author := word("body"), word("subtitle"), word("lead"), word("author")
	a := p.Article(article.CreateInput{Title: word("title"), Category: news.ID, Publisher: &publisher.ID, Subtitle: &subtitle,
		Lead: &lead, Author: &author, Source: &article.SourceInput{Name: word("source")}, Tags: []string{"共同", word("tag")},
		Body: article.BodyInput{Markdown: &body}}, p.Store.Clock().Add(-time.Hour))
	c := p.Comment(comment.AddInput{Article: a.ID, Text: word("comment")}, true)
	reply := p.Comment(comment.AddInput{Article: a.ID, Parent: &c.ID, Text: "回复"}, true)
	quoting := p.Comment(comment.AddInput{Article: a.ID, Quote: &c.ID, Text: "引用"}, true)
	v.IDs = []string{news.ID, publisher.ID, other.ID, a.ID, c.ID, reply.ID, quoting.ID}
	v.Slugs = []string{"news", a.Slug}
	return a, c
}

// words returns all unique words.
func (v published) words() (list []string) {
	for _, s := range v.Secrets {
		list = append(list, s.Value)
	}
	return list
}

var versions = regexp.MustCompile(`"version":\d+`)

// answers returns the public responses to all queries without versions, which count the
// entries of the change log.
func (v published) answers(queries []string) string {
	var all strings.Builder
	for _, q := range queries {
		all.WriteString(versions.ReplaceAllString(v.Ask("", q, nil).Body, ""))
		all.WriteByte('\n')
	}
	for _, file := range files(v.Program) {
		all.WriteString(file)
	}
	return all.String()
}

// files returns the public feeds and the sitemap.
func files(p *apptest.Program) (list []string) {
	for _, path := range []string{"", "category/news/", "tag/共同/"} {
		for _, file := range []string{"rss.xml", "atom.xml", "feed.json"} {
			_, text := p.Fetch("GET", "/feeds/"+path+file)
			list = append(list, path+file+" "+text)
		}
	}
	_, index := p.Fetch("GET", "/sitemap.xml")
	var urls []string
	for _, part := range locations.FindAllStringSubmatch(index, -1) {
		_, text := p.Fetch("GET", strings.TrimPrefix(part[1], apptest.BaseURL))
		urls = append(urls, locations.FindAllString(text, -1)...)
	}
	slices.Sort(urls)
	return append(list, strings.Join(urls, "\n"))
}

var locations = regexp.MustCompile(`<loc>(.*?)</loc>`)

// followerProgram is another installation that follows the change log of the first.
type followerProgram struct {
	*apptest.Program
	of     *apptest.Program
	remote *follower.Remote
}

func newCopy(t *testing.T, of *apptest.Program) *followerProgram {
	t.Helper()
	remote, err := follower.NewRemote(of.URL, of.Token(viewer.Integrator, ""))
	if err != nil {
		t.Fatal(err)
	}
	s := storetest.SQLite(t)
	s.Set(of.Store.Clock())
	return &followerProgram{apptest.Start(t, s, func(c *config.Config) { c.BaseURL = apptest.BaseURL }), of, remote}
}

// files returns the public files of the follower after it has caught up.
func (f *followerProgram) files(t *testing.T) []string {
	t.Helper()
	if err := f.Follower(f.remote, follower.Options{}).Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	return files(f.Program)
}

// everything returns the whole content of the follower's database.
func (f *followerProgram) everything(t *testing.T) string {
	t.Helper()
	var all bytes.Buffer
	if err := f.Exporter().Export(apptest.System(), &all, exporter.Position{}, func(int) {}); err != nil {
		t.Fatal(err)
	}
	for _, row := range f.Store.Client(apptest.System()).Change.Query().AllX(apptest.System()) {
		all.WriteString(row.Payload + row.Reason + "\n") // the follower's own change log
	}
	return all.String()
}

// turn takes an item down or restores it.
func turn(p *apptest.Program, token, mutation, item string) {
	var data map[string]struct {
		Takedown   *struct{ ID string }
		UserErrors []struct{ Message string }
	}
	p.MustAsk(token, `mutation($item: ID!) { `+mutation+`(input: { item: $item, reason: "权利人通知" }) { takedown { id } userErrors { message } } }`,
		map[string]any{"item": item}, &data)
	if data[mutation].Takedown == nil {
		panic(mutation + " of " + item + ": " + data[mutation].UserErrors[0].Message)
	}
}
