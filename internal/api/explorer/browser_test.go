package explorer_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/tonggao/tonggao/internal/api/explorer"
	"github.com/tonggao/tonggao/internal/testkit/browsertest"
)

//go:embed testdata/introspection.json
var introspection []byte

// endpoint is a stub of a GraphQL endpoint with a query and a subscription. The name of the
// site contains the token of the request.
func endpoint(w http.ResponseWriter, r *http.Request) {
	var request struct{ Query string }
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.Contains(request.Query, "__schema"):
		w.Write(introspection)
	case strings.Contains(request.Query, "subscription"):
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, ":\n\nevent: next\ndata: {\"data\":{\"published\":\"第一篇\"}}\n\n: ping\n\n")
		w.(http.Flusher).Flush()
		fmt.Fprint(w, "event: next\ndata: {\"data\":{\"published\":\"第二篇\"}}\n\nevent: complete\n\n")
	default:
		fmt.Fprintf(w, `{"data":{"site":{"name":"晚霞资讯 %s"}}}`, r.Header.Get("Authorization"))
	}
}

// open opens the explorer with the query in a window of the width.
func open(t *testing.T, query string, width int64) (*browsertest.Browser, string) {
	t.Helper()
	b := browsertest.Start(t)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /graphql", endpoint)
	mux.Handle("/", explorer.Handler(explorer.Options{
		Query: query,
		Links: []explorer.Link{{Title: "Docs 文档", URL: "https://docs.example/"}, {Title: "SDL", URL: "/schema.graphqls"}},
	}))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	b.Viewport(width, 800)
	b.Open(server.URL)
	b.Wait(".graphiql-execute-button")
	return b, server.URL
}

// screenshot saves a screenshot of the page if SCREENSHOTS names a folder.
func screenshot(t *testing.T, b *browsertest.Browser) {
	t.Helper()
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		b.Screenshot(filepath.Join(folder, strings.ReplaceAll(t.Name(), "/", "-")+".png"))
	}
}

func TestExplorerRunsAQuery(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{1280, 360} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			b, origin := open(t, "# 站点\nquery Site {\n  site { name }\n}\n", width)
			b.WaitText(".graphiql-query-editor", "站点")

			b.Click(".graphiql-execute-button")
			b.WaitText(".graphiql-response", "晚霞资讯")

			screenshot(t, b)
			assertVisible(t, b, ".graphiql-response .CodeMirror-lines", width)
			assertVisible(t, b, ".graphiql-query-editor .CodeMirror-lines", width)
			b.AssertClean(origin)
		})
	}
}

func TestExplorerShowsTheSchema(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{1280, 360} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			b, origin := open(t, "{ site { name } }", width)
			b.Click(`.graphiql-sidebar button[aria-label="Show Documentation Explorer"]`)
			b.Wait(".graphiql-doc-explorer")
			b.WaitText(".graphiql-doc-explorer", "Query")
			screenshot(t, b)
			assertVisible(t, b, ".graphiql-doc-explorer", width)
			b.AssertClean(origin)
		})
	}
}

// closeDialog closes a dialog and waits until it is gone: until then it catches clicks.
func closeDialog(b *browsertest.Browser) {
	b.Click(".graphiql-dialog-close")
	b.Until(`!document.querySelector(".graphiql-dialog")`)
}

// TestExplorerOpensDialogs opens dialogs and menus, which add styles to the page that the
// policy must allow.
func TestExplorerOpensDialogs(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{1280, 360} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			b, origin := open(t, "query A { site { name } }\n\nquery B { site { name } }", width)
			b.Click(`.graphiql-sidebar button[aria-label="Open short keys dialog"]`)
			b.WaitText(".graphiql-dialog", "Short Keys")
			closeDialog(b)
			b.Click(`.graphiql-sidebar button[aria-label="Open settings dialog"]`)
			b.WaitText(".graphiql-dialog", "Settings")
			screenshot(t, b)
			closeDialog(b)
			b.Click(".graphiql-execute-button")
			b.Click("[role=menuitem]:last-of-type")
			b.WaitText(".graphiql-response", "晚霞资讯")
			b.AssertClean(origin)
		})
	}
}

func TestExplorerCompletesFields(t *testing.T) {
	t.Parallel()
	b, origin := open(t, "#", 1280)
	b.Type(".graphiql-query-editor textarea", kb.End+kb.Enter+"{ si")
	b.WaitText(".CodeMirror-hints", "site")
	screenshot(t, b)
	b.AssertClean(origin)
}

func TestExplorerSendsTheToken(t *testing.T) {
	t.Parallel()
	b, origin := open(t, "{ site { name } }", 1280)
	b.Click(`.graphiql-editor-tool .CodeMirror`)
	b.Type(`.graphiql-editor-tool .graphiql-editor:not(.hidden) textarea`, `{"Authorization": "Bearer secret"}`)
	b.Click(".graphiql-execute-button")
	b.WaitText(".graphiql-response", "Bearer secret")

	b.Until(`localStorage.getItem("graphiql:queries")?.includes("site")`) // the history is written
	var stored string
	b.Evaluate("JSON.stringify(localStorage)", &stored)
	if strings.Contains(stored, "secret") {
		t.Errorf("the token is stored in the browser: %s", stored)
	}
	b.AssertClean(origin)
}

func TestExplorerFollowsASubscription(t *testing.T) {
	t.Parallel()
	b, origin := open(t, "subscription { published }", 1280)
	b.Click(".graphiql-execute-button")
	b.WaitText(".graphiql-response", "第二篇")
	b.AssertClean(origin)
}

// assertVisible fails if the element is not inside the window, or if the page scrolls
// horizontally.
func assertVisible(t *testing.T, b *browsertest.Browser, selector string, width int64) {
	t.Helper()
	var box struct{ Left, Right, Top, Bottom, Scroll float64 }
	b.Evaluate(fmt.Sprintf(`(() => {
		const { left, right, top, bottom } = document.querySelector(%q).getBoundingClientRect();
		return { left, right, top, bottom, scroll: document.documentElement.scrollWidth };
	})()`, selector), &box)
	if box.Left < 0 || box.Right > float64(width) || box.Right-box.Left < 150 || box.Bottom-box.Top < 20 || box.Top > 800 {
		t.Errorf("%s is at %+v of a window %d wide", selector, box, width)
	}
	if box.Scroll > float64(width) {
		t.Errorf("the page is %v wide in a window of %d", box.Scroll, width)
	}
}
