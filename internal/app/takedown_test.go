package app_test

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
	"github.com/tonggao/tonggao/internal/testkit/leaktest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestTakedownAndTheWayBack takes an article and a comment down on one replica and asks
// the other for everything that the schema has, for feeds, for the sitemap, and asks a
// follower of the change log that was up to date: nothing of them is found, at once;
// after the restoration every answer is what it was.
func TestTakedownAndTheWayBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		generous := func(c *config.Config) { c.CostLimit, c.BaseURL = 1<<30, apptest.BaseURL }
		here, there := apptest.Start(t, s, generous), apptest.Start(t, storetest.Open(t, s.URL), generous)
		v := published{leaktest.New(t, there)}
		a, c := v.publishSomething(here)
		questions := leaktest.Queries(v.Portal, leaktest.Depth()).List
		copied := newCopy(t, there)
		before, kept := v.answers(questions), copied.files(t)
		feed, _ := there.Fetch("GET", "/feeds/rss.xml")
		for _, word := range v.Secrets {
			if !strings.Contains(before, word.Value) {
				t.Fatalf("%s is found nowhere, so the questions do not reach it", word.What)
			}
		}
		moderator := here.Token(viewer.Moderator, "")
		steps := []struct {
			item string
			gone []string // what must not be found while it is down
		}{{c.ID, []string{"zqcomment"}}, {a.ID, v.words()}}
		for _, step := range steps {
			turn(here, moderator, "takeDown", step.item)
			during := v.answers(questions) + strings.Join(copied.files(t), "\n") + copied.everything(t)
			if again, _ := there.Fetch("GET", "/feeds/rss.xml", "If-None-Match", feed.Header.Get("ETag")); again.StatusCode != http.StatusOK && step.item == a.ID {
				t.Errorf("a feed that a reader keeps is said to be good still: %s", again.Status)
			}
			told := copied.Store.Client(apptest.System()).Change.Query().Where(change.ItemID(step.item)).Order(ent.Desc(change.FieldID)).FirstX(apptest.System())
			if !told.Purge {
				t.Errorf("who follows the copy is not told to delete %s", step.item)
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
		if diff := cmp.Diff(strings.Split(before, "\n"), strings.Split(v.answers(questions), "\n")); diff != "" {
			t.Errorf("restored is not as before: %.3000s", diff)
		}
		if diff := cmp.Diff(kept, copied.files(t)); diff != "" {
			t.Errorf("restored, the follower is not as before: %.3000s", diff)
		}
	})
}

// published is a portal that is searched for the words of what it published.
type published struct{ *leaktest.Portal }

// publishSomething publishes an article and a comment with words that are found nowhere
// else.
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

// words is all that is hidden.
func (v published) words() (list []string) {
	for _, s := range v.Secrets {
		list = append(list, s.Value)
	}
	return list
}

var versions = regexp.MustCompile(`"version":\d+`)

// answers is what everybody is answered to all questions, but for versions, which count
// what the followers of the change log are told.
func (v published) answers(questions []string) string {
	var all strings.Builder
	for _, q := range questions {
		all.WriteString(versions.ReplaceAllString(v.Ask("", q, nil).Body, ""))
		all.WriteByte('\n')
	}
	for _, file := range files(v.Program) {
		all.WriteString(file)
	}
	return all.String()
}

// files is what everybody gets besides answers of the API.
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

// follower is another installation that keeps a copy by the change log.
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

// files is what everybody gets of the copy, after it has caught up.
func (f *followerProgram) files(t *testing.T) []string {
	t.Helper()
	if err := f.Follower(f.remote, follower.Options{}).Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	return files(f.Program)
}

// everything is all that the copy's database holds.
func (f *followerProgram) everything(t *testing.T) string {
	t.Helper()
	var all bytes.Buffer
	if err := f.Exporter().Export(apptest.System(), &all, exporter.Position{}, func(int) {}); err != nil {
		t.Fatal(err)
	}
	for _, row := range f.Store.Client(apptest.System()).Change.Query().AllX(apptest.System()) {
		all.WriteString(row.Payload + row.Reason + "\n") // the copy's own log, which others may follow
	}
	return all.String()
}

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
