package render_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/internal/body/render"
)

func TestCacheMakesAFormOnce(t *testing.T) {
	t.Parallel()
	c, made := render.NewCache(10_000), 0
	for range 3 {
		got := c.Get(render.Key{Body: "h", Form: "WEB"}, func() string { made++; return "<p>页</p>" })
		if got != "<p>页</p>" {
			t.Fatalf("got %q", got)
		}
	}
	if made != 1 {
		t.Fatalf("made %d times", made)
	}
}

func TestCacheStaysWithinItsBytes(t *testing.T) {
	t.Parallel()
	const limit = 20_000
	c, form := render.NewCache(limit), strings.Repeat("x", 1000)
	key := func(i int) render.Key { return render.Key{Body: fmt.Sprint(i), Form: "WAP"} }
	for i := range 100 {
		c.Get(key(i), func() string { return form })
		c.Get(key(0), func() string { return form }) // asked for again and again
		if c.Bytes() > limit {
			t.Fatalf("%d bytes after %d forms", c.Bytes(), i+1)
		}
	}
	c.Get(key(0), func() string { t.Error("what is asked for often was dropped"); return form })
	dropped := false
	c.Get(key(1), func() string { dropped = true; return form })
	if !dropped {
		t.Error("what is not asked for was kept")
	}
	before := c.Bytes()
	c.Get(key(1000), func() string { return strings.Repeat("x", limit+1) })
	if c.Bytes() != before {
		t.Error("a form larger than the cache was kept")
	}
}

func TestCacheServesManyAtOnce(t *testing.T) {
	t.Parallel()
	c := render.NewCache(5_000)
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
}

func BenchmarkSecondRendering(b *testing.B) {
	c, key := render.NewCache(1<<20), render.Key{Body: "h", Form: "WEB"}
	form := func() string { return "<p></p>" }
	b.ReportAllocs()
	for b.Loop() {
		c.Get(key, form)
	}
}
