package comment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	status "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestModerate checks decisions in a row, what the article counts after them, and what is
// logged.
func TestModerate(t *testing.T) {
	t.Parallel()
	for decisions, want := range map[string]string{
		"APPROVED":                            "1: CREATED 1",
		"REJECTED":                            "0:",
		"PENDING":                             "0:",
		"APPROVED APPROVED":                   "1: CREATED 1",
		"APPROVED REJECTED":                   "0: CREATED 1, DELETED 2",
		"APPROVED PENDING":                    "0: CREATED 1, DELETED 2",
		"REJECTED PENDING APPROVED":           "1: CREATED 1",
		"APPROVED REJECTED REJECTED APPROVED": "1: CREATED 1, DELETED 2, UPDATED 3",
		"APPROVED PENDING REJECTED":           "0: CREATED 1, DELETED 2",
		"APPROVED PENDING APPROVED PENDING":   "0: CREATED 1, DELETED 2, UPDATED 3, DELETED 4",
	} {
		t.Run(decisions, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *storetest.Store) {
				n := open(t, s)
				row := n.add(t, anonymous, n.open, "菜价合理。", nil)
				for _, decision := range strings.Fields(decisions) {
					n.Advance(1_000_000_000)
					got, err := n.comments.Moderate(moderator, comment.ModerateInput{Comment: row.ID, Status: status.Status(decision)})
					check.NoError(t, err)
					if string(got.Status) != decision || got.UpdatedAt != n.Clock() || got.OriginAddress != "203.0.113.***" {
						t.Errorf("%s: got %v", decision, got)
					}
				}
				entries := n.Changes(row.ID)
				kinds := make([]string, len(entries))
				for i, e := range entries {
					kinds[i] = fmt.Sprintf(" %s %d", e.Kind, e.Version)
					if e.ItemType != "Comment" || (e.Payload == "") != (e.Kind == "DELETED") {
						t.Errorf("%s %s has the payload %q", e.Kind, e.ItemType, e.Payload)
					}
				}
				if got := fmt.Sprintf("%d:%s", n.counted(t, n.open), strings.Join(kinds, ",")); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		})
	}
}

// TestChangeEntry checks what the change log holds of an approved comment.
func TestChangeEntry(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		top := n.approved(t, n.open, "饭菜可口。", nil)
		answer := n.approved(t, n.open, "我也去过。", &top.ID)
		if n.counted(t, n.open) != 2 {
			t.Errorf("answers count too, but there are %d", n.counted(t, n.open))
		}
		var got changefeed.CommentItem
		payload := n.Changes(answer.ID)[0].Payload
		check.NoError(t, json.Unmarshal([]byte(payload), &got))
		if got.Article != n.open || *got.Parent != top.ID || got.Text != "我也去过。" || got.CreatedAt != answer.CreatedAt {
			t.Errorf("logged %s", payload)
		}
		if strings.Contains(payload, "203.0.113.7") {
			t.Errorf("the log contains the address: %s", payload)
		}
		a, err := n.Client(system).Article.Get(system, n.open)
		check.NoError(t, err)
		if a.UpdatedAt == n.Clock() || a.Version != 1 {
			t.Error("counting a comment looks like an edit of the article")
		}
	})
}

// TestModerateInvalid makes decisions that are refused.
func TestModerateInvalid(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		row := n.add(t, anonymous, n.open, "菜价合理。", nil)
		approve := comment.ModerateInput{Comment: row.ID, Status: status.StatusAPPROVED}
		if _, err := n.comments.Moderate(anonymous, approve); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("anonymous: %v", err)
		}
		for _, role := range []viewer.Role{viewer.Reader, viewer.Publisher, viewer.Editor, viewer.Integrator} {
			if _, err := n.comments.Moderate(as(role, "tok_x"), approve); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", role, err)
			}
		}
		for _, id := range []string{"", "x\x00", typeid.New(typeid.Comment, n.Clock()), n.open} {
			if _, err := n.comments.Moderate(moderator, comment.ModerateInput{Comment: id, Status: status.StatusAPPROVED}); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", id, err)
			}
		}
		_, err := n.comments.Moderate(moderator, comment.ModerateInput{Comment: row.ID, Status: "GONE", Reason: new(strings.Repeat("理", 501))})
		if check.Problems(err) != "reason TOO_LONG, status INVALID" {
			t.Errorf("a bad decision: %v", err)
		}
		if n.counted(t, n.open) != 0 {
			t.Error("something was counted all the same")
		}
		longest := new(strings.Repeat("理", 500))
		_, err = n.comments.Moderate(moderator, comment.ModerateInput{Comment: row.ID, Status: status.StatusREJECTED, Reason: longest})
		check.NoError(t, err)
		got, err := n.comments.Moderate(as(viewer.Admin, "tok_a"), comment.ModerateInput{Comment: row.ID, Status: status.StatusREJECTED, Reason: new(" 广告 ")})
		check.NoError(t, err)
		if got.Reason != "广告" {
			t.Errorf("the reason is %q", got.Reason)
		}
	})
}

// TestModerateConcurrent lets many moderators decide on the same few comments at once. The
// article counts exactly those that are approved in the end, and the log reports each
// appearance and disappearance once and in turn.
func TestModerateConcurrent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		ids := make([]string, 4)
		for i := range ids {
			ids[i] = n.add(t, anonymous, n.open, fmt.Sprint("热闹。", i), nil).ID
		}
		decisions := []status.Status{status.StatusAPPROVED, status.StatusREJECTED, status.StatusAPPROVED, status.StatusPENDING, status.StatusAPPROVED}
		together(8, func(worker int) {
			for step := range 15 {
				in := comment.ModerateInput{Comment: ids[(worker+step)%len(ids)], Status: decisions[(worker*3+step)%len(decisions)]}
				if _, err := n.comments.Moderate(moderator, in); err != nil && !fault.Is(err, fault.Conflict) {
					t.Errorf("moderator %d: %v", worker, err)
				}
			}
		})
		approved, err := n.Client(system).Comment.Query().Where(status.StatusEQ(status.StatusAPPROVED)).Count(system)
		check.NoError(t, err)
		if got := n.counted(t, n.open); got != approved {
			t.Errorf("%d are approved, the article counts %d", approved, got)
		}
		for _, id := range ids {
			for i, e := range n.Changes(id) {
				want := [...]string{"UPDATED", "DELETED"}[i%2]
				if i == 0 {
					want = "CREATED"
				}
				if e.Kind != want || e.Version != i+1 {
					t.Errorf("entry %d of %s: %s %d, want %s", i, id, e.Kind, e.Version, want)
				}
			}
		}
	})
}

// TestModerateConcurrentApprovals approves one comment twice at once: it is counted once.
func TestModerateConcurrentApprovals(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		row := n.add(t, anonymous, n.open, "热闹。", nil)
		together(12, func(int) {
			_, err := n.comments.Moderate(moderator, comment.ModerateInput{Comment: row.ID, Status: status.StatusAPPROVED})
			if err != nil && !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		})
		if n.counted(t, n.open) != 1 || len(n.Changes(row.ID)) != 1 {
			t.Errorf("counted %d times, logged %d times", n.counted(t, n.open), len(n.Changes(row.ID)))
		}
	})
}

// TestModerateChangeFeedFailure checks that a decision that cannot be logged is not made.
func TestModerateChangeFeedFailure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		row := n.add(t, anonymous, n.open, "热闹。", nil)
		rename := func(from, to string) {
			_, err := n.Client(system).ExecContext(context.Background(), "ALTER TABLE "+from+" RENAME TO "+to)
			check.NoError(t, err)
		}
		rename("changes", "changes_away")
		if _, err := n.comments.Moderate(moderator, comment.ModerateInput{Comment: row.ID, Status: status.StatusAPPROVED}); err == nil {
			t.Error("a decision was made without an entry in the log")
		}
		rename("changes_away", "changes")
		stored, err := n.Client(system).Comment.Get(system, row.ID)
		check.NoError(t, err)
		if stored.Status != status.StatusPENDING || n.counted(t, n.open) != 0 {
			t.Errorf("half of it was written: %s, counted %d", stored.Status, n.counted(t, n.open))
		}
	})
}

// together runs do that many times concurrently.
func together(workers int, do func(worker int)) {
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() { do(worker) })
	}
	wg.Wait()
}
