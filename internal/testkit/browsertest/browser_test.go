package browsertest_test

import (
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/testkit/browsertest"
)

// serve answers every path with the page.
func serve(t *testing.T, page string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><meta name=viewport content="width=device-width"><link rel=icon href="data:,">`, page)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestReaderActions(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	origin := serve(t, `<input id=name><button onclick="answer.textContent = '你好，' + document.querySelector('#name').value">问候</button>
		<p id=answer>无</p>`)

	b.Open(origin)
	b.Wait("button")
	b.Type("#name", "读者")
	b.Click("button")
	b.WaitText("#answer", "你好，读者")
	if got := b.Text("#answer"); got != "你好，读者" {
		t.Errorf("Text = %q", got)
	}
	var width int
	b.Evaluate("innerWidth", &width)
	if width == 0 {
		t.Error("Evaluate returned nothing")
	}
	b.AssertClean(origin)
}

// TestUntilAcrossPages waits on a page that is left for another one in the meantime.
func TestUntilAcrossPages(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	next := serve(t, `<p id=answer>到了</p>`)
	b.Open(serve(t, `<p id=answer>走吧</p><script>setTimeout(() => { location.href = "`+next+`" }, 300)</script>`))
	b.WaitText("#answer", "到了")
}

func TestProblemsAreRecorded(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	origin := serve(t, `<p id=end>end</p><img src="http://elsewhere.example/pixel.png"><script>
		console.error("spoken aloud", 7);
		console.log("not a problem");
		addEventListener("error", () => { document.querySelector("#end").textContent = "thrown"; });
		setTimeout(() => { throw new Error("thrown away") });
		try { new WebSocket("ws://socket.example/") } catch {}
	</script>`)

	b.Open(origin)
	b.WaitText("#end", "thrown")

	for _, want := range []string{"spoken aloud 7", "thrown away", "elsewhere.example"} {
		if all := strings.Join(b.Problems(), "\n"); !strings.Contains(all, want) {
			t.Errorf("no problem mentions %q in:\n%s", want, all)
		}
	}
	if all := strings.Join(b.Problems(), "\n"); strings.Contains(all, "not a problem") {
		t.Errorf("a plain message counts as a problem:\n%s", all)
	}
	outside := strings.Join(b.Outside(origin), "\n")
	for _, want := range []string{"http://elsewhere.example/pixel.png", "ws://socket.example/"} {
		if !strings.Contains(outside, want) {
			t.Errorf("%s is not among the outside requests:\n%s", want, outside)
		}
	}
	if strings.Contains(outside, origin) {
		t.Errorf("a request at home counts as outside:\n%s", outside)
	}
}

func TestViewport(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	origin := serve(t, `<p>页</p>`)
	for _, size := range [][2]int64{{360, 800}, {1280, 800}} {
		b.Viewport(size[0], size[1])
		b.Open(origin)
		var got [2]int64
		b.Evaluate("[innerWidth, innerHeight]", &got)
		if got != size {
			t.Errorf("the page sees %v, want %v", got, size)
		}
		file := filepath.Join(t.TempDir(), "page.png")
		b.Screenshot(file)
		if width := pngWidth(t, file); int64(width) != size[0] {
			t.Errorf("the screenshot is %d wide, want %d", width, size[0])
		}
	}
}

// TestProfiles checks that the tabs of two tests share nothing.
func TestProfiles(t *testing.T) {
	t.Parallel()
	origin := serve(t, `<p>页</p>`)
	first, second := browsertest.Start(t), browsertest.Start(t)
	first.Open(origin)
	first.Evaluate(`localStorage.setItem("name", "读者"), document.cookie = "visits=1"`, nil)
	second.Open(origin)
	var stored string
	if second.Evaluate(`[localStorage.getItem("name"), document.cookie].join("")`, &stored); stored != "" {
		t.Errorf("the second tab has %q of the first", stored)
	}
}

func pngWidth(t *testing.T, path string) int {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	config, err := png.DecodeConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	return config.Width
}
