package graphqlhttp_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/tonggao/tonggao/internal/api/graphqlhttp"
	"github.com/tonggao/tonggao/internal/testkit/graphqltest"
)

func TestCacheAdmitsOnSecondSight(t *testing.T) {
	t.Parallel()
	c := graphqlhttp.NewDocumentCache(1 << 20)
	doc := &ast.QueryDocument{}
	for sight, want := range []bool{false, true, true} {
		c.Add(t.Context(), "{a}", doc)
		if got, ok := c.Get(t.Context(), "{a}"); ok != want || ok && got != doc {
			t.Errorf("after sight %d: %v", sight+1, ok)
		}
	}
	long := "{" + strings.Repeat("a", 17<<10) + "}"
	c.Add(t.Context(), long, doc)
	c.Add(t.Context(), long, doc)
	if _, ok := c.Get(t.Context(), long); ok {
		t.Error("it keeps a very long document")
	}
}

func TestCacheEvictsTheLeastUsed(t *testing.T) {
	t.Parallel()
	c := graphqlhttp.NewDocumentCache(3 * 1100) // each takes 3 + 3 * 320 bytes
	for _, query := range []string{"{a}", "{b}", "{c}"} {
		c.Add(t.Context(), query, nil)
		c.Add(t.Context(), query, nil)
	}
	c.Get(t.Context(), "{a}")
	c.Add(t.Context(), "{d}", nil)
	c.Add(t.Context(), "{d}", nil)
	for query, want := range map[string]bool{"{a}": true, "{b}": false, "{c}": true, "{d}": true} {
		if _, ok := c.Get(t.Context(), query); ok != want {
			t.Errorf("%s: kept %v", query, ok)
		}
	}
}

// TestCacheSurvivesAFlood adds a hundred thousand documents once each: they evict nothing that is used.
func TestCacheSurvivesAFlood(t *testing.T) {
	t.Parallel()
	c := graphqlhttp.NewDocumentCache(64 << 10)
	hits := 0
	for i := range 100_000 {
		c.Add(t.Context(), fmt.Sprintf("{a%d}", i), nil)
		if _, ok := c.Get(t.Context(), "{site}"); ok {
			hits++
		} else {
			c.Add(t.Context(), "{site}", nil)
		}
	}
	if hits < 99_900 || len(c.Documents()) > 10 {
		t.Errorf("%d hits, %d documents", hits, len(c.Documents()))
	}
}

// TestCacheCountsItsBytes compares the bytes that the cache counts with those on the heap.
func TestCacheCountsItsBytes(t *testing.T) {
	const size = 8 << 20
	schema := graphqltest.Portal().Schema()
	for name, query := range map[string]string{
		"fields":    "{q%d:site{" + strings.Repeat("name ", 99) + "}}",
		"typical":   "query Q%d($n:Int){articles(first:$n){edges{cursor node{id title category{id name}}}} site{name}}",
		"arguments": "{q%d:echo(json:[" + strings.Repeat("1 ", 400) + "])}",
		"directive": "{q%d:site{name" + strings.Repeat(" @include(if:true)", 40) + "}}",
		"fragments": "{q%d:site{" + strings.Repeat("...{name}", 90) + "}}",
	} {
		c := graphqlhttp.NewDocumentCache(size)
		before := heap()
		for i := range 3_000 {
			query := fmt.Sprintf(query, i)
			for range 2 {
				doc, err := parser.ParseQuery(&ast.Source{Input: query})
				if err != nil {
					t.Fatal(err)
				}
				validator.Walk(schema, doc, &validator.Events{})
				c.Add(t.Context(), query, doc)
			}
		}
		took, n := heap()-before, len(c.Documents())
		t.Logf("%s: %d documents take %d KiB of %d", name, n, took>>10, size>>10)
		if took > size*5/4 {
			t.Errorf("%s: %d documents take %d bytes of %d", name, n, took, size)
		}
		runtime.KeepAlive(c)
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
