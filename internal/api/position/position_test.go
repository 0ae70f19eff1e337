package position_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// send sends an operation, with the position that it asks for, and returns the position of
// the answer, its status and its text.
func send(t *testing.T, p *apptest.Program, token, query, atLeast string) (position int64, status int, text string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	check.NoError(t, err)
	r, err := http.NewRequest(http.MethodPost, p.URL+"/graphql", bytes.NewReader(body))
	check.NoError(t, err)
	for name, value := range map[string]string{"Content-Type": "application/json", "Authorization": token, "X-Tonggao-At-Least": atLeast} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	answer, err := http.DefaultClient.Do(r)
	check.NoError(t, err)
	defer answer.Body.Close()
	var all bytes.Buffer
	_, err = all.ReadFrom(answer.Body)
	check.NoError(t, err)
	position, _ = strconv.ParseInt(answer.Header.Get("X-Tonggao-Position"), 10, 64)
	return position, answer.StatusCode, all.String()
}

// TestPosition writes and reads: the answer to a write has the position of its own entry,
// that to a read the position of the database, and one that nothing has is refused.
func TestPosition(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithBaseURL, func(c *config.Config) { c.Origins = []string{"https://m.example.com"} })
		p.Article(article.CreateInput{Title: "重阳节敬老活动"}, p.Clock())
		token := "Bearer " + p.Token(viewer.Admin, "")
		written, status, text := send(t, p, token, `mutation { createCategory(input: {name: "健康", slug: "jiankang"}) { category { id } userErrors { message } } }`, "")
		if written == 0 || status != http.StatusOK {
			t.Fatalf("a write is answered at %d with %d %s", written, status, text)
		}
		end, err := p.App.Log.End(apptest.System())
		check.NoError(t, err)
		check.Equal(t, "the position of the write", written, end)
		asked := strconv.FormatInt(written, 10)
		read, status, text := send(t, p, "", `{ categories { name } }`, asked)
		if read < written || status != http.StatusOK || !strings.Contains(text, "健康") {
			t.Errorf("a read at %d is answered at %d with %d %s", written, read, status, text)
		}
		unchanged, _, text := send(t, p, token, `mutation { createCategory(input: {name: "", slug: "x"}) { userErrors { code } } }`, asked)
		if unchanged != written || !strings.Contains(text, "REQUIRED") {
			t.Errorf("a write of nothing is answered at %d with %s", unchanged, text)
		}
		for _, wrong := range []string{asked + "0", "-1", "new", "1, 2", "9223372036854775808"} {
			for _, query := range []string{`{ categories { name } }`, `mutation { createCategory(input: {name: "文娱", slug: "wenyu"}) { userErrors { code } } }`} {
				_, status, text := send(t, p, token, query, wrong)
				if status != http.StatusBadRequest || !strings.Contains(text, "BAD_USER_INPUT") || !strings.Contains(text, "X-Tonggao-At-Least") {
					t.Errorf("at least %s: %d %s", wrong, status, text)
				}
			}
		}
		if none, status, text := send(t, p, "", `{ __typename }`, ""); none != 0 || status != http.StatusOK {
			t.Errorf("without a database: %d, %d %s", none, status, text)
		}
		for _, path := range []string{"/feeds/rss.xml", "/sitemap.xml", "/graphql?query=%7Bcategories%7Bname%7D%7D"} {
			answer, body := p.Fetch(http.MethodGet, path, "X-Tonggao-At-Least", asked, "Origin", "https://m.example.com")
			if at := answer.Header.Get("X-Tonggao-Position"); answer.StatusCode != http.StatusOK || at != asked {
				t.Errorf("%s: %d at %q: %.200s", path, answer.StatusCode, at, body)
			}
			if !strings.Contains(strings.Join(answer.Header.Values("Vary"), ", "), "X-Tonggao-At-Least") {
				t.Errorf("%s: a cache may keep it for other positions", path)
			}
			if strings.HasPrefix(path, "/graphql") && !strings.Contains(answer.Header.Get("Access-Control-Expose-Headers"), "X-Tonggao-Position") {
				t.Errorf("a page cannot read the position: %v", answer.Header)
			}
		}
		if answer, body := p.Fetch(http.MethodGet, "/feeds/rss.xml", "X-Tonggao-At-Least", asked+"0"); answer.StatusCode != http.StatusBadRequest {
			t.Errorf("a feed at a position that nothing has: %d %s", answer.StatusCode, body)
		}
	})
}
