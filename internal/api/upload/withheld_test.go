package upload_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/pictureuse"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// gallery is a portal on two machines with pictures in their articles: a cover, one in
// the text, and one that a second article shows too.
type gallery struct {
	t              *testing.T
	here, there    *apptest.Program
	dir            string // where both keep their files
	cover, in, two answer
	first, second  *ent.Article
}

func newGallery(t *testing.T, s *storetest.Store) *gallery {
	g := &gallery{t: t, dir: t.TempDir()}
	shared := func(c *config.Config) { c.MediaDir = g.dir }
	g.here, g.there = apptest.Start(t, s, shared), apptest.Start(t, storetest.Open(t, s.URL), shared)
	editor := g.here.Token(viewer.Editor, "")
	g.cover = send(t, g.here, editor, "", bytes.NewReader(imagegen.JPEG(700, 500)))
	g.in = send(t, g.here, editor, "", bytes.NewReader(imagegen.PNG(60, 40, false)))
	g.two = send(t, g.here, editor, "", bytes.NewReader(imagegen.GIF(40, 30, 2)))
	category, publisher := g.here.Category("行业新闻", "news", nil).ID, g.here.Publisher("云渡颐园", true).ID
	write := func(title, text string, cover *string) *ent.Article {
		return g.here.Article(article.CreateInput{Title: title, Category: category, Publisher: &publisher, Cover: cover,
			Body: article.BodyInput{Markdown: &text}}, s.Clock().Add(-time.Hour))
	}
	g.first = write("院子里的桂花树", fmt.Sprintf("![](%s)\n\n- ![](https://cdn.example%s)", g.in.URL, g.two.URL), &g.cover.Variants[0].URL)
	g.second = write("又是一年", fmt.Sprintf("![](%s)", g.two.URL), nil)
	return g
}

// addresses is every address there is, by the picture.
func (g *gallery) addresses() map[string][]string {
	all := map[string][]string{}
	for name, p := range map[string]answer{"cover": g.cover, "in": g.in, "two": g.two} {
		all[name] = append(all[name], p.URL)
		for _, v := range p.Variants {
			all[name] = append(all[name], v.URL)
		}
	}
	return all
}

// sees asks for everything with a token, and says which pictures are given out whole.
func (g *gallery) sees(p *apptest.Program, token, keep string) (list []string) {
	g.t.Helper()
	for name, addresses := range g.addresses() {
		seen := 0
		for _, address := range addresses {
			resp, body := get(g.t, p.URL+address, func(r *http.Request) {
				if token != "" {
					r.Header.Set("Authorization", "Bearer "+token)
				}
			})
			switch {
			case resp.StatusCode == http.StatusOK && len(body) > 0:
				seen++
				if got := resp.Header.Get("Cache-Control"); got != keep {
					g.t.Errorf("%s may be kept: %s, want %s", address, got, keep)
				}
			case resp.StatusCode != http.StatusNotFound || resp.Header.Get("Cache-Control") != "no-store":
				g.t.Errorf("%s: %s %s", address, resp.Status, body)
			}
		}
		if seen == len(addresses) {
			list = append(list, name)
		} else if seen > 0 {
			g.t.Errorf("of %s there is a part", name)
		}
	}
	slices.Sort(list)
	return list
}

func (g *gallery) is(what string, got []string, want ...string) {
	g.t.Helper()
	if !slices.Equal(got, want) {
		g.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (g *gallery) turn(mutation string, a *ent.Article) {
	g.here.MustAsk(g.here.Token(viewer.Moderator, ""), `mutation ($id: ID!) { `+mutation+`(input: { item: $id, reason: "权利人通知" }) { takedown { id } } }`,
		map[string]any{"id": a.ID}, new(any))
}

// deletes deletes a picture as whoever may delete all, and says what that was refused for.
func (g *gallery) deletes(p answer) (code string) {
	return g.here.Ask(g.here.Token(viewer.Admin, ""), `mutation ($id: ID!) { deletePicture(input: {id: $id}) { deletedId } }`, map[string]any{"id": p.ID}).Code()
}

const (
	kept    = "public, max-age=31536000, s-maxage=600, immutable"
	notKept = "private, no-store"
)

// TestPicturesOfWhatIsTakenDown go off the net with the article on every machine, for all
// but the staff, unless an article that is published shows them too; they are held as
// they were, and come back with it.
func TestPicturesOfWhatIsTakenDown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		g := newGallery(t, s)
		nobody, moderator := "", g.here.Token(viewer.Moderator, "")
		g.is("before", g.sees(g.there, nobody, kept), "cover", "in", "two")
		g.is("before, with a token that is over", g.sees(g.there, "tg_over", kept), "cover", "in", "two")
		g.turn("takeDown", g.first)
		g.is("down", g.sees(g.there, nobody, kept), "two")
		g.is("down, with a token that is over", g.sees(g.there, "tg_over", kept), "two")
		g.is("down, a reader", g.sees(g.there, g.here.Token(viewer.Reader, ""), kept), "two")
		g.is("down, the publisher", g.sees(g.there, g.here.Token(viewer.Publisher, g.first.PublisherID), kept), "two")
		g.turn("takeDown", g.second)
		g.is("both are down", g.sees(g.there, nobody, kept))
		g.is("both are down, the staff", g.sees(g.there, moderator, notKept), "cover", "in", "two")
		for _, p := range []answer{g.cover, g.in, g.two} {
			if code := g.deletes(p); code != "CONFLICT" {
				t.Errorf("deleting what is held: %q", code)
			}
		}
		var archive bytes.Buffer
		if err := g.here.Exporter().Export(apptest.System(), &archive, exporter.Position{}, func(int) {}); err != nil {
			t.Fatal(err)
		}
		elsewhere := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.MediaDir = g.dir })
		elsewhere.Store.Set(s.Clock())
		var result importer.Result
		if err := elsewhere.Importer().NDJSON(apptest.System(), "a", &archive, &result, func(int) {}); err != nil || len(result.Rejected) > 0 {
			t.Fatal(err, result)
		}
		g.is("elsewhere, from an archive", g.sees(elsewhere, nobody, kept))
		g.turn("restore", g.second)
		g.is("one is back", g.sees(g.there, nobody, kept), "two")
		g.turn("restore", g.first)
		g.is("both are back", g.sees(g.there, nobody, kept), "cover", "in", "two")
		if code := g.deletes(g.cover); code != "" {
			t.Errorf("deleting what is held no more: %q", code)
		}
	})
}

// TestWhatAPictureCosts: one statement, two where an article is down that shows it, and
// none of them reads a whole table or list, however large the portal is.
func TestWhatAPictureCosts(t *testing.T) {
	t.Parallel()
	g := newGallery(t, storetest.SQLite(t))
	for most := 1; most <= 2; most++ {
		if most == 2 {
			g.turn("takeDown", g.first)
		}
		plans := g.here.PlansOf(func() { get(t, g.here.URL+g.two.URL) })
		if len(plans) != most {
			t.Errorf("%d statements, want %d: %v", len(plans), most, plans)
		}
		for _, plan := range plans {
			if text := plan.String(); strings.Contains(text, "SCAN") || strings.Contains(text, "LIST SUBQUERY") {
				t.Error(text)
			}
		}
		if !strings.Contains(plans[0].String(), "(hash=? AND down=?)") { // not all articles that show it
			t.Error(plans[0])
		}
	}
}

// TestPicturesThatAnArticleShowsNoMore are not its pictures.
func TestPicturesThatAnArticleShowsNoMore(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		g := newGallery(t, s)
		g.here.MustAsk(g.here.Token(viewer.Editor, ""), `mutation ($id: ID!, $version: Int!, $text: String!) {
			updateArticle(input: { article: $id, version: $version, body: { markdown: $text } }) { article { id } userErrors { message } } }`,
			map[string]any{"id": g.first.ID, "version": g.first.Version, "text": "没有图片了。"}, new(any))
		g.turn("takeDown", g.first)
		g.is("down", g.sees(g.there, "", kept), "in", "two")
	})
}

// TestPicturesOfOldArticles: the migration finds what older programs did not note.
func TestPicturesOfOldArticles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		g := newGallery(t, s)
		g.turn("takeDown", g.first)
		uses := func(s *storetest.Store) map[string]bool {
			all := map[string]bool{}
			for _, u := range s.Client(apptest.System()).PictureUse.Query().Order(pictureuse.ByHash()).AllX(apptest.System()) {
				all[u.Hash+" "+u.ArticleID] = u.Down
			}
			return all
		}
		noted := uses(s)
		for _, statement := range []string{"DROP TABLE picture_uses", "DELETE FROM goose_db_version WHERE version_id = 17"} {
			if _, err := s.Client(apptest.System()).ExecContext(apptest.System(), statement); err != nil {
				t.Fatal(err)
			}
		}
		found := uses(storetest.Open(t, s.URL))
		if len(noted) != 4 || !maps.Equal(noted, found) {
			t.Errorf("noted: %v\nfound: %v", noted, found)
		}
	})
}
