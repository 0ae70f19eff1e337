package render_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/internal/body/render"
)

func TestCacheRendersOnce(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{10_000: 1, 0: 3, -1: 3, 100: 3} { // 100 bytes hold no entry
		c, rendered := render.NewCache(limit), 0
		for range 3 {
			if got := c.Get(render.Key{Body: "h", Form: "WEB"}, func() string { rendered++; return "<p>页</p>" }); got != "<p>页</p>" {
				t.Fatalf("limit %d: got %q", limit, got)
			}
		}
		if rendered != want {
			t.Errorf("limit %d: rendered %d times, want %d", limit, rendered, want)
		}
		if want > 1 && c.Bytes() != 0 {
			t.Errorf("limit %d: %d bytes", limit, c.Bytes())
		}
	}
}

func TestCacheKeysAreBodyAndForm(t *testing.T) {
	t.Parallel()
	c := render.NewCache(1 << 20)
	for range 2 {
		for _, key := range []render.Key{{Body: "a", Form: "WEB"}, {Body: "a", Form: "WAP"}, {Body: "b", Form: "WEB"}, {Body: "aW", Form: "EB"}} {
			if got, want := c.Get(key, func() string { return key.Body + " on " + key.Form }), key.Body+" on "+key.Form; got != want {
				t.Errorf("%v: got %q", key, got)
			}
		}
	}
}

// TestCacheIsBoundedByBytes fills the cache several times over: it stays within its
// limit after each entry, keeps the form that is read often, and evicts others.
func TestCacheIsBoundedByBytes(t *testing.T) {
	t.Parallel()
	const limit, forms = 20_000, 100
	c, form := render.NewCache(limit), strings.Repeat("x", 1000)
	key := func(i int) render.Key { return render.Key{Body: fmt.Sprint(i), Form: "WAP"} }
	for i := range forms {
		c.Get(key(i), func() string { return form })
		c.Get(key(0), func() string {
			if i > 0 {
				t.Errorf("the form that is read often was evicted after %d forms", i)
			}
			return form
		})
		if c.Bytes() > limit {
			t.Fatalf("%d bytes after %d forms", c.Bytes(), i+1)
		}
	}
	if c.Bytes() < limit/2 {
		t.Errorf("only %d of %d bytes are used", c.Bytes(), limit)
	}
	before := c.Bytes()
	c.Get(key(forms), func() string { return strings.Repeat("x", limit+1) })
	if c.Bytes() != before {
		t.Error("a form larger than the cache changed what is cached")
	}
	evicted := 0
	for i := range forms {
		c.Get(key(i), func() string { evicted++; return form })
	}
	if evicted < forms-limit/1000 {
		t.Errorf("only %d forms were evicted", evicted)
	}
}

func TestCacheConcurrentReaders(t *testing.T) {
	t.Parallel()
	const limit = 5_000
	c := render.NewCache(limit)
	var wait sync.WaitGroup
	for w := range 8 {
		wait.Go(func() {
			for i := range 500 {
				want := fmt.Sprint((i*7 + w) % 40)
				if got := c.Get(render.Key{Body: want}, func() string { return want }); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	wait.Wait()
	if c.Bytes() > limit {
		t.Errorf("%d bytes, limit %d", c.Bytes(), limit)
	}
}

func BenchmarkCacheHit(b *testing.B) {
	c, key := render.NewCache(1<<20), render.Key{Body: "h", Form: "WEB"}
	form := func() string { return "<p></p>" }
	b.ReportAllocs()
	for b.Loop() {
		c.Get(key, form)
	}
}
