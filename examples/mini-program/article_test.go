package miniprogram_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/terminalcheck"
)

const allArticles = `query($after: Cursor) {
  articles(first: 50, after: $after, filter: { terminal: MINI_PROGRAM }) {
    edges { node { id title labels body { document images { url } } } }
    pageInfo { hasNextPage endCursor }
  }
}`

type listed struct {
	ID, Title string
	Labels    []string
	Body      struct {
		Document json.RawMessage
		Images   []struct{ URL string }
	}
}

// TestEveryArticle opens all demo articles in WeChat's simulation and compares text and
// structure with the document.
func TestEveryArticle(t *testing.T) {
	t.Parallel()
	p := portal(t)
	b := phone(t, p)
	count, largest := 0, 0
	for after := any(nil); ; {
		var page struct {
			Articles struct {
				Edges    []struct{ Node listed }
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		p.MustAsk("", allArticles, map[string]any{"after": after}, &page)
		for _, edge := range page.Articles.Edges {
			count++
			var shown struct {
				Text, Title, Error string
				Outline, Refused   []string
				Largest, Thumbs    int
			}
			await(t, b, `article("`+edge.Node.ID+`")`, &shown)
			largest = max(largest, shown.Largest)
			compare(t, edge.Node, shown.Text, shown.Outline)
			if shown.Error != "" || len(shown.Refused) > 0 || shown.Title != edge.Node.Title || shown.Thumbs != len(edge.Node.Body.Images) {
				t.Errorf("%s: %s; refused %v, title %q, %d thumbnails", edge.Node.Title, shown.Error, shown.Refused, shown.Title, shown.Thumbs)
			}
		}
		if !page.Articles.PageInfo.HasNextPage {
			break
		}
		after = page.Articles.PageInfo.EndCursor
	}
	t.Logf("%d articles; the largest setData is %d bytes", count, largest)
	if count < 150 || largest > 1024*1000 {
		t.Errorf("%d articles, %d bytes in one setData", count, largest)
	}
	if problems := b.Problems(); problems != nil {
		t.Error(problems)
	}
}

func compare(t *testing.T, a listed, text string, outline []string) {
	t.Helper()
	d, err := body.Parse(a.Body.Document)
	if err != nil {
		t.Fatal(err)
	}
	losses := render.Losses(d, terminal.MiniProgram, render.Options{BaseURL: terminalcheck.Site})
	got, want := terminalcheck.Squeeze(text), terminalcheck.DocumentText(d, losses)
	before, after, found := strings.Cut(got, want)
	if notice := before + after; !found || notice != "" && len(a.Labels) == 0 || len([]rune(notice)) > 60 { // the text may contain the labels
		t.Errorf("%s: shows\n%s\nwant\n%s", a.Title, got, want)
	}
	if want := outlineOf(d); !slices.Equal(outline, want) {
		t.Errorf("%s: outline\n%v\nwant\n%v", a.Title, outline, want)
	}
}
