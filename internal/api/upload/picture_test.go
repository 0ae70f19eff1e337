package upload_test

import (
	"bytes"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

type shown struct {
	URL           string
	Alt           string
	Width, Height int
	Variants      []struct {
		URL           string
		Width, Height int
	}
}

// TestPicturesInArticles adds the size, the alternative text and the variants of an uploaded
// picture to the articles that show it; an alternative text of the editor takes precedence.
func TestPicturesInArticles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		up := send(t, p, p.Token(viewer.Editor, ""), "", bytes.NewReader(imagegen.JPEG(700, 500)), "?alt=%E6%99%A8%E7%BB%83")
		remote := "https://elsewhere.example/a.jpg"
		text := fmt.Sprintf("![](%s)\n\n![太极拳](https://cdn.example%s)\n\n![](%s)\n\n- ![](%s)", up.URL, up.Variants[0].URL, remote, up.URL)
		a := p.Article(article.CreateInput{Title: "晨练", Category: p.Category("行业新闻", "news", nil).ID, Publisher: &p.Publisher("云渡颐园", true).ID,
			Cover: &up.URL, Body: article.BodyInput{Markdown: &text}}, s.Clock().Add(-time.Hour))
		var got struct {
			Article struct {
				CoverImage shown
				Body       struct {
					HTML   string
					Images []shown
				}
			}
		}
		p.MustAsk("", `query ($id: ID!) { article(id: $id) { coverImage { url alt width height variants { url width height } }
			body { html images { url alt width height variants { url width height } } } } }`, map[string]any{"id": a.ID}, &got)
		cover, list := got.Article.CoverImage, got.Article.Body.Images
		if cover.Width != 700 || cover.Height != 500 || cover.Alt != "晨练" || len(cover.Variants) != 2 || cover.Variants[0].URL != up.Variants[0].URL {
			t.Errorf("the cover: %+v", cover)
		}
		if len(list) != 4 || !reflect.DeepEqual(list[0], cover) {
			t.Fatalf("the pictures: %+v", list)
		}
		if small := list[1]; small.Width != 320 || small.Height != 229 || small.Alt != "太极拳" || small.Variants[1].URL != "https://cdn.example"+up.Variants[1].URL {
			t.Errorf("a copy, on another host: %+v", small)
		}
		if far := list[2]; far.Width != 0 || len(far.Variants) != 0 {
			t.Errorf("another site's: %+v", far)
		}
		if !strings.Contains(got.Article.Body.HTML, `width="700" height="500"`) {
			t.Errorf("the page reserves no space: %s", got.Article.Body.HTML)
		}
	})
}

// TestListAndDelete lists and deletes pictures as each role may.
func TestListAndDelete(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		owner := p.Publisher("云渡颐园", true)
		editor, publisher := p.Token(viewer.Editor, ""), p.Token(viewer.Publisher, owner.ID)
		theirs := send(t, p, editor, "", bytes.NewReader(imagegen.PNG(400, 30, false)))
		own := send(t, p, publisher, "", bytes.NewReader(imagegen.GIF(40, 30, 2)))
		list := func(token string) (ids []string) {
			var got struct {
				Pictures struct {
					TotalCount int
					Edges      []struct {
						Node struct{ ID, URL, UploadedBy string }
					}
				}
			}
			p.MustAsk(token, `{ pictures { totalCount edges { cursor node { id url width height type bytes animated alt variants { url } uploadedBy createdAt } } } }`, nil, &got)
			for _, e := range got.Pictures.Edges {
				ids = append(ids, e.Node.ID)
			}
			if got.Pictures.TotalCount != len(ids) {
				t.Errorf("%d in all, %d listed", got.Pictures.TotalCount, len(ids))
			}
			return ids
		}
		if all, mine := list(editor), list(publisher); !reflect.DeepEqual(all, []string{own.ID, theirs.ID}) || !reflect.DeepEqual(mine, []string{own.ID}) {
			t.Errorf("all: %v, own: %v", all, mine)
		}
		for who, token := range map[string]string{"UNAUTHENTICATED": "", "FORBIDDEN": p.Token(viewer.Integrator, "")} {
			if a := p.Ask(token, `{ pictures { totalCount } }`, nil); a.Code() != who {
				t.Errorf("%s: %s", who, a.Body)
			}
		}
		remove := func(token, id string) string {
			return p.Ask(token, `mutation ($id: ID!) { deletePicture(input: {id: $id}) { deletedId userErrors { message } } }`, map[string]any{"id": id}).Code()
		}
		if code := remove(publisher, theirs.ID); code != "NOT_FOUND" {
			t.Errorf("another's: %q", code)
		}
		if code := remove(p.Token(viewer.Moderator, ""), theirs.ID); code != "FORBIDDEN" {
			t.Errorf("a moderator: %q", code)
		}
		if code := remove(publisher, own.ID); code != "" {
			t.Errorf("its own: %q", code)
		}
		if resp, _ := get(t, p.URL+own.URL); resp.StatusCode != http.StatusNotFound {
			t.Errorf("a deleted picture is still served: %d", resp.StatusCode)
		}
		if again := remove(publisher, own.ID); again != "NOT_FOUND" {
			t.Errorf("a second time: %q", again)
		}
	})
}

// TestMissingFiles writes files again that a restored database has and the folder has not.
func TestMissingFiles(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	token, data := p.Token(viewer.Editor, ""), imagegen.JPEG(700, 500)
	a := send(t, p, token, "", bytes.NewReader(data))
	if err := p.Files.Remove(apptest.System(), []string{strings.TrimPrefix(a.Variants[0].URL, "/media/")}); err != nil {
		t.Fatal(err)
	}
	again := send(t, p, token, "", bytes.NewReader(data))
	if resp, _ := get(t, p.URL+a.Variants[0].URL); resp.StatusCode != http.StatusOK || again.ID != a.ID {
		t.Errorf("%d, %+v", resp.StatusCode, again)
	}
}
