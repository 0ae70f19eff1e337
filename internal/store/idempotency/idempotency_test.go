package idempotency_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/idempotency"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var (
	reader = viewer.With(context.Background(), viewer.Viewer{Role: viewer.Reader, TokenID: "tok_1"})
	other  = viewer.With(context.Background(), viewer.Viewer{Role: viewer.Reader, TokenID: "tok_2"})
	system = viewer.AsSystem(context.Background())

	stranger  = viewer.With(context.Background(), viewer.Viewer{Role: viewer.Anonymous, Address: "192.0.2.1"})
	neighbour = viewer.With(context.Background(), viewer.Viewer{Role: viewer.Anonymous, Address: "192.0.2.2"})
)

const key = "5f0c1d9e-0000-4000-8000-000000000001"

// claim claims a key in a transaction of its own.
func claim(ctx context.Context, s *storetest.Store, operation string, key *string, input any, id string) (wrote string, err error) {
	err = s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		wrote, err = idempotency.Claim(ctx, c, s.Clock(), operation, key, input, id)
		return err
	})
	return wrote, err
}

func TestClaim(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		for _, step := range []struct {
			name      string
			ctx       context.Context
			operation string
			key       *string
			input     any
			id, wrote string
			code      fault.Code
		}{
			{"the first time", reader, "addComment", new(key), "好吃", "cmt_1", "cmt_1", ""},
			{"the same again", reader, "addComment", new(key), "好吃", "cmt_2", "cmt_1", ""},
			{"another input", reader, "addComment", new(key), "难吃", "cmt_3", "", fault.Conflict},
			{"another operation", reader, "fileReport", new(key), "好吃", "rep_1", "rep_1", ""},
			{"another client", other, "addComment", new(key), "难吃", "cmt_4", "cmt_4", ""},
			{"a client without a token", stranger, "addComment", new(key), "难吃", "cmt_8", "cmt_8", ""},
			{"the same client again", stranger, "addComment", new(key), "难吃", "cmt_9", "cmt_8", ""},
			{"one in another network", neighbour, "addComment", new(key), "好吃", "cmt_10", "cmt_10", ""},
			{"another key", reader, "addComment", new(key + "2"), "难吃", "cmt_5", "cmt_5", ""},
			{"no key", reader, "addComment", nil, "好吃", "cmt_6", "cmt_6", ""},
			{"an input that has no JSON", reader, "addComment", new(key), func() {}, "cmt_7", "", fault.Internal},
		} {
			wrote, err := claim(step.ctx, s, step.operation, step.key, step.input, step.id)
			if wrote != step.wrote || (err != nil) != (step.code != "") || err != nil && fault.CodeOf(err) != step.code {
				t.Errorf("%s: wrote %q, %v", step.name, wrote, err)
			}
		}
	})
}

// TestClaimConcurrently sends one write many times at the same moment: all receive the id
// of the one that wrote.
func TestClaimConcurrently(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		wrote := make([]string, 12)
		var all sync.WaitGroup
		for i := range wrote {
			all.Go(func() {
				id, err := claim(reader, s, "addComment", new(key), "好吃", fmt.Sprint("cmt_", i))
				if err != nil {
					t.Errorf("claim: %v", err)
				}
				wrote[i] = id
			})
		}
		all.Wait()
		for _, id := range wrote {
			if id == "" || id != wrote[0] {
				t.Fatalf("the writes returned %v", wrote)
			}
		}
	})
}

// TestClaimIsRolledBack fails a write after its claim: the same key can be used again.
func TestClaimIsRolledBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		failed := errors.New("the write failed")
		err := s.Tx(reader, func(ctx context.Context, c *ent.Client) error {
			_, err := idempotency.Claim(ctx, c, s.Clock(), "addComment", new(key), "好吃", "cmt_1")
			return errors.Join(err, failed)
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		if known, err := idempotency.Known(reader, s.Client(reader), "addComment", new(key)); known || err != nil {
			t.Errorf("after the rollback the key is known: %t, %v", known, err)
		}
		if wrote, err := claim(reader, s, "addComment", new(key), "好吃", "cmt_2"); wrote != "cmt_2" || err != nil {
			t.Errorf("wrote %q, %v", wrote, err)
		}
	})
}

// TestOnce writes once, and returns what was written to each retry; where that was deleted
// since, the retry fails and reports it.
func TestOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		gone := &ent.NotFoundError{}
		once := func(id string, find error) (got string, err error) {
			err = s.Tx(reader, func(ctx context.Context, c *ent.Client) error {
				w := idempotency.Write{Operation: "addComment", Key: new(key), Input: "好吃", ID: id, At: s.Clock()}
				got, err = idempotency.Once(ctx, c, w, func() (string, error) { return "created " + id, nil },
					func(_ context.Context, id string) (string, error) { return "found " + id, find })
				return err
			})
			return got, err
		}
		for _, step := range []struct {
			id   string
			find error
			want string
			code fault.Code
		}{
			{"cmt_1", nil, "created cmt_1", ""},
			{"cmt_2", nil, "found cmt_1", ""},
			{"cmt_3", gone, "", fault.NotFound},
			{"cmt_4", errors.New("no answer"), "", fault.Internal},
		} {
			got, err := once(step.id, step.find)
			if (err == nil) != (step.code == "") || err != nil && fault.CodeOf(err) != step.code || err == nil && got != step.want {
				t.Errorf("%s: %q, %v; want %q, %s", step.id, got, err, step.want, step.code)
			}
		}
	})
}

func TestDeleteExpired(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		known := func(k string) bool {
			t.Helper()
			known, err := idempotency.Known(reader, s.Client(reader), "addComment", &k)
			if err != nil {
				t.Fatal(err)
			}
			return known
		}
		for _, k := range []string{key + "-old", key + "-new"} {
			if _, err := claim(reader, s, "addComment", &k, "好吃", "cmt_1"); err != nil {
				t.Fatal(err)
			}
			s.Advance(idempotency.Retention)
		}
		if !known(key+"-old") || !known(key+"-new") {
			t.Error("a claimed key is not known")
		}
		s.Advance(-time.Second) // the newer key is a second short of its retention
		if err := idempotency.DeleteExpired(system, s.Client(system), s.Clock()); err != nil {
			t.Fatal(err)
		}
		if known(key + "-old") {
			t.Error("an expired key is known")
		}
		if !known(key + "-new") {
			t.Error("a valid key was deleted")
		}
		if known, err := idempotency.Known(reader, s.Client(reader), "addComment", nil); known || err != nil {
			t.Errorf("no key: %t, %v", known, err)
		}
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key   *string
		valid bool
	}{
		{nil, true}, {new(key), true}, {new(strings.Repeat("键", 16)), true}, {new(strings.Repeat("a", 128)), true},
		{new(""), false}, {new(strings.Repeat("a", 15)), false}, {new(strings.Repeat("键", 129)), false},
	} {
		var bad fault.Invalid
		if idempotency.Check(&bad, c.key); (len(bad) == 0) != c.valid {
			t.Errorf("a key of %d bytes: %v", len(*c.key), bad)
		}
	}
}
