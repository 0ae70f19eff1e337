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
)

func TestCacheAddsOnSecondAppearance(t *testing.T) {
	t.Parallel()
	c := graphqlhttp.NewDocumentCache(1 << 20)
	doc := &ast.QueryDocument{}
	for i, want := range []bool{false, true, true} {
		c.Add(t.Context(), "{a}", doc)
		if got, ok := c.Get(t.Context(), "{a}"); ok != want || ok && got != doc {
			t.Errorf("after appearance %d: %v", i+1, ok)
		}
	}
	long := "{" + strings.Repeat("a", 17<<10) + "}"
	c.Add(t.Context(), long, doc)
	c.Add(t.Context(), long, doc)
	if _, ok := c.Get(t.Context(), long); ok {
		t.Error("a very long document is cached")
	}
}

// TestCacheIsBoundedByBytes adds more documents than fit, each of which counts with
// 6 + 3 * 320 bytes: those that are used stay.
func TestCacheIsBoundedByBytes(t *testing.T) {
	t.Parallel()
	const limit = 20_000
	c := graphqlhttp.NewDocumentCache(limit)
	for i := range 200 {
		for range 2 {
			c.Add(t.Context(), fmt.Sprintf("{a%03d}", i), nil)
		}
		if _, ok := c.Get(t.Context(), "{a000}"); !ok {
			t.Fatalf("the document that is used was evicted after %d", i)
		}
		if c.Bytes() > limit {
			t.Fatalf("%d bytes after %d documents", c.Bytes(), i+1)
		}
	}
	if n := c.Len(); n < 10 || n > limit/966 {
		t.Errorf("%d documents are cached", n)
	}
}

// TestCacheSurvivesAFlood: a hundred thousand documents that come once evict nothing that is used.
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
	if hits < 99_900 || c.Len() > 10 {
		t.Errorf("%d hits, %d documents", hits, c.Len())
	}
}

// TestCacheCountsItsBytes compares the counted bytes with those on the heap.
func TestCacheCountsItsBytes(t *testing.T) {
	const limit = 8 << 20
	schema := newPortal().Schema()
	for name, query := range map[string]string{
		"fields":    "{q%d:site{" + strings.Repeat("name ", 99) + "}}",
		"typical":   "query Q%d($n:Int){articles(first:$n){edges{cursor node{id title category{id name}}}} site{name}}",
		"arguments": "{q%d:echo(json:[" + strings.Repeat("1 ", 400) + "])}",
		"directive": "{q%d:site{name" + strings.Repeat(" @include(if:true)", 40) + "}}",
		"fragments": "{q%d:site{" + strings.Repeat("...{name}", 90) + "}}",
	} {
		c := graphqlhttp.NewDocumentCache(limit)
		before := heap()
		for i := range 800 {
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
		took, n := heap()-before, c.Len()
		t.Logf("%s: %d documents take %d KiB of %d", name, n, took>>10, limit>>10)
		if took > limit*5/4 {
			t.Errorf("%s: %d documents take %d bytes of %d", name, n, took, limit)
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
