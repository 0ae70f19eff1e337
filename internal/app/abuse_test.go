package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// forgeries is how many requests a client sends, each from another forged address.
const forgeries = 60

// TestRateLimitIgnoresForgedAddresses checks that a client stays one source, regardless of
// the headers that name addresses. Behind a trusted proxy the address is the one that the
// proxy wrote; IPv6 addresses count by network.
func TestRateLimitIgnoresForgedAddresses(t *testing.T) {
	t.Parallel()
	forged := func(i int) string { return fmt.Sprintf("198.51.%d.%d", i/250, i%250+1) }
	behind := []string{"127.0.0.0/8"}
	for name, c := range map[string]struct {
		proxies []string
		headers func(i int) []string
		one     bool // all requests are of one source
	}{
		"no proxy is trusted": {nil, func(i int) []string { return []string{"X-Forwarded-For", forged(i)} }, true},
		"headers that are not read": {behind, func(i int) []string {
			return []string{"Forwarded", "for=" + forged(i), "X-Real-Ip", forged(i), "True-Client-Ip", forged(i)}
		}, true},
		"before the proxy's address":   {behind, func(i int) []string { return []string{"X-Forwarded-For", forged(i) + ", 203.0.113.9"} }, true},
		"in another line":              {behind, func(i int) []string { return []string{"X-Forwarded-For", forged(i), "X-Forwarded-For", "203.0.113.9"} }, true},
		"behind an invalid address":    {behind, func(i int) []string { return []string{"X-Forwarded-For", forged(i) + ", unknown"} }, true},
		"the addresses of one network": {behind, func(i int) []string { return []string{"X-Forwarded-For", fmt.Sprintf("2001:db8:1:2::%x", i+1)} }, true},
		"IPv4 written as IPv6":         {behind, func(i int) []string { return []string{"X-Forwarded-For", "::ffff:203.0.113.9"} }, true},
		"many clients of the proxy":    {behind, func(i int) []string { return []string{"X-Forwarded-For", forged(i)} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := apptest.Start(t, storetest.SQLite(t), func(c2 *config.Config) { c2.RateLimit, c2.TrustedProxies = 1, c.proxies })
			admitted, start := 0, time.Now()
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
					admitted++
				case response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") == "":
					t.Fatalf("it answers %s, Retry-After %q", response.Status, response.Header.Get("Retry-After"))
				}
			}
			most := 4 + time.Since(start).Seconds() // one a second, and a burst of three
			if c.one && float64(admitted) > most || !c.one && admitted != forgeries {
				t.Errorf("%d of %d were admitted", admitted, forgeries)
			}
		})
	}
}

// TestRateLimitIsSharedByPaths checks that a client which has used up its rate limit on one
// path is refused on all others.
func TestRateLimitIsSharedByPaths(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.RateLimit, c.BaseURL = 1, apptest.BaseURL })
	admitted, start := 0, time.Now()
	for _, path := range []string{"POST /upload", "GET /feeds/rss.xml", "GET /sitemap.xml", "GET /robots.txt", "GET /graphql?query=%7B__typename%7D"} {
		refused := false
		for range forgeries {
			method, target, _ := strings.Cut(path, " ")
			r, err := http.NewRequest(method, p.URL+target, nil)
			if err != nil {
				t.Fatal(err)
			}
			status, wait, text := write(t, r)
			if refused = status == http.StatusTooManyRequests; refused {
				// a second until the next one, and a tenth of a second as the penalty of each refusal
				if wait != "1" && wait != "2" || !strings.Contains(text, `"code":"LIMITED"`) || !strings.Contains(text, `"retryAfter":`+wait) {
					t.Errorf("%s: Retry-After %q, %s", path, wait, text)
				}
				break
			}
			admitted++
		}
		if !refused {
			t.Errorf("%s is never refused", path)
		}
	}
	if most := 4 + time.Since(start).Seconds(); float64(admitted) > most { // one a second, and a burst of three
		t.Errorf("%d were admitted; at most %.0f should be", admitted, most)
	}
}

// TestWriteLimitIgnoresForgedAddresses checks the same of the limit of writes.
func TestWriteLimitIgnoresForgedAddresses(t *testing.T) {
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
			status, wait, text := write(t, r)
			switch {
			case strings.Contains(text, `"id"`) && status == http.StatusOK && wait == "":
				written++
			case status != http.StatusTooManyRequests || !strings.Contains(text, `"code":"LIMITED"`) || wait == "" || !strings.Contains(text, `"retryAfter":`+wait):
				t.Fatalf("it answers %d %s", status, text)
			}
		}
		if written != 10 { // the clock does not move: the burst of twice the limit
			t.Errorf("%d of %d were written", written, forgeries)
		}
	})
}

// TestWriteLimitStatus checks that the status is 429 only where no field of a mutation was
// executed: a client may send such a request again.
func TestWriteLimitStatus(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.WriteLimit = 1 }) // two at once
	a := p.Article(article.CreateInput{Title: "软食不等于糊糊", Category: p.Category("行业新闻", "news", nil).ID,
		Publisher: &p.Publisher("云渡颐园", true).ID}, p.Store.Clock())
	comment := fmt.Sprintf("addComment(input: {article: %q, text: \"每一句\"}) { userErrors { message } }", a.ID)
	report := fmt.Sprintf("fileReport(input: {target: %q, kind: OTHER, statement: \"文中所说与事实不符。\"}) { userErrors { message } }", a.ID)
	for _, c := range []struct {
		fields, media string
		status        int
		wait          string
	}{
		{report, "application/json", http.StatusOK, ""},
		{comment + report, "application/json", http.StatusOK, ""}, // one of the two
		{comment, "application/json", http.StatusTooManyRequests, "60"},
		{comment, "application/graphql-response+json", http.StatusTooManyRequests, "60"},
		{comment + report, "application/json", http.StatusTooManyRequests, "60"},
		{comment + " __typename", "application/json", http.StatusOK, ""},
	} {
		body, _ := json.Marshal(map[string]string{"query": "mutation { " + c.fields + " }"})
		r, err := http.NewRequest(http.MethodPost, p.URL+"/graphql", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", c.media)
		if status, wait, text := write(t, r); status != c.status || wait != c.wait {
			t.Errorf("%s, %s: %d, Retry-After %q, %s", c.fields, c.media, status, wait, text)
		}
	}
	c, ctx := p.Store.Client(apptest.System()), apptest.System()
	comments, err := c.Comment.Query().Count(ctx)
	reports, err2 := c.Report.Query().Count(ctx)
	if comments != 1 || reports != 1 || err != nil || err2 != nil {
		t.Errorf("%d comments and %d reports were written, %v, %v", comments, reports, err, err2)
	}
}

// write sends r and returns status, Retry-After and body of the response.
func write(t *testing.T, r *http.Request) (status int, wait, text string) {
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
	return response.StatusCode, response.Header.Get("Retry-After"), string(body)
}
