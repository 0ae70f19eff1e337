package miniprogram_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/browsertest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// outcome is how one query ended.
type outcome struct {
	Data       map[string]any
	Code       string
	Status     int
	RetryAfter int
	Message    string
}

// TestClientSize checks that the client is small and has no dependencies.
func TestClientSize(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("client.js")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("client.js has %d bytes", len(text))
	if len(text) >= 4096 || strings.Contains(string(text), "require(") || strings.Contains(string(text), "import ") {
		t.Errorf("client.js has %d bytes, or has a dependency", len(text))
	}
}

// TestClientOnEachPlatform sends queries to the running program through the platforms'
// request functions.
func TestClientOnEachPlatform(t *testing.T) {
	t.Parallel()
	b := desk(t)
	for _, platform := range []string{"wx", "uni", "Taro", "my"} {
		ask := func(path, rest string) (o outcome) {
			t.Helper()
			await(t, b, `ask("`+platform+`", "`+path+`", `+rest+`)`, &o)
			return o
		}
		for name, c := range map[string]struct {
			path, rest string
			want       outcome
		}{
			"an error in the query": {"/graphql", `"{ nothing }"`, outcome{Code: "BAD_USER_INPUT"}},
			"an invalid token":      {"/graphql", `"{ site { name } }", {}, { token: () => "nonsense" }`, outcome{Code: "UNAUTHENTICATED"}},
			"no server":             {"http://127.0.0.1:1/", `"{ site { name } }"`, outcome{Code: "NETWORK"}},
			"a slow server":         {"/slow", `"{ site { name } }", {}, { timeout: 50 }`, outcome{Code: "TIMEOUT"}},
			"another server's page": {"/page", `"{ site { name } }"`, outcome{Code: "BAD_ANSWER"}},
			"a proxy's page":        {"/proxy", `"{ site { name } }"`, outcome{Code: "BAD_ANSWER", Status: 502}},
		} {
			got := ask(c.path, c.rest)
			if got.Code != c.want.Code || c.want.Status > 0 && got.Status != c.want.Status {
				t.Errorf("%s: %s: got %+v, want %+v", platform, name, got, c.want)
			}
		}
		if got := ask("/graphql", `"query($id: ID!) { site { name } node(id: $id) { id } }", { id: "art_0" }`); got.Data["site"] == nil || got.Code != "" {
			t.Errorf("%s: no answer: %+v", platform, got)
		}
		if got := ask("/graphql", `"{ viewer { role } }", {}, { token: () => window.readersToken }`); got.Data["viewer"].(map[string]any)["role"] != "READER" {
			t.Errorf("%s: the token did not arrive: %+v", platform, got)
		}
		if got := ask("/graphql", `"{ viewer { role } }", {}, { headers: { authorization: "Bearer " + window.readersToken } }`); got.Data["viewer"].(map[string]any)["role"] != "READER" {
			t.Errorf("%s: the header did not arrive: %+v", platform, got)
		}
		var limited outcome
		await(t, b, `insist("`+platform+`", "/limited", "{ site { name } }")`, &limited)
		if limited.Code != "LIMITED" || limited.RetryAfter < 1 || limited.Status != http.StatusTooManyRequests {
			t.Errorf("%s: got %+v, want LIMITED with a time to wait", platform, limited)
		}
	}
	for _, problem := range b.Problems() {
		if strings.HasPrefix(problem, "exception") {
			t.Error(problem)
		}
	}
}

// TestClientConcurrency checks that the client limits its concurrent requests, and that calls
// can be aborted while they run and while they wait.
func TestClientConcurrency(t *testing.T) {
	t.Parallel()
	b := desk(t)
	for _, platform := range []string{"wx", "uni", "Taro", "my"} {
		var many struct{ Answered, Peak int }
		await(t, b, `many("`+platform+`", "/graphql", "{ site { name } }", 60)`, &many)
		if many.Answered != 60 || many.Peak != 8 {
			t.Errorf("%s: %d of 60 answered, %d at once, want 8", platform, many.Answered, many.Peak)
		}
		var cancelled struct {
			Codes []string
			Sent  int
		}
		await(t, b, `cancelled("`+platform+`", "/slow")`, &cancelled)
		if cancelled.Sent != 1 || strings.Join(cancelled.Codes, " ") != "ABORTED ABORTED" {
			t.Errorf("%s: %+v", platform, cancelled)
		}
	}
}

// desk opens the page that has client.js and the platforms. Its server proxies to the
// program, to one with a tight rate limit, and imitates servers that misbehave.
func desk(t *testing.T) *browsertest.Browser {
	t.Helper()
	p := apptest.Start(t, storetest.SQLite(t))
	busy := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.RateLimit = 1 })
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir("testdata")))
	mux.Handle("/testdata/", http.FileServer(http.Dir(".")))
	mux.Handle("/client.js", http.FileServer(http.Dir(".")))
	mux.Handle("POST /graphql", proxy(t, p.URL))
	mux.Handle("POST /limited", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/graphql"
		proxy(t, busy.URL).ServeHTTP(w, r)
	}))
	mux.HandleFunc("POST /slow", func(_ http.ResponseWriter, r *http.Request) {
		http.MaxBytesReader(nil, r.Body, 1<<20).Read(make([]byte, 1<<20)) // only a read body lets the server see the other side go
		<-r.Context().Done()
	})
	mux.HandleFunc("POST /page", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<!doctype html><p>请先登录")) })
	mux.HandleFunc("POST /proxy", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<h1>502 Bad Gateway</h1>", http.StatusBadGateway)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	b := browsertest.Start(t)
	b.Open(server.URL + "/client.html")
	b.Evaluate(`window.readersToken = "`+p.Token(viewer.Reader, "")+`"`, nil)
	return b
}

func proxy(t *testing.T, to string) http.Handler {
	t.Helper()
	address, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	return httputil.NewSingleHostReverseProxy(address)
}
