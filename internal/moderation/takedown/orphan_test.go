package takedown_test

import (
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// orphans is an archive of an article and a comment that are TAKEN_DOWN, without the
// takedowns that say what they were before.
const orphans = `{"type":"Category","id":"cat_01h455vb4pex5vsknk084sn001","parent":null,"slug":"harbour","name":"港区新闻","position":0,"terminals":["WEB"],"createdAt":"2026-01-01T08:00:00+08:00","updatedAt":"2026-01-01T08:00:00+08:00"}
{"type":"Publisher","id":"pub_01h455vb4pex5vsknk084sn001","name":"青螺渡报","public":true,"createdAt":"2026-01-01T08:00:00+08:00","updatedAt":"2026-01-01T08:00:00+08:00"}
{"type":"Article","id":"art_01h455vb4pex5vsknk084sn001","status":"TAKEN_DOWN","publishedAt":"2026-02-01T08:00:00+08:00","createdAt":"2026-02-01T08:00:00+08:00","updatedAt":"2026-02-01T08:00:00+08:00","version":3,"viewCount":12,"slug":"ferry","title":"末班渡船改点","lead":null,"tags":[],"aiGenerated":false,"sponsored":false,"commentsOpen":true,"terminals":["WEB"],"category":"cat_01h455vb4pex5vsknk084sn001","region":null,"publisher":"pub_01h455vb4pex5vsknk084sn001","body":{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"下周起末班船提前半小时。"}]}]}}
{"type":"Comment","id":"cmt_01h455vb4pex5vsknk084sn001","article":"art_01h455vb4pex5vsknk084sn001","parent":null,"author":"阿舟","text":"赶不上了。","status":"TAKEN_DOWN","createdAt":"2026-02-02T08:00:00+08:00","updatedAt":"2026-02-02T08:00:00+08:00"}
`

// TestRestoreWithoutTakedown restores items that were imported TAKEN_DOWN without their
// takedown: restoring alone says what to do, and doing it returns the item to a status
// from which its owners can go further.
func TestRestoreWithoutTakedown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		var result importer.Result
		if err := p.Importer().NDJSON(apptest.System(), "orphans.ndjson", strings.NewReader(orphans), &result, func(int) {}); err != nil || result.Created != 4 {
			t.Fatalf("import: %v, %v, %v", result, result.Rejected, err)
		}
		moderator := p.Token(viewer.Moderator, "")
		ask := func(mutation, item string) string {
			a := p.Ask(moderator, `mutation($id: ID!) { `+mutation+`(input: {item: $id, reason: "导入时缺少记录"}) { userErrors { message } } }`,
				map[string]any{"id": item})
			if len(a.Errors) > 0 {
				return a.Errors[0].Message
			}
			return ""
		}
		for item, want := range map[string]string{
			"art_01h455vb4pex5vsknk084sn001": "UNPUBLISHED",
			"cmt_01h455vb4pex5vsknk084sn001": "PENDING",
		} {
			if message := ask("restore", item); !strings.Contains(message, "record one with takeDown, then restore it") {
				t.Errorf("restoring %s alone: %q", item, message)
			}
			if message := ask("takeDown", item) + ask("restore", item); message != "" {
				t.Errorf("taking down and restoring %s: %q", item, message)
			}
			if got := statusOf(t, s, item); got != want {
				t.Errorf("%s is %s, want %s", item, got, want)
			}
			if message := ask("restore", item); !strings.Contains(message, "it is not taken down") {
				t.Errorf("restoring %s again: %q", item, message)
			}
		}
	})
}

func statusOf(t *testing.T, s *storetest.Store, item string) string {
	t.Helper()
	ctx := apptest.System()
	if strings.HasPrefix(item, "art_") {
		return string(s.Client(ctx).Article.GetX(ctx, item).Status)
	}
	return string(s.Client(ctx).Comment.GetX(ctx, item).Status)
}
