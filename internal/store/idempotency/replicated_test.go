package idempotency_test

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/idempotency"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/drill"
	"github.com/tonggao/tonggao/internal/testkit/pgcluster"
)

// TestClaimIsReplicated freezes the synchronous standby: a write is on the primary only, so
// that a failover may undo it. Sending it again with its key must not succeed before the
// standby has it.
func TestClaimIsReplicated(t *testing.T) {
	t.Parallel()
	if !pgcluster.Wanted() {
		return
	}
	pair, err := pgcluster.StartReplicated()
	if errors.Is(err, pgcluster.ErrNotInstalled) && !pgcluster.Required() {
		t.Log("not run: ", err)
		return
	}
	check.NoError(t, err)
	t.Cleanup(func() { check.NoError(t, pair.Stop()) })
	s, err := store.Open(t.Context(), store.Options{URL: pair.DSN, Limits: store.Limits{Request: time.Second}})
	check.NoError(t, err)
	defer s.Close()
	send := func(id string) (wrote string, err error) {
		err = s.Tx(reader, func(ctx context.Context, c *ent.Client) error {
			wrote, err = idempotency.Claim(ctx, c, s.Clock(), "addComment", new(key), "好吃", id)
			return err
		})
		return wrote, err
	}
	dsn, err := url.Parse(pair.DSN)
	check.NoError(t, err)
	postmaster, err := drill.Postmaster(filepath.Join(dsn.Query().Get("host"), "standby"))
	check.NoError(t, err)
	standby := drill.Tree(postmaster)
	check.NoError(t, drill.Signal(syscall.SIGSTOP, standby...))
	for _, id := range []string{"cmt_1", "cmt_2", "cmt_3"} {
		if wrote, err := send(id); !fault.Is(err, fault.OutcomeUnknown) && !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s was acknowledged as %q without the standby: %v", id, wrote, err)
		}
	}
	check.NoError(t, drill.Signal(syscall.SIGCONT, standby...))
	check.Eventually(t, "the write is acknowledged", func() bool {
		wrote, err := send("cmt_4")
		return err == nil && wrote == "cmt_1"
	})
}
