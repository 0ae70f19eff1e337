package comment_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	entarticle "github.com/tonggao/tonggao/ent/article"
	status "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/token"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
	"github.com/tonggao/tonggao/internal/moderation/contentcheck"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// words is a checker that decides by the text.
type words struct{}

func (words) Check(_ context.Context, s contentcheck.Subject) contentcheck.Finding {
	switch {
	case strings.Contains(s.Text, "赌博"):
		return contentcheck.Finding{Action: wordfilter.Reject, Reason: "赌博", Masked: s.Text}
	case strings.Contains(s.Text, "办证"):
		return contentcheck.Finding{Action: wordfilter.Hold, Reason: "办证", Masked: s.Text}
	case strings.Contains(s.Text, "微信"):
		return contentcheck.Finding{Action: wordfilter.Mask, Reason: "微信", Masked: strings.ReplaceAll(s.Text, "微信", "**")}
	}
	return contentcheck.Finding{Masked: s.Text}
}

// watched is a fixture with checkers, where a reader earns trust with three comments.
func watched(t *testing.T, s *storetest.Store) *fixture {
	t.Helper()
	n := open(t, s)
	n.comments = comment.New(comment.Options{Store: s.Store, Log: changefeed.New(s.Store), Audit: audit.New(s.Store), ContentCheck: words{},
		Earned: func(context.Context) (int, error) { return 3, nil }})
	check.NoError(t, s.Client(system).Token.Create().SetID("tok_reader").SetRole("READER").SetHash("h").SetCreatedAt(s.Clock()).Exec(system))
	return n
}

func (n *fixture) say(t *testing.T, ctx context.Context, text string) (status.Status, error) {
	t.Helper()
	n.Advance(time.Second)
	row, err := n.comments.Add(ctx, comment.AddInput{Article: n.open, Text: text})
	if err != nil {
		return "", err
	}
	return row.Status, nil
}

// TestTrust checks how a reader earns trust by approved comments and loses it.
func TestTrust(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := watched(t, s)
		says := func(ctx context.Context, text string, want status.Status) string {
			t.Helper()
			n.Advance(time.Second)
			row, err := n.comments.Add(ctx, comment.AddInput{Article: n.open, Text: text})
			check.NoError(t, err)
			if row.Status != want {
				t.Errorf("%s is %s, want %s", text, row.Status, want)
			}
			return row.ID
		}
		moderate := func(id string, to status.Status) {
			t.Helper()
			_, err := n.comments.Moderate(moderator, comment.ModerateInput{Comment: id, Status: to})
			check.NoError(t, err)
		}
		for i := range 3 {
			moderate(says(reader, fmt.Sprint("第", i, "条"), status.StatusPENDING), status.StatusAPPROVED)
		}
		last := says(reader, "现在大家认识我了", status.StatusAPPROVED)
		says(anonymous, "没人认识我", status.StatusPENDING)
		says(reader, "专业办证", status.StatusPENDING) // checkers come first
		if n.counted(t, n.open) != 4 || len(n.Changes(last)) != 1 {
			t.Errorf("%d comments are counted, and %d entries logged", n.counted(t, n.open), len(n.Changes(last)))
		}
		moderate(last, status.StatusREJECTED)
		says(reader, "又要等了", status.StatusPENDING)
		n.Advance(91 * 24 * time.Hour)
		waits := says(reader, "过了九十天", status.StatusAPPROVED)
		for trust, want := range map[token.Trust]status.Status{token.TrustWAITS: status.StatusPENDING, token.TrustTRUSTED: status.StatusAPPROVED} {
			_, err := n.comments.Trust(moderator, comment.TrustInput{Comment: waits, Trust: trust})
			check.NoError(t, err)
			says(reader, "信任是"+string(trust), want)
		}
		if _, err := n.comments.Trust(reader, comment.TrustInput{Comment: waits, Trust: token.TrustTRUSTED}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a reader trusts itself: %v", err)
		}
	})
}

// TestAddContentCheck adds comments that the content checks refuse or hold.
func TestAddContentCheck(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	n := watched(t, s)
	if _, err := n.say(t, anonymous, "来赌博"); check.Problems(err) != "text NOT_ALLOWED" || strings.Contains(err.Error(), "赌博") {
		t.Errorf("refused with %v", err)
	}
	row, err := n.comments.Add(anonymous, comment.AddInput{Article: n.open, Text: "加我微信办证"})
	check.NoError(t, err)
	stored, err := n.Client(system).Comment.Get(system, row.ID)
	check.NoError(t, err)
	if stored.Found != "办证" || row.Status != status.StatusPENDING {
		t.Errorf("stored %v", stored)
	}
	row, err = n.comments.Add(anonymous, comment.AddInput{Article: n.open, Text: "加我微信"})
	check.NoError(t, err)
	if row.Text != "加我**" {
		t.Errorf("shown %q", row.Text)
	}
	found, err := n.comments.ByIDs(moderator, []string{row.ID})
	check.NoError(t, err)
	if found[row.ID].Found != "微信" {
		t.Errorf("a moderator reads %q", found[row.ID].Found)
	}
}

// TestEditAndWithdraw edits and withdraws comments as their author and as others.
func TestEditAndWithdraw(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := watched(t, s)
		own := n.add(t, reader, n.open, "先这么说", nil)
		_, err := n.comments.Moderate(moderator, comment.ModerateInput{Comment: own.ID, Status: status.StatusAPPROVED})
		check.NoError(t, err)
		for name, ctx := range map[string]context.Context{"anonymous": anonymous, "a moderator": moderator} {
			if _, err := n.comments.Edit(ctx, comment.EditInput{Comment: own.ID, Text: "替你说"}); err == nil {
				t.Errorf("%s edits another reader's comment", name)
			}
			if _, err := n.comments.Withdraw(ctx, own.ID); err == nil {
				t.Errorf("%s withdraws another reader's comment", name)
			}
		}
		if _, err := n.comments.Edit(reader, comment.EditInput{Comment: own.ID, Text: "来赌博"}); check.Problems(err) != "text NOT_ALLOWED" {
			t.Errorf("edited past the checkers: %v", err)
		}
		edited, err := n.comments.Edit(reader, comment.EditInput{Comment: own.ID, Text: "后来这么说"})
		check.NoError(t, err)
		if edited.Status != status.StatusPENDING || edited.Text != "后来这么说" || edited.EditedAt == nil || n.counted(t, n.open) != 0 {
			t.Errorf("edited: %v, counted %d", edited, n.counted(t, n.open))
		}
		_, err = n.comments.Moderate(moderator, comment.ModerateInput{Comment: own.ID, Status: status.StatusAPPROVED})
		check.NoError(t, err)
		_, err = n.comments.Trust(moderator, comment.TrustInput{Comment: own.ID, Trust: token.TrustTRUSTED})
		check.NoError(t, err)
		edited, err = n.comments.Edit(reader, comment.EditInput{Comment: own.ID, Text: "最后这么说"})
		check.NoError(t, err)
		if edited.Status != status.StatusAPPROVED || n.counted(t, n.open) != 1 {
			t.Errorf("a trusted reader's edit: %v, counted %d", edited, n.counted(t, n.open))
		}
		withdrawn, err := n.comments.Withdraw(reader, own.ID)
		check.NoError(t, err)
		if withdrawn.Status != status.StatusWITHDRAWN || n.counted(t, n.open) != 0 {
			t.Errorf("withdrawn: %v, counted %d", withdrawn, n.counted(t, n.open))
		}
		if log := n.Changes(own.ID); len(log) != 5 {
			t.Errorf("the log has %v", log) // seen, hidden, seen, reworded, gone
		}
		if _, err := n.comments.Withdraw(reader, own.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("withdrawn twice: %v", err)
		}
		if _, err := n.comments.Moderate(moderator, comment.ModerateInput{Comment: own.ID, Status: status.StatusAPPROVED}); !fault.Is(err, fault.Conflict) {
			t.Errorf("shown though it was withdrawn: %v", err)
		}
	})
}

// TestOwnUnderHiddenArticle changes nothing under an article that its author may not see.
func TestOwnUnderHiddenArticle(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := watched(t, s)
		own := n.add(t, reader, n.open, "先这么说", nil)
		check.NoError(t, n.Client(system).Article.UpdateOneID(n.open).SetStatus(entarticle.StatusTAKEN_DOWN).Exec(system))
		_, edit := n.comments.Edit(reader, comment.EditInput{Comment: own.ID, Text: "后来这么说"})
		_, withdraw := n.comments.Withdraw(reader, own.ID)
		after, err := n.Client(system).Comment.Get(system, own.ID)
		check.NoError(t, err)
		if !fault.Is(edit, fault.Conflict) || !fault.Is(withdraw, fault.Conflict) || after.Text != own.Text || after.Status != own.Status {
			t.Errorf("%v, %v, %v", edit, withdraw, after)
		}
	})
}

// TestModerateManyAndUndo decides on many comments at once and takes it back.
func TestModerateManyAndUndo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		var ids []string
		for i := range 5 {
			ids = append(ids, n.add(t, anonymous, n.open, fmt.Sprint("评论", i), nil).ID)
		}
		states := func() string {
			var b strings.Builder
			for _, id := range ids {
				row, err := n.Client(system).Comment.Get(system, id)
				check.NoError(t, err)
				b.WriteString(string(row.Status[0]))
			}
			return fmt.Sprint(b.String(), " ", n.counted(t, n.open))
		}
		all := append([]string{"cmt_00000000000000000000000000"}, ids...)
		done, err := n.comments.ModerateMany(moderator, comment.BulkInput{Comments: all, Status: status.StatusAPPROVED, Reason: new("都很好")})
		check.NoError(t, err)
		if states() != "AAAAA 5" || len(done.Changed) != 5 || len(done.Left) != 1 {
			t.Errorf("%s, %+v", states(), done)
		}
		_, err = n.comments.Moderate(moderator, comment.ModerateInput{Comment: ids[2], Status: status.StatusREJECTED})
		check.NoError(t, err)
		undone, err := n.comments.Undo(moderator, done.Undo)
		check.NoError(t, err)
		if states() != "PPRPP 0" || len(undone.Changed) != 4 || len(undone.Left) != 1 {
			t.Errorf("undone: %s, %+v", states(), undone)
		}
		if _, err := n.comments.Undo(moderator, done.Undo); !fault.Is(err, fault.NotFound) {
			t.Errorf("undone twice: %v", err)
		}
		_, err = n.comments.Undo(moderator, undone.Undo)
		check.NoError(t, err)
		if states() != "AARAA 4" {
			t.Errorf("the undoing undone: %s", states())
		}
		for name, in := range map[string]comment.BulkInput{
			"nothing": {Status: status.StatusAPPROVED}, "too many": {Comments: make([]string, 101), Status: status.StatusAPPROVED},
			"withdrawn": {Comments: ids, Status: status.StatusWITHDRAWN},
		} {
			if _, err := n.comments.ModerateMany(moderator, in); check.Problems(err) == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := n.comments.ModerateMany(reader, comment.BulkInput{Comments: ids, Status: status.StatusAPPROVED}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a reader moderates: %v", err)
		}
	})
}

// TestAddIdempotency sends one comment a hundred times at once: it is written once.
func TestAddIdempotency(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		key := "6f1c2d1e-8a55-4f0e-9d0b-1f2e3d4c5b6a"
		ids := make([]string, 100)
		var all sync.WaitGroup
		for i := range ids {
			all.Go(func() {
				row, err := n.comments.Add(anonymous, comment.AddInput{Article: n.open, Text: "说一次", IdempotencyKey: &key})
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = row.ID
			})
		}
		all.Wait()
		rows, err := n.Client(system).Comment.Query().IDs(system)
		check.NoError(t, err)
		if len(rows) != 1 {
			t.Fatalf("%d comments", len(rows))
		}
		for _, id := range ids {
			if id != rows[0] {
				t.Errorf("answered %s, and there is %s", id, rows[0])
			}
		}
		if _, err := n.comments.Add(anonymous, comment.AddInput{Article: n.open, Text: "说别的", IdempotencyKey: &key}); !fault.Is(err, fault.Conflict) {
			t.Errorf("another comment under the same key: %v", err)
		}
		if row, err := n.comments.Add(reader, comment.AddInput{Article: n.open, Text: "说别的", IdempotencyKey: &key}); err != nil || row.ID == rows[0] {
			t.Errorf("the same key of another client: %v", err)
		}
		if _, err := n.comments.Add(anonymous, comment.AddInput{Article: n.open, Text: "短", IdempotencyKey: new("1")}); check.Problems(err) != "idempotencyKey INVALID" {
			t.Errorf("a key that is too short: %v", err)
		}
	})
}

// TestAddDuplicatesAndHoneypot refuses the same text again for some minutes, and rejects
// what fills in the honeypot silently.
func TestAddDuplicatesAndHoneypot(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	n := open(t, s)
	in := comment.AddInput{Article: n.open, Text: "顶"}
	_, err := n.comments.Add(anonymous, in)
	check.NoError(t, err)
	if _, err := n.comments.Add(anonymous, in); check.Problems(err) != "text NOT_ALLOWED" {
		t.Errorf("the same again: %v", err)
	}
	if _, err := n.comments.Add(reader, in); err != nil {
		t.Errorf("the same from another reader: %v", err)
	}
	n.Advance(11 * time.Minute)
	if _, err := n.comments.Add(anonymous, in); err != nil {
		t.Errorf("the same, later: %v", err)
	}
	trapped, err := n.comments.Add(anonymous, comment.AddInput{Article: n.open, Text: "买药找我", Website: new("http://spam.example")})
	check.NoError(t, err)
	stored, err := n.Client(system).Comment.Get(system, trapped.ID)
	check.NoError(t, err)
	if trapped.Status != status.StatusPENDING || stored.Status != status.StatusREJECTED {
		t.Errorf("a bot gets %s, and it is stored as %s", trapped.Status, stored.Status)
	}
}

// TestAddAgainAfterFailure sends a comment again after the database failed: it is not refused
// as one that was sent already.
func TestAddAgainAfterFailure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		in := comment.AddInput{Article: n.open, Text: "雨天渡船还开吗？"}
		leaves, leave := context.WithCancel(anonymous)
		stop := s.Listen(func(statement string) {
			if strings.HasPrefix(statement, "INSERT") && strings.Contains(statement, "comments") {
				leave()
			}
		})
		_, err := n.comments.Add(leaves, in)
		stop()
		if err == nil {
			t.Fatal("the transaction did not fail")
		}
		_, err = n.comments.Add(anonymous, in)
		check.NoError(t, err)
		if _, err := n.comments.Add(anonymous, in); check.Problems(err) != "text NOT_ALLOWED" {
			t.Errorf("sent again after it was written: %v", err)
		}
	})
}

// TestAddQuote checks that a quote holds no text, so that what is hidden is quoted nowhere.
func TestAddQuote(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		quoted := n.approved(t, n.open, "原话", nil)
		row, err := n.comments.Add(anonymous, comment.AddInput{Article: n.open, Text: "说得对", Quote: &quoted.ID})
		check.NoError(t, err)
		if row.QuoteID == nil || *row.QuoteID != quoted.ID || strings.Contains(row.Text, "原话") {
			t.Errorf("quoted %v", row)
		}
		for name, id := range map[string]string{"of another article": n.approved(t, n.other, "别处", nil).ID, "that waits": n.add(t, reader, n.open, "还等着", nil).ID} {
			if _, err := n.comments.Add(anonymous, comment.AddInput{Article: n.open, Text: "引用" + name, Quote: &id}); check.Problems(err) != "quote UNKNOWN" {
				t.Errorf("a comment %s is quoted: %v", name, err)
			}
		}
	})
}
