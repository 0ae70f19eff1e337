package captcha_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// puzzles is a captcha service that accepts each of its solutions once.
type puzzles struct {
	mu     sync.Mutex
	solved map[string]bool
	broken bool
}

func (p *puzzles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	solution := r.PostFormValue("response")
	right := p.solved[solution] && r.PostFormValue("secret") == "s3cret"
	delete(p.solved, solution)
	if p.broken {
		_, _ = io.WriteString(w, "<html>we will be back</html>")
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"success": right})
}

func (p *puzzles) solve(solution string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.solved[solution] = true
	return solution
}

// TestMutationsNeedCaptcha checks addComment and fileReport over HTTP: a client without a
// token needs a solution for each write, and a failing service blocks neither.
func TestMutationsNeedCaptcha(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		service := &puzzles{solved: map[string]bool{}}
		server := httptest.NewServer(service)
		t.Cleanup(server.Close)
		p := apptest.Start(t, s, func(c *config.Config) {
			c.CaptchaURL, c.CaptchaSecret, c.WebhookNetworks = server.URL+"/siteverify", "s3cret", []string{"127.0.0.0/8"}
		})
		a := p.Article(article.CreateInput{Title: "软食不等于糊糊", Category: p.Category("行业新闻", "news", nil).ID,
			Publisher: &p.Publisher("云渡颐园", true).ID}, p.Store.Clock())
		mutate := func(role viewer.Role, field, input string) string {
			t.Helper()
			body, _ := json.Marshal(map[string]any{"query": "mutation { " + field + "(input: {" + input + "}) { userErrors { code field } } }"})
			r, err := http.NewRequest(http.MethodPost, p.URL+"/graphql", strings.NewReader(string(body)))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			if token := p.Token(role, ""); token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		comment := func(role viewer.Role, text, more string) string {
			t.Helper()
			return mutate(role, "addComment", fmt.Sprintf(`article: %q, text: %q %s`, a.ID, text, more))
		}
		expect := func(what, got, code string) {
			t.Helper()
			want := `"userErrors":[]`
			if code != "" {
				want = fmt.Sprintf(`"userErrors":[{"code":%q,"field":["captcha"]}]`, code)
			}
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s, want %s", what, got, want)
			}
		}
		expect("without a solution", comment(viewer.Anonymous, "第一句", ""), "REQUIRED")
		expect("with a wrong one", comment(viewer.Anonymous, "第一句", `captcha: "guessed"`), "NOT_ALLOWED")
		expect("with a good one", comment(viewer.Anonymous, "第一句", `captcha: "`+service.solve("one")+`"`), "")
		expect("with the same again", comment(viewer.Anonymous, "第二句", `captcha: "one"`), "NOT_ALLOWED")
		again := `idempotencyKey: "3f0f4a53-once-more", captcha: "` + service.solve("two") + `"`
		expect("with a key", comment(viewer.Anonymous, "第三句", again), "")
		expect("the same write again", comment(viewer.Anonymous, "第三句", again), "")
		expect("a reader's token", comment(viewer.Reader, "第四句", ""), "")

		file := func(more string) string {
			t.Helper()
			return mutate(viewer.Anonymous, "fileReport", fmt.Sprintf(`target: %q, kind: ILLEGAL_INFORMATION, statement: "文中所说与事实不符。" %s`, a.ID, more))
		}
		expect("a report without", file(""), "REQUIRED")
		expect("a report with a wrong one", file(`captcha: "one"`), "NOT_ALLOWED")
		expect("a report", file(`captcha: "`+service.solve("three")+`"`), "")

		service.mu.Lock()
		service.broken = true
		service.mu.Unlock()
		expect("a comment while the service is broken", comment(viewer.Anonymous, "第五句", `captcha: "any"`), "")
		expect("a report while the service is broken", file(`captcha: "any"`), "")
		comments, err := p.Store.Client(apptest.System()).Comment.Query().All(apptest.System())
		if err != nil || len(comments) != 4 {
			t.Fatalf("%d comments, %v", len(comments), err)
		}
		for _, c := range comments {
			if c.Status != "PENDING" || (c.Found == "captcha: did not answer") != (c.Text == "第五句") {
				t.Errorf("%s is %s, found %q", c.Text, c.Status, c.Found)
			}
		}
		if n, err := p.Store.Client(apptest.System()).Report.Query().Where(report.Target(a.ID)).Count(apptest.System()); n != 2 || err != nil {
			t.Errorf("%d reports, %v", n, err)
		}
		if strings.Contains(p.Log.String(), "s3cret") {
			t.Error("the log contains the secret")
		}
	})
}
