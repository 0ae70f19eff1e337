package importer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/testkit/check"
)

const (
	baseArticle = "art_01h455vb4pex5vsknk084sn001"
	baseComment = "cmt_01h455vb4pex5vsknk084sn001"
)

func (h *portal) takeDown(id string) {
	h.Helper()
	err := h.Tx(system, func(ctx context.Context, c *ent.Client) error {
		_, err := h.articles.TakeDown(ctx, c, id, "侵权")
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
}

func (h *portal) remove(id string) {
	h.Helper()
	if err := h.articles.Delete(system, id); err != nil {
		h.Fatal(err)
	}
}

// check compares the result of an import, and the reason of each line that was skipped.
func (h *portal) check(got, want importer.Result, reasons ...string) {
	h.Helper()
	for i, s := range got.Skips {
		if i >= len(reasons) || !strings.Contains(s.Reason, reasons[i]) {
			h.Errorf("skipped: %s", s)
		}
	}
	if got.Skipped != len(reasons) || len(got.Skips) != len(reasons) {
		h.Errorf("%d are skipped, want %d", got.Skipped, len(reasons))
	}
	got.Skipped, got.Skips = 0, nil
	if diff := cmp.Diff(want, got); diff != "" {
		h.Error(diff)
	}
}

// decided is base after its report was withdrawn: an article with an open report below it
// cannot be deleted.
var decided = strings.Replace(base, `"status":"FILED"`, `"status":"WITHDRAWN"`, 1)

// TestSkipDeleted checks that no archive restores an article that was deleted here, or what
// belongs to it, without --revive.
func TestSkipDeleted(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.ndjson(decided)
		before := h.export()
		h.remove(baseArticle)
		without, noticed := h.export(), h.log()
		why := "deleted here"
		h.check(h.ndjson(decided), importer.Result{Unchanged: 5}, why, why, why, why)
		if h.export() != without || h.log() != noticed {
			h.Error("the import changed something")
		}
		h.importer.Revive = true
		h.check(h.ndjson(decided), importer.Result{Created: 4, Unchanged: 5})
		if diff := cmp.Diff(before, h.export()); diff != "" {
			h.Error(diff)
		}
		h.importer.Revive = false
		h.check(h.ndjson(decided), importer.Result{Unchanged: 9})
		h.remove(baseArticle)
		h.check(h.ndjson(decided), importer.Result{Unchanged: 5}, why, why, why, why)
	})
}

// TestSkipTakenDown checks that no archive shows or changes what was taken down here, even
// with --revive.
func TestSkipTakenDown(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.ndjson(base)
		h.takeDown(baseArticle)
		h.Client(system).Comment.UpdateOneID(baseComment).SetStatus(entcomment.StatusTAKEN_DOWN).ExecX(system)
		hidden, noticed := h.export(), h.log()
		for _, revive := range []bool{false, true} {
			h.importer.Revive = revive
			h.check(h.ndjson(base), importer.Result{Unchanged: 7}, "taken down here", "taken down here")
			h.check(h.ndjson(hidden), importer.Result{Unchanged: 10})
		}
		if h.export() != hidden || h.log() != noticed {
			h.Error("the import changed something")
		}
	})
}

// TestSkipTakedownInForce checks that no archive lifts a takedown.
func TestSkipTakedownInForce(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		taken := `{"type":"Measure","id":"mea_01h455vb4pex5vsknk084sn001","item":"` + baseArticle + `","before":"PUBLISHED","reason":"侵权","takenBy":"tok_01h455vb4pex5vsknk084sn001","takenAt":"2026-02-04T08:00:00+08:00","liftedAt":null}` + "\n"
		h.ndjson(base + taken)
		if n := h.Client(system).Takedown.Query().CountX(system); n != 1 {
			h.Fatalf("%d takedowns", n)
		}
		lifted := strings.Replace(taken, `"liftedAt":null`, `"liftReason":"误会","liftedBy":"tok_01h455vb4pex5vsknk084sn001","liftedAt":"2026-02-05T08:00:00+08:00"`, 1)
		h.check(h.ndjson(lifted), importer.Result{}, "in force here")
		h.check(h.ndjson(taken), importer.Result{Unchanged: 1})
	})
}

// TestSkipSecondTakedown imports takedowns of an item that is down here already, because of
// another one: of two in force the one that is here stays, and the lines around are imported.
func TestSkipSecondTakedown(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		line := func(id string) string {
			return `{"type":"Measure","id":"mea_01h455vb4pex5vsknk084sn00` + id + `","item":"` + baseArticle + `","before":"PUBLISHED","reason":"侵权","takenBy":"tok_01h455vb4pex5vsknk084sn001","takenAt":"2026-02-04T08:00:00+08:00","liftedAt":null}` + "\n"
		}
		lifted := strings.Replace(line("3"), `"liftedAt":null`, `"liftReason":"误会","liftedBy":"tok_01h455vb4pex5vsknk084sn001","liftedAt":"2026-02-05T08:00:00+08:00"`, 1)
		h.ndjson(base + line("1"))
		h.check(h.ndjson(line("2")+lifted), importer.Result{Created: 1}, "another takedown")
		h.check(h.ndjson(line("3")), importer.Result{}, "another takedown")
		inForce := h.Client(system).Takedown.Query().Where(takedown.LiftedAtIsNil()).IDsX(system)
		check.Equal(h, "the takedowns in force", strings.Join(inForce, " "), "mea_01h455vb4pex5vsknk084sn001")
	})
}

// TestSkipPage checks the same for pages. One that is skipped leaves nothing behind, and one
// that is revived has its old id.
func TestSkipPage(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.page(printed)
		id := h.only().ID
		h.remove(id)
		without := h.export()
		h.check(h.page(printed), importer.Result{}, "deleted here")
		if h.export() != without {
			h.Error("a page that is skipped left something")
		}
		h.importer.Revive = true
		h.check(h.page(printed), importer.Result{Created: 1})
		if h.only().ID != id {
			h.Errorf("it came back as %s, and was %s", h.only().ID, id)
		}
		h.takeDown(id)
		h.importer.Force = true
		h.check(h.page(printed), importer.Result{Unchanged: 1})
		h.check(h.page(strings.Replace(printed, "一百二十碗", "一百三十碗", 1)), importer.Result{}, "taken down here")
		if a := h.only(); a.Status != entarticle.StatusTAKEN_DOWN || a.Version != 2 {
			h.Errorf("it is %s, version %d", a.Status, a.Version)
		}
	})
}

// TestTombstonesAreHidden checks that the public does not see tombstones.
func TestTombstonesAreHidden(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.ndjson(decided)
		h.remove(baseArticle)
		if n := h.Client(context.Background()).Tombstone.Query().CountX(context.Background()); n != 0 {
			h.Errorf("the public sees %d tombstones", n)
		}
		if n := h.Client(system).Tombstone.Query().CountX(system); n != 1 {
			h.Errorf("%d tombstones", n)
		}
	})
}
