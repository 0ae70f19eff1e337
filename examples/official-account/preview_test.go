package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/browsertest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
	"github.com/tonggao/tonggao/internal/testkit/terminalcheck"
)

const allArticles = `query($after: Cursor) {
  articles(first: 50, after: $after) {
    edges { node { id body { document } } }
    pageInfo { hasNextPage endCursor }
  }
}`

// TestEveryArticle takes all demo articles: the text that the
// platform keeps is the document's, and of pictures it names each.
func TestEveryArticle(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.Demo, c.BaseURL = true, terminalcheck.Site })
	count := 0
	for after := any(nil); ; {
		var page struct {
			Articles struct {
				Edges []struct {
					Node struct {
						ID   string
						Body struct{ Document json.RawMessage }
					}
				}
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		p.MustAsk("", allArticles, map[string]any{"after": after}, &page)
		for _, edge := range page.Articles.Edges {
			count++
			compare(t, p.URL, edge.Node.ID, edge.Node.Body.Document)
		}
		if !page.Articles.PageInfo.HasNextPage {
			break
		}
		after = page.Articles.PageInfo.EndCursor
	}
	if count < 150 {
		t.Errorf("only %d articles", count)
	}
}

func compare(t *testing.T, api, id string, document json.RawMessage) {
	t.Helper()
	d, err := body.Parse(document)
	if err != nil {
		t.Fatal(err)
	}
	a, err := fetch(context.Background(), api, id)
	if err != nil {
		t.Fatal(err)
	}
	content, lost := keep(a.Body.OfficialAccountHTML)
	got := strings.ReplaceAll(terminalcheck.HTMLText(content), "[图片需先上传]", "")
	want := terminalcheck.DocumentText(d, render.Losses(d, terminal.OfficialAccount, render.Options{BaseURL: terminalcheck.Site}))
	before, after, found := strings.Cut(got, want)
	if notice := before + after; !found || notice != "" && len(a.Labels) == 0 || len([]rune(notice)) > 60 { // the text may contain the labels
		t.Errorf("%s keeps\n%s\nwant\n%s", a.Title, got, want)
	}
	for _, line := range lost {
		if !strings.HasPrefix(line, "站外图片") {
			t.Errorf("%s: %s", a.Title, line)
		}
	}
}

// TestPreview runs the program and opens the page that it wrote on a phone.
func TestPreview(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.Demo, c.BaseURL = true, terminalcheck.Site })
	file := filepath.Join(t.TempDir(), "preview.html")
	var out, notes bytes.Buffer
	if err := run(context.Background(), []string{"--api", p.URL, "--out", file, "--thumb", "m1", "vacant-beds-quarter"}, &out, &notes); err != nil {
		t.Fatalf("%v\n%s", err, notes.String())
	}
	var sent struct{ Articles []map[string]any }
	if err := json.Unmarshal(out.Bytes(), &sent); err != nil || len(sent.Articles) != 1 || sent.Articles[0]["thumb_media_id"] != "m1" {
		t.Errorf("%v: %s", err, out.String())
	}
	for _, want := range []string{"服务器已替换：", "站外图片被过滤，先用 media/uploadimg 上传：" + terminalcheck.Site + "/media/demo/chart.png"} {
		if !strings.Contains(notes.String(), want) {
			t.Errorf("%q is not in\n%s", want, notes.String())
		}
	}
	if err := run(context.Background(), []string{"--api", p.URL, "no-such-article"}, &out, &notes); err == nil || !strings.Contains(err.Error(), "no-such-article") {
		t.Errorf("an article that is not there: %v", err)
	}
	looks(t, file)
}

// TestPreviewServer opens the page that the program serves.
func TestPreviewServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, []byte("<p>正文")) }()
	resp, err := http.Get("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || string(text) != "<p>正文" {
		t.Errorf("%q, %v", text, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func looks(t *testing.T, file string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) }))
	t.Cleanup(server.Close)
	b := browsertest.Start(t)
	b.Viewport(375, 812)
	b.Open(server.URL)
	b.WaitText("h1", "八十六家民办机构空床调查")
	b.WaitText("#content", "家属来看房，第一句话问的就是太阳。")
	var wide bool
	if b.Evaluate("document.documentElement.scrollWidth > 375", &wide); wide {
		t.Error("the page is wider than the phone")
	}
	b.AssertClean(server.URL)
	picture := filepath.Join(t.TempDir(), "official-account.png")
	if *update {
		picture = "../../docs/pictures/official-account.png"
	}
	b.Screenshot(picture)
	if info, err := os.Stat(picture); err != nil || info.Size() < 10_000 || info.Size() > 150_000 {
		t.Errorf("the picture: %v, %v", info, err)
	}
}
