package importer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/sync/importer"
)

const printed = `当前位置: 首页 » 行业新闻 » 行业动态 » 正文

临澜老街里的长者食堂

发布日期:2024-03-18 09:20:31   浏览次数:1024  发布人:9c1e****  IP:198.51.100.***  评论:3

导读

一碗素面八元,老人付五元。

临澜市老街的长者食堂开了半年,一碗素面八元,老人付五元,剩下的三元由街道和商户分担。

食堂每天中午卖出一百二十碗,周三最多,因为周三有素馅包子。

打赏
`

func TestPage(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		if diff := cmp.Diff(importer.Result{Created: 1}, h.page(printed)); diff != "" {
			h.Fatalf("the first import: %s", diff)
		}
		a := h.only()
		got := map[string]any{
			"title": a.Title, "lead": a.Lead, "status": a.Status.String(), "published": a.PublishedAt.String(), "views": a.ViewCount,
			"address": a.OriginAddress, "version": a.Version, "created": a.CreatedAt, "updated": a.UpdatedAt,
			"category":  a.Edges.Category.Edges.Parent.Name + " / " + a.Edges.Category.Name,
			"publisher": a.Edges.Publisher.Name, "public": a.Edges.Publisher.Public,
		}
		want := map[string]any{
			"title": "临澜老街里的长者食堂", "lead": "一碗素面八元,老人付五元。", "status": "PUBLISHED",
			"published": "2024-03-18T09:20:31+08:00", "views": int64(1024), "address": "198.51.100.***", "version": 1,
			"created": h.Clock(), "updated": h.Clock(), "category": "行业新闻 / 行业动态", "publisher": "9c1e****", "public": false,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			h.Errorf("the article: %s", diff)
		}
		if newer := typeid.New(typeid.Article, *a.PublishedAt+1_000_000); a.ID >= newer {
			h.Errorf("%s does not sort by when the page was published", a.ID)
		}
	})
}

func TestPageAgain(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.page(printed)
		before, archive, log := h.only(), h.export(), h.log()
		h.Advance(time.Hour)
		if diff := cmp.Diff(importer.Result{Unchanged: 1}, h.page(printed)); diff != "" {
			h.Errorf("the second import: %s", diff)
		}
		if diff := cmp.Diff(archive, h.export()); diff != "" {
			h.Errorf("the second import changed: %s", diff)
		}
		if diff := cmp.Diff(log, h.log()); diff != "" {
			h.Errorf("the second import changed the feed: %s", diff)
		}
		if diff := cmp.Diff(importer.Result{Updated: 1}, h.page(strings.Replace(printed, "一百二十碗", "一百三十碗", 1))); diff != "" {
			h.Errorf("the import of an edited page: %s", diff)
		}
		after := h.only()
		if after.ID != before.ID || after.Slug != before.Slug || after.Version != 2 || after.UpdatedAt != h.Clock() || after.CreatedAt != before.CreatedAt {
			h.Errorf("an edited page became %+v, and was %+v", after, before)
		}
		if !strings.Contains(h.export(), "一百三十碗") {
			h.Error("the edit did not arrive")
		}
	})
}

// TestPageEditedHere checks that an edit is not overwritten without --force.
func TestPageEditedHere(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.page(printed)
		a, title := h.only(), "编辑改过的标题"
		if _, err := h.articles.Update(system, article.UpdateInput{Article: a.ID, Version: a.Version, Title: &title}); err != nil {
			h.Fatal(err)
		}
		newer := strings.Replace(printed, "一百二十碗", "一百三十碗", 1)
		for _, text := range []string{printed, newer} {
			if diff := cmp.Diff(importer.Result{Unchanged: 1, Edited: 1}, h.page(text)); diff != "" || h.only().Title != title {
				h.Errorf("the import over an edit: %s%s", h.only().Title, diff)
			}
		}
		h.importer.Force = true
		if diff := cmp.Diff(importer.Result{Updated: 1}, h.page(newer)); diff != "" || h.only().Title == title {
			h.Errorf("the forced import: %s%s", h.only().Title, diff)
		}
	})
}

func TestPageWithoutPublisher(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.page(strings.Replace(printed, "发布人:9c1e****", "", 1))
		if p := h.only().Edges.Publisher; p.Name != "匿名" || p.Public {
			h.Errorf("it was published by %s, public: %t", p.Name, p.Public)
		}
	})
}

func TestPageRejects(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		result := h.page(strings.Replace(printed, "2024-03-18", "2024-02-30", 1))
		want := `page.txt:5: the date "2024-02-30 09:20:31" does not exist; it looks like 2019-10-10 17:45:07`
		if len(result.Rejected) != 1 || result.Rejected[0].String() != want {
			h.Errorf("rejected %v, want %s", result.Rejected, want)
		}
		if n := h.Client(system).Category.Query().CountX(system); n != 0 {
			h.Errorf("a rejected page left %d categories", n)
		}
	})
}

// TestPageRejectsArticle has a headline that no article may have: the page is rejected and
// leaves nothing behind.
func TestPageRejectsArticle(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		result := h.page(strings.Replace(printed, "临澜老街里的长者食堂", strings.Repeat("长", 201), 1))
		if len(result.Rejected) != 1 {
			h.Fatalf("got %v", result)
		}
		if c := h.Client(system); c.Category.Query().CountX(system)+c.Publisher.Query().CountX(system)+c.Change.Query().CountX(system) != 0 {
			h.Errorf("%s left something", result.Rejected[0])
		}
	})
}
