package takedown_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	entaudit "github.com/tonggao/tonggao/ent/audit"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	enttakedown "github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var moderator = portal.As(viewer.Moderator)

// outbox records alerts, or fails with err.
type outbox struct {
	kinds    []string
	payloads []map[string]any
	err      error
}

func (o *outbox) Write(_ context.Context, _ *ent.Client, kind string, data any) error {
	if o.err != nil {
		return o.err
	}
	text, err := json.Marshal(data)
	var payload map[string]any
	err = errors.Join(err, json.Unmarshal(text, &payload))
	o.kinds, o.payloads = append(o.kinds, kind), append(o.payloads, payload)
	return err
}

// site is a portal with the service under test.
type site struct {
	*portal.Portal
	takedowns *takedown.Service
	alerts    *outbox
}

func newSite(t *testing.T, s *storetest.Store) *site {
	t.Helper()
	p, alerts := portal.New(t, s), &outbox{}
	return &site{p, takedown.New(takedown.Options{Store: s.Store, Audit: p.Audit, Alerts: alerts, Articles: p.Articles, Comments: p.Comments}), alerts}
}

// article publishes an article of a publisher.
func (s *site) article(publisher *string) *ent.Article {
	return s.Article(article.CreateInput{Title: "河西养老院新添两间康复室", Publisher: publisher}, s.Store.Clock())
}

// visible reports whether the public sees the article.
func (s *site) visible(t *testing.T, id string) bool {
	t.Helper()
	rows, err := s.Articles.ByIDs(portal.Anonymous(""), []string{id})
	s.Must(err)
	return rows[id] != nil
}

// TestTakeDownArticle takes an article down and restores it: what the public sees, what is
// recorded, and that the article returns unchanged.
func TestTakeDownArticle(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, store *storetest.Store) {
		s := newSite(t, store)
		publisher := s.Publisher("云渡颐园", true)
		a := s.article(&publisher.ID)
		before := store.Client(portal.System()).Article.GetX(portal.System(), a.ID)

		store.Advance(time.Hour)
		row, err := s.takedowns.TakeDown(moderator, takedown.Input{Item: a.ID, Reason: "  权利人来函，\r\n图片未经许可。 "})
		s.Must(err)
		if row.Item != a.ID || row.Reason != "权利人来函，\n图片未经许可。" || row.Before != "PUBLISHED" || row.TakenBy != "MODERATOR" || row.TakenAt != store.Clock() || row.LiftedAt != nil {
			t.Errorf("the takedown is %v", row)
		}
		if s.visible(t, a.ID) {
			t.Error("the public still sees the article")
		}
		if last := lastChange(s, a.ID); last.Kind != "TAKEN_DOWN" || !last.Purge || last.Payload != "" {
			t.Errorf("the change feed ends with %v", last)
		}
		if err := s.Articles.Delete(portal.System(), a.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("deleting it while it is down: %v", err)
		}

		lifted, err := s.takedowns.Restore(moderator, takedown.Input{Item: a.ID, Reason: "核实后恢复。"})
		s.Must(err)
		if lifted.ID != row.ID || lifted.LiftedAt == nil || lifted.LiftedBy != "MODERATOR" || lifted.LiftReason != "核实后恢复。" {
			t.Errorf("the lifted takedown is %v", lifted)
		}
		after := store.Client(portal.System()).Article.GetX(portal.System(), a.ID)
		if after.Version <= before.Version {
			t.Errorf("version %d follows %d", after.Version, before.Version)
		}
		after.Version = before.Version
		if after.String() != before.String() {
			t.Errorf("restored it is %v, and was %v", after, before)
		}
		if last := lastChange(s, a.ID); !s.visible(t, a.ID) || last.Kind != "RESTORED" || last.Payload == "" {
			t.Errorf("after the restore the change feed ends with %v", last)
		}

		if want := []string{"measure.taken", "measure.lifted"}; !slices.Equal(s.alerts.kinds, want) {
			t.Errorf("alerts %v, want %v", s.alerts.kinds, want)
		}
		for i, reason := range []string{"权利人来函，\n图片未经许可。", "核实后恢复。"} {
			if got := s.alerts.payloads[i]; got["measure"] != row.ID || got["item"] != a.ID || got["publisher"] != publisher.ID || got["reason"] != reason {
				t.Errorf("alert %d is %v", i, got)
			}
		}
		actions, err := store.Client(portal.System()).Audit.Query().Where(entaudit.Item(a.ID)).Order(entaudit.ByID()).Select(entaudit.FieldAction).Strings(portal.System())
		s.Must(err)
		if !slices.Equal(actions, []string{"TAKE_DOWN", "RESTORE"}) {
			t.Errorf("the audit log has %v", actions)
		}
	})
}

// lastChange returns the last entry of the change feed about an item.
func lastChange(s *site, id string) *ent.Change {
	entries := s.Changes(id)
	return entries[len(entries)-1]
}

// TestTakeDownComment checks comments: an approved one returns to APPROVED, one that waits
// for moderation returns to PENDING, and no decision changes either while it is down.
func TestTakeDownComment(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, store *storetest.Store) {
		s := newSite(t, store)
		a := s.article(nil)
		for text, approved := range map[string]bool{"康复室下午几点关门？": true, "找王护士，电话 555-0199。": false} {
			store.Advance(time.Second)
			c := s.Comment(comment.AddInput{Article: a.ID, Text: text}, approved)
			_, err := s.takedowns.TakeDown(moderator, takedown.Input{Item: c.ID, Reason: "含他人电话。"})
			s.Must(err)
			row := store.Client(portal.System()).Comment.GetX(portal.System(), c.ID)
			if row.Status != entcomment.StatusTAKEN_DOWN || row.Text != c.Text {
				t.Errorf("down it is %v", row)
			}
			if _, err := s.Comments.Moderate(moderator, comment.ModerateInput{Comment: c.ID, Status: entcomment.StatusAPPROVED}); !fault.Is(err, fault.Conflict) {
				t.Errorf("approving it while it is down: %v", err)
			}
			_, err = s.takedowns.Restore(moderator, takedown.Input{Item: c.ID, Reason: "电话已核实为公开号码。"})
			s.Must(err)
			if row := store.Client(portal.System()).Comment.GetX(portal.System(), c.ID); row.Status != c.Status {
				t.Errorf("restored it is %s, and was %s", row.Status, c.Status)
			}
		}
		if s.alerts.payloads[0]["publisher"] != nil {
			t.Errorf("an alert about a comment names a publisher: %v", s.alerts.payloads[0])
		}
	})
}

// TestTakeDownTwice checks that one takedown of an item is in force at most, also when
// several moderators act at the same time.
func TestTakeDownTwice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, store *storetest.Store) {
		s := newSite(t, store)
		s.takedowns = takedown.New(takedown.Options{Store: store.Store, Audit: s.Audit, Articles: s.Articles, Comments: s.Comments})
		a := s.article(nil)
		input := takedown.Input{Item: a.ID, Reason: "造谣。"}
		got := check.Together(4, func(int) error { _, err := s.takedowns.TakeDown(moderator, input); return err })
		if want := []string{"", "CONFLICT", "CONFLICT", "CONFLICT"}; !slices.Equal(got, want) {
			t.Errorf("four at the same time: %q, want %q", got, want)
		}
		got = check.Together(4, func(int) error { _, err := s.takedowns.Restore(moderator, input); return err })
		if want := []string{"", "CONFLICT", "CONFLICT", "CONFLICT"}; !slices.Equal(got, want) {
			t.Errorf("four restores at the same time: %q, want %q", got, want)
		}
		if n := store.Client(portal.System()).Takedown.Query().Where(enttakedown.Item(a.ID)).CountX(portal.System()); n != 1 {
			t.Errorf("%d takedowns were recorded", n)
		}
		store.Advance(time.Minute)
		if _, err := s.takedowns.TakeDown(moderator, input); err != nil {
			t.Errorf("taking it down again after the restore: %v", err)
		}
	})
}

// TestInput checks what is refused before anything is read: roles, reasons and items. The
// engines must agree.
func TestInput(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, store *storetest.Store) {
		s := newSite(t, store)
		a := s.article(nil)
		long := strings.Repeat("长", 2001)
		for _, c := range []struct {
			name         string
			ctx          context.Context
			item, reason string
			want         string
		}{
			{"no token", portal.Anonymous(""), a.ID, "理由", "UNAUTHENTICATED"},
			{"an editor", portal.As(viewer.Editor), a.ID, "理由", "FORBIDDEN"},
			{"an integrator", portal.As(viewer.Integrator), a.ID, "理由", "FORBIDDEN"},
			{"no reason", moderator, a.ID, " \n ", "reason REQUIRED"},
			{"an invisible reason", moderator, a.ID, "\u200b", "reason REQUIRED"},
			{"a long reason", moderator, a.ID, long, "reason TOO_LONG"},
			{"NUL", moderator, a.ID, "abc\x00def", "reason INVALID"},
			{"BEL", moderator, a.ID, "abc\adef", "reason INVALID"},
			{"an escape sequence", moderator, a.ID, "a\x1b[31mb", "reason INVALID"},
			{"a direction override", moderator, a.ID, "a\u202eb", "reason INVALID"},
			{"text that is not UTF-8", moderator, a.ID, "\xff", "reason INVALID"},
			{"a publisher", moderator, typeid.New(typeid.Publisher, store.Clock()), "理由", "item UNKNOWN"},
			{"nothing", moderator, "", "理由", "item UNKNOWN"},
			{"everything wrong", moderator, "xyz", "", "reason REQUIRED, item UNKNOWN"},
			{"an unknown article", moderator, typeid.New(typeid.Article, store.Clock()), "理由", "NOT_FOUND"},
			{"an unknown comment", moderator, typeid.New(typeid.Comment, store.Clock()), "理由", "NOT_FOUND"},
		} {
			_, err := s.takedowns.TakeDown(c.ctx, takedown.Input{Item: c.item, Reason: c.reason})
			if got := check.Problems(err); got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
		if !s.visible(t, a.ID) || len(s.alerts.kinds) > 0 {
			t.Errorf("a refused takedown had an effect, alerts %v", s.alerts.kinds)
		}
		if _, err := s.takedowns.Restore(moderator, takedown.Input{Item: a.ID, Reason: "理由"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("restoring an item that is shown: %v", err)
		}
	})
}

// TestRestoreImported checks an item that was imported as TAKEN_DOWN without its takedown:
// the error says what to do, and taking it down once and restoring it frees it.
func TestRestoreImported(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, store *storetest.Store) {
		s := newSite(t, store)
		a := s.article(nil)
		c := s.Comment(comment.AddInput{Article: a.ID, Text: "这里的饭菜怎么样？"}, true)
		client, system := store.Client(portal.System()), portal.System()
		s.Must(client.Article.UpdateOneID(a.ID).SetStatus(entarticle.StatusTAKEN_DOWN).Exec(system))
		s.Must(client.Comment.UpdateOneID(c.ID).SetStatus(entcomment.StatusTAKEN_DOWN).Exec(system))
		for _, item := range []string{a.ID, c.ID} {
			in := takedown.Input{Item: item, Reason: "导入的旧记录，重新登记。"}
			if _, err := s.takedowns.Restore(moderator, in); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "record one with takeDown") {
				t.Errorf("restoring %s without a takedown: %v", item, err)
			}
			_, err := s.takedowns.TakeDown(moderator, in)
			s.Must(err)
			_, err = s.takedowns.Restore(moderator, in)
			s.Must(err)
		}
		if status := client.Article.GetX(system, a.ID).Status; status == entarticle.StatusTAKEN_DOWN {
			t.Errorf("the article is still %s", status)
		}
		if status := client.Comment.GetX(system, c.ID).Status; status == entcomment.StatusTAKEN_DOWN {
			t.Errorf("the comment is still %s", status)
		}
	})
}

// TestApply checks the step that reports call within their own transaction: it records the
// report, and rolls back with the transaction.
func TestApply(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, store *storetest.Store) {
		s := newSite(t, store)
		a, failure := s.article(nil), errors.New("the transaction fails")
		apply := func(item string, end error) error {
			return store.Tx(moderator, func(ctx context.Context, c *ent.Client) error {
				_, err := s.takedowns.Apply(ctx, c, item, "rep_01h455vb4pex5vsknk084sn001", "核实侵权。")
				return errors.Join(err, end)
			})
		}
		if err := apply(a.ID, failure); !errors.Is(err, failure) || !s.visible(t, a.ID) {
			t.Errorf("a transaction that fails: %v, and the article is visible: %t", err, s.visible(t, a.ID))
		}
		if err := apply(typeid.New(typeid.Publisher, store.Clock()), nil); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("a publisher: %v", err)
		}
		s.Must(apply(a.ID, nil))
		if got := s.alerts.payloads[len(s.alerts.payloads)-1]["report"]; got != "rep_01h455vb4pex5vsknk084sn001" {
			t.Errorf("the alert names the report %v", got)
		}

		s.alerts.err = failure
		if _, err := s.takedowns.Restore(moderator, takedown.Input{Item: a.ID, Reason: "恢复。"}); !errors.Is(err, failure) || s.visible(t, a.ID) {
			t.Errorf("an alert that cannot be written must roll the restore back: %v", err)
		}
	})
}

// TestActive checks who reads the takedown in force: staff, and the publisher of the
// article, but no other publisher and not the public.
func TestActive(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, store *storetest.Store) {
		s := newSite(t, store)
		own, other := s.Publisher("云渡颐园", true), s.Publisher("青禾社区", true)
		a, shown := s.article(&own.ID), s.article(&own.ID)
		_, err := s.takedowns.TakeDown(moderator, takedown.Input{Item: a.ID, Reason: "侵权。"})
		s.Must(err)
		publisher := func(id string) context.Context {
			return viewer.With(context.Background(), viewer.Viewer{Role: viewer.Publisher, TokenID: "tok_p", Publisher: id})
		}
		for _, c := range []struct {
			name string
			ctx  context.Context
			sees bool
		}{
			{"a moderator", moderator, true}, {"an editor", portal.As(viewer.Editor), true}, {"its publisher", publisher(own.ID), true},
			{"another publisher", publisher(other.ID), false}, {"the public", portal.Anonymous(""), false},
		} {
			rows, err := s.takedowns.Active(c.ctx, []string{a.ID, shown.ID})
			s.Must(err)
			if (rows[a.ID] != nil) != c.sees || rows[shown.ID] != nil {
				t.Errorf("%s reads %v", c.name, rows)
			}
		}
	})
}
