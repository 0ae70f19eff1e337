package app_test

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/portal"
)

// welcome returns what the program prints when it is ready.
func welcome(t *testing.T, p *running) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Welcome(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// authorized reports whether the API accepts a token.
func authorized(t *testing.T, p *running, token string) bool {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://"+p.Addr()+"/graphql?query=%7Bsite%7Bname%7D%7D", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// TestDemo starts the demo twice over one database. The second start adds no content; its
// message has new tokens, and those of the first are revoked.
func TestDemo(t *testing.T) {
	t.Parallel()
	c := settings(t)
	c.Demo = true
	var before []string
	articles := 0
	for start := range 2 {
		p := run(t, c, &apptest.Log{})
		n, err := p.Store.Client(portal.System()).Article.Query().Count(portal.System())
		if err != nil || n == 0 || start > 0 && n != articles {
			t.Errorf("start %d: %d articles, %d before, %v", start, n, articles, err)
		}
		articles = n
		text := welcome(t, p)
		tokens := regexp.MustCompile(`tg_[a-z0-9]+`).FindAllString(text, -1)
		if len(tokens) != 3 || !strings.Contains(text, "explorer     http://"+p.Addr()) || !strings.Contains(text, "Ctrl-C stops") {
			t.Fatalf("it says: %s", text)
		}
		for _, token := range tokens {
			if !authorized(t, p, token) {
				t.Errorf("start %d: its own token is refused", start)
			}
		}
		for _, token := range before {
			if authorized(t, p, token) {
				t.Errorf("start %d: the token of an earlier start is accepted", start)
			}
		}
		before = tokens
		if answer, err := http.Get("http://" + p.Addr() + "/"); err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("the explorer: %v, %v", answer, err)
		}
		if err := p.stop(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWelcome checks the message without the demo: it has no tokens, and the addresses of
// what is switched on.
func TestWelcome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*config.Config)
		want   []string
	}{
		"by default": {func(*config.Config) {}, []string{"is ready on", "database ", "no site for readers is known"}},
		"with metrics and the explorer": {func(c *config.Config) { c.AdminAddr, c.Explorer = "127.0.0.1:0", true },
			[]string{"is ready on", "database ", "no site for readers is known", "metrics ", "explorer "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := settings(t)
			c.change(&s)
			text := welcome(t, run(t, s, &apptest.Log{}))
			if strings.Contains(text, "tg_") || strings.Count(text, "\n") != len(c.want) {
				t.Errorf("it says: %s", text)
			}
			for _, part := range c.want {
				if !strings.Contains(text, part) {
					t.Errorf("it lacks %q: %s", part, text)
				}
			}
		})
	}
}
