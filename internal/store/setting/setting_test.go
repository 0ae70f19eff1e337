package setting_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/setting"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestPut walks one value through its life, with no viewer in the context: settings have
// none.
func TestPut(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := context.Background()
		c := s.Client(ctx)
		want := func(value string, exists bool) {
			t.Helper()
			if got, ok, err := setting.Get(ctx, c, "test_motto"); got != value || ok != exists || err != nil {
				t.Errorf("read %q, %t, %v; want %q, %t", got, ok, err, value, exists)
			}
		}
		want("", false)
		for _, value := range []string{"慢一点", "", "再慢一点"} {
			if err := setting.Put(ctx, c, "test_motto", value); err != nil {
				t.Fatal(err)
			}
			want(value, true)
		}
		for range 2 { // deleting twice is no error
			if err := setting.Delete(ctx, c, "test_motto"); err != nil {
				t.Fatal(err)
			}
			want("", false)
		}
	})
}

// TestPutJoinsTransaction rolls a transaction back: the value it wrote is gone.
func TestPutJoinsTransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := viewer.AsSystem(context.Background())
		rolledBack := fmt.Errorf("rolled back")
		err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
			if err := setting.Put(ctx, c, "test_motto", "慢一点"); err != nil {
				return err
			}
			if value, ok, err := setting.Get(ctx, c, "test_motto"); value != "慢一点" || !ok || err != nil {
				t.Errorf("within the transaction: %q, %t, %v", value, ok, err)
			}
			return rolledBack
		})
		if _, ok, _ := setting.Get(ctx, s.Client(ctx), "test_motto"); err == nil || ok {
			t.Errorf("after the rollback there is a value: %t, %v", ok, err)
		}
	})
}

// TestEnsure calls Ensure from many goroutines with values of their own: all receive the
// same one.
func TestEnsure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := context.Background()
		got := make([]string, 8)
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() {
				value, err := setting.Ensure(ctx, s.Client(ctx), "test_key", fmt.Sprint("key ", i))
				if err != nil {
					t.Errorf("ensure: %v", err)
				}
				got[i] = value
			})
		}
		all.Wait()
		for _, value := range got {
			if value != got[0] || !strings.HasPrefix(value, "key ") {
				t.Errorf("not all received the same value: %q", got)
			}
		}
	})
}

func TestWithPrefix(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := context.Background()
		c := s.Client(ctx)
		for _, name := range []string{"words_b", "words_a", "words%", "wordsmith", "wor"} {
			if err := setting.Put(ctx, c, name, "v"); err != nil {
				t.Fatal(err)
			}
		}
		for prefix, want := range map[string]string{"words_": "words_a words_b", "words%": "words%", "none": ""} {
			rows, err := setting.WithPrefix(ctx, c, prefix)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, row := range rows {
				names = append(names, row.ID)
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("with the prefix %q: %q, want %q", prefix, got, want)
			}
		}
	})
}

func TestJSON(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	ctx := context.Background()
	c := s.Client(ctx)
	type ferry struct {
		Name  string
		Boats int
	}
	got := ferry{"默认", 1}
	if ok, err := setting.GetJSON(ctx, c, "test_ferry", &got); ok || err != nil || got.Name != "默认" {
		t.Errorf("where there is none: %v, %t, %v", got, ok, err)
	}
	if err := setting.PutJSON(ctx, c, "test_ferry", ferry{"青螺渡", 3}); err != nil {
		t.Fatal(err)
	}
	if ok, err := setting.GetJSON(ctx, c, "test_ferry", &got); !ok || err != nil || got != (ferry{"青螺渡", 3}) {
		t.Errorf("read %v, %t, %v", got, ok, err)
	}
	if err := setting.Put(ctx, c, "test_ferry", "{"); err != nil {
		t.Fatal(err)
	}
	if _, err := setting.GetJSON(ctx, c, "test_ferry", &got); err == nil || !strings.Contains(err.Error(), "decode the setting test_ferry") {
		t.Errorf("a value that is no JSON: %v", err)
	}
	if err := setting.PutJSON(ctx, c, "test_ferry", make(chan int)); err == nil || !strings.Contains(err.Error(), "encode the setting test_ferry") {
		t.Errorf("a value that JSON cannot hold: %v", err)
	}
}

// TestErrorsNameTheSetting reads and writes through a context that has ended.
func TestErrorsNameTheSetting(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		c := s.Client(ctx)
		_, _, getErr := setting.Get(ctx, c, "test_motto")
		_, ensureErr := setting.Ensure(ctx, c, "test_motto", "v")
		_, listErr := setting.WithPrefix(ctx, c, "test_")
		for what, err := range map[string]error{
			"read the setting test_motto": getErr, "write the setting test_motto": ensureErr, "read the settings test_*": listErr,
			"delete the setting test_motto": setting.Delete(ctx, c, "test_motto"),
		} {
			if err == nil || !strings.Contains(err.Error(), what) {
				t.Errorf("the error is %v, want one with %q", err, what)
			}
		}
	})
}
