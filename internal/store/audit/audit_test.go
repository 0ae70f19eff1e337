package audit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var (
	system    = viewer.AsSystem(context.Background())
	moderator = viewer.With(context.Background(), viewer.Viewer{Role: viewer.Moderator, TokenID: "tok_1", Name: "值班"})
)

func write(t *testing.T, s *storetest.Store, log *audit.Log, lines ...audit.Entry) {
	t.Helper()
	err := s.Tx(moderator, func(ctx context.Context, c *ent.Client) error { return log.Append(ctx, c, lines...) })
	if err != nil {
		t.Fatal(err)
	}
}

func silent(int64) {}

// TestVerifyDetectsTampering changes, removes and inserts rows one at a time, past the
// program: Verify names the entry each time, and succeeds again after it was restored.
func TestVerifyDetectsTampering(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		log := audit.New(s.Store)
		for i := range 5 {
			write(t, s, log, audit.Entry{Action: "TAKE_DOWN", Item: fmt.Sprint("art_", i), Detail: map[string]string{"reason": "侵权"}},
				audit.Entry{Action: "RESTORE", Item: fmt.Sprint("art_", i)})
		}
		sound, err := log.Verify(system, silent)
		if err != nil || sound.Lines != 10 {
			t.Fatalf("untouched: %v, %v", sound, err)
		}
		exec := func(statement string) {
			t.Helper()
			if _, err := s.Client(system).ExecContext(system, statement); err != nil {
				t.Fatal(err)
			}
		}
		for _, column := range []string{"at", "role", "actor", "action", "item", "detail", "hash"} {
			for position := 1; position <= 10; position++ {
				change, back := fmt.Sprintf("%s || 'x'", column), fmt.Sprintf("substr(%s, 1, length(%s) - 1)", column, column)
				if column == "at" {
					change, back = "at + 1", "at - 1"
				}
				exec(fmt.Sprintf("UPDATE audits SET %s = %s WHERE position = %d", column, change, position))
				var broken *audit.Broken
				if _, err := log.Verify(system, silent); !errors.As(err, &broken) || broken.Position != int64(position) {
					t.Errorf("%s of entry %d: %v", column, position, err)
				}
				exec(fmt.Sprintf("UPDATE audits SET %s = %s WHERE position = %d", column, back, position))
			}
		}
		for position := 10; position >= 1; position-- {
			exec(fmt.Sprintf("UPDATE audits SET position = position + 1000 WHERE position = %d", position))
			if _, err := log.Verify(system, silent); err == nil {
				t.Errorf("entry %d is gone and Verify succeeds", position)
			}
			exec(fmt.Sprintf("UPDATE audits SET position = position - 1000 WHERE position = %d", position+1000))
		}
		exec("INSERT INTO audits (position, at, role, action, hash) VALUES (11, 0, 'ADMIN', 'NOTHING', 'abc')")
		if _, err := log.Verify(system, silent); err == nil {
			t.Error("an entry was inserted and Verify succeeds")
		}
		exec("DELETE FROM audits WHERE position = 11")
		if head, err := log.Verify(system, silent); err != nil || head != sound {
			t.Errorf("restored: %v, %v", head, err)
		}
	})
}

// TestAppendConcurrently appends from many transactions at once, while Verify runs: the
// entries make one chain.
func TestAppendConcurrently(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		log := audit.New(s.Store)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 10 {
					write(t, s, log, audit.Entry{Action: "REVEAL", Item: fmt.Sprint("cmt_", i)})
				}
			})
		}
		for range 5 {
			if _, err := log.Verify(system, silent); err != nil {
				t.Errorf("while others append: %v", err)
			}
		}
		all.Wait()
		if head, err := log.Verify(system, silent); err != nil || head.Lines != 80 {
			t.Errorf("%v, %v", head, err)
		}
	})
}

func TestAppendIsTransactional(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	log := audit.New(s.Store)
	if err := log.Append(moderator, s.Client(system), audit.Entry{Action: "REVEAL"}); err == nil {
		t.Error("an entry was written outside of a transaction")
	}
	undone := errors.New("rolled back")
	err := s.Tx(moderator, func(ctx context.Context, c *ent.Client) error {
		return errors.Join(log.Append(ctx, c, audit.Entry{Action: "REVEAL"}), undone)
	})
	if head, verr := log.Verify(system, silent); !errors.Is(err, undone) || verr != nil || head.Lines != 0 {
		t.Errorf("an action that was rolled back has an entry: %v, %v, %v", head, err, verr)
	}
}
