package app_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/app/apptest"
	"github.com/tonggao/tonggao/internal/article"
	"github.com/tonggao/tonggao/internal/config"
	"github.com/tonggao/tonggao/internal/storetest"
)

const forgeries = 1000

// TestForgedAddresses: whatever a client writes into the headers that name
// addresses, it stays one source. Behind a proxy that is trusted, the address is
// the one that the proxy wrote; of IPv6, the network.
func TestForgedAddresses(t *testing.T) {
	t.Parallel()
	forged := func(i int) string { return fmt.Sprintf("198.51.%d.%d", i/250, i%250+1) }
	behind := []string{"127.0.0.0/8"}
	for name, c := range map[string]struct {
		proxies []string
		headers func(i int) []string
		one     bool // all are one source
	}{
		"no proxy is trusted": {nil, func(i int) []string { return []string{"X-Forwarded-For", forged(i)} }, true},
		"headers that nobody reads": {behind, func(i int) []string {
			return []string{"Forwarded", "for=" + forged(i), "X-Real-Ip", forged(i), "True-Client-Ip", forged(i)}
		}, true},
		"written before the proxy's":   {behind, func(i int) []string { return []string{"X-Forwarded-For", forged(i) + ", 203.0.113.9"} }, true},
		"in another line":              {behind, func(i int) []string { return []string{"X-Forwarded-For", forged(i), "X-Forwarded-For", "203.0.113.9"} }, true},
		"behind something unreadable":  {behind, func(i int) []string { return []string{"X-Forwarded-For", forged(i) + ", unknown"} }, true},
		"the addresses of one network": {behind, func(i int) []string { return []string{"X-Forwarded-For", fmt.Sprintf("2001:db8:1:2::%x", i+1)} }, true},
		"IPv4 written as IPv6":         {behind, func(i int) []string { return []string{"X-Forwarded-For", "::ffff:203.0.113.9"} }, true},
		"many clients of the proxy":    {behind, func(i int) []string { return []string{"X-Forwarded-For", forged(i)} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := apptest.Start(t, storetest.SQLite(t), func(c2 *config.Config) { c2.RateLimit, c2.TrustedProxies = 1, c.proxies })
			through := 0
			for i := range forgeries {
				r, err := http.NewRequest(http.MethodGet, p.URL+"/graphql?query=%7B__typename%7D", nil)
				if err != nil {
					t.Fatal(err)
				}
				for pair := c.headers(i); len(pair) > 0; pair = pair[2:] {
					r.Header.Add(pair[0], pair[1])
				}
				response, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				_ = response.Body.Close()
				switch {
				case response.StatusCode == http.StatusOK:
					through++
				case response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") == "":
					t.Fatalf("it answers %s, Retry-After %q", response.Status, response.Header.Get("Retry-After"))
				}
			}
			if c.one && through > forgeries/4 || !c.one && through != forgeries { // one a second, and three at once
				t.Errorf("%d of %d went through", through, forgeries)
			}
		})
	}
}

// TestForgedWriters: nor do forged addresses write more than one source may.
func TestForgedWriters(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, func(c *config.Config) { c.WriteLimit = 5 })
		a := p.Article(article.CreateInput{Title: "软食不等于糊糊", Category: p.Category("行业新闻", "news", nil).ID,
			Publisher: &p.Publisher("云渡颐园", true).ID}, p.Store.Clock())
		written := 0
		for i := range forgeries {
			body := fmt.Sprintf(`{"query":"mutation { addComment(input: {article: %s, text: \"第%d句\"}) { comment { id } userErrors { message } } }"}`, strings.ReplaceAll(fmt.Sprintf("%q", a.ID), `"`, `\"`), i)
			r, err := http.NewRequest(http.MethodPost, p.URL+"/graphql", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.%d.%d", i/250, i%250+1))
			status, text := write(t, r)
			switch {
			case strings.Contains(text, `"id"`):
				written++
			case !strings.Contains(text, `"code":"LIMITED"`) || !strings.Contains(text, `"retryAfter":`):
				t.Fatalf("it answers %d %s", status, text)
			}
		}
		if written != 10 { // the clock stands still: what may be written at once
			t.Errorf("%d of %d were written", written, forgeries)
		}
	})
}

func write(t *testing.T, r *http.Request) (status int, text string) {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}
