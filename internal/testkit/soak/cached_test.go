package soak_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// asked is a query and the headers with which it is sent.
type asked struct {
	query   string
	headers [][2]string
}

// uncached are headers with which a request is never answered from the cache.
var uncached = [2]string{"Cookie", "a=b"}

// answer sends the query and returns the text of the answer, and whether it is from the cache.
func (a asked) answer(t *testing.T, p *apptest.Program, headers ...[2]string) (text string, hit bool) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": a.query})
	check.NoError(t, err)
	r, err := http.NewRequest(http.MethodPost, p.URL+"/graphql", bytes.NewReader(body))
	check.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	for _, h := range append(headers, a.headers...) {
		r.Header.Set(h[0], h[1])
	}
	response, err := http.DefaultClient.Do(r)
	check.NoError(t, err)
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	check.NoError(t, err)
	return string(all), strings.HasSuffix(response.Header.Get("Cache-Status"), "; hit")
}

// TestCachedAnswers makes every mutation of the schema in a world, and asks queries that are
// generated from the schema before and after it: an answer that the cache keeps is the one that
// executing the query gives, on every terminal, and is given to no other role. The suite takes
// some mutations and queries at random.
func TestCachedAnswers(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	all := documented(t)
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	count, sample := min(len(all), 6*effort.N(1)), 25*effort.N(1)
	t.Logf("%d mutations, %d queries, by the seed %d", count, sample, seed)
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithCache, func(c *config.Config) { c.CostLimit = 1 << 30 })
		random, hits, staff := rand.New(rand.NewPCG(seed, 1)), 0, staffOf(p)
		for _, m := range all[:count] {
			w := newWorld(t, p, staff)
			queries := w.sample(t, random, sample)
			for range 2 {
				for _, q := range queries {
					q.answer(t, p)
				}
			}
			code := m.make(p, w)
			check.NoError(t, p.Views.Flush(apptest.System()))
			for _, q := range queries {
				got, hit := q.answer(t, p)
				want, _ := q.answer(t, p, uncached)
				if got != want {
					t.Errorf("after %s, which answers %q, the cache (hit: %t) answers %s %v with\n%.700s\nand not with\n%.700s", m.name(), code, hit, q.query, q.headers, got, want)
				}
				if hit {
					hits++
				}
				if _, hit := q.answer(t, p, [2]string{"Authorization", "Bearer " + w.tokens["editor"]}); hit {
					t.Errorf("an editor is answered with what the public sees: %s", q.query)
				}
			}
		}
		if hits == 0 {
			t.Error("nothing was answered from the cache")
		}
	})
}

// sample returns n of the queries about the world, some of them from a terminal.
func (w *world) sample(t *testing.T, random *rand.Rand, n int) (list []asked) {
	t.Helper()
	queries := w.queries(t)
	random.Shuffle(len(queries), func(i, j int) { queries[i], queries[j] = queries[j], queries[i] })
	for _, query := range queries[:min(n, len(queries))] {
		a := asked{query: query}
		if terminal := []string{"", "", "WAP", "APP"}[random.IntN(4)]; terminal != "" {
			a.headers = append(a.headers, [2]string{"X-Tonggao-Terminal", terminal})
		}
		list = append(list, a)
	}
	return list
}

// TestCachedSchedule lets the time come at which articles are published and expire: the answers
// that were kept end then, and also where the clock is set back.
func TestCachedSchedule(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithCache)
		now := p.Clock()
		at := func(d time.Duration) *instant.Instant { return new(now.Add(d)) }
		for _, one := range []struct {
			title         string
			from, expires *instant.Instant
		}{{"早报", at(-time.Hour), at(20 * time.Minute)}, {"午报", at(10 * time.Minute), nil}, {"晚报", at(30 * time.Minute), at(40 * time.Minute)}} {
			a := p.Draft(article.CreateInput{Title: one.title})
			_, err := p.Articles.Publish(apptest.System(), article.PublishInput{Article: a.ID, At: one.from, ExpiresAt: one.expires})
			check.NoError(t, err)
		}
		q := asked{query: `{ articles { totalCount edges { node { title status } } } }`}
		for _, step := range []struct {
			after  time.Duration
			titles string
		}{{0, "早报"}, {9 * time.Minute, "早报"}, {10 * time.Minute, "午报 早报"}, {19 * time.Minute, "午报 早报"}, {20 * time.Minute, "午报"},
			{31 * time.Minute, "晚报 午报"}, {41 * time.Minute, "午报"}, {time.Hour, "午报"}} {
			s.Set(now.Add(step.after))
			var got string
			hit := false
			for i := 0; i < 4 || !hit && i < 100; i++ {
				got, hit = q.answer(t, p)
				want, _ := q.answer(t, p, uncached)
				if got != want || strings.Count(got, `"title"`) != len(strings.Fields(step.titles)) {
					t.Errorf("after %s: %s, not %s (%s)", step.after, got, want, step.titles)
				}
			}
			if !hit {
				t.Errorf("after %s nothing is kept", step.after)
			}
		}
	})
}
