package article_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

func TestALife(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		a := n.draft("院子里的健身角")
		if got := article.StatusOf(a, n.Clock()); got != article.Draft || a.Version != 1 || a.PublishedAt != nil {
			t.Fatalf("a new draft: %s, version %d, published %v", got, a.Version, a.PublishedAt)
		}
		if a.Lead != "第一段。 第二段说养老。" && a.Lead != "第一段。第二段说养老。" {
			t.Errorf("the lead of an article without one: %q", a.Lead)
		}
		n.Advance(time.Minute)
		a, err := n.Update(editor, article.UpdateInput{Article: a.ID, Version: 1, Title: new("院子里的健身角开放了"), Lead: new("导读")})
		n.Must(err)
		if a.Title != "院子里的健身角开放了" || a.Lead != "导读" || a.Version != 2 || a.UpdatedAt != n.Clock() {
			t.Errorf("updated: %+v", a)
		}
		if _, err := n.Get(anybody, &a.ID, nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("the public sees a draft: %v", err)
		}

		later := n.Clock().Add(time.Hour)
		a, err = n.Publish(editor, article.PublishInput{Article: a.ID, At: &later})
		n.Must(err)
		if got := article.StatusOf(a, n.Clock()); got != article.Scheduled {
			t.Errorf("published for later: %s", got)
		}
		if _, err := n.Get(anybody, nil, &a.Slug); !fault.Is(err, fault.NotFound) {
			t.Errorf("the public sees a scheduled article: %v", err)
		}
		n.Advance(time.Hour)
		if _, err := n.Get(anybody, nil, &a.Slug); err != nil {
			t.Errorf("its time has come: %v", err)
		}

		a, err = n.Unpublish(editor, article.UnpublishInput{Article: a.ID, Reason: new("内容有误")})
		n.Must(err)
		if _, err := n.Get(anybody, &a.ID, nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("the public sees what was taken back: %v", err)
		}
		a, err = n.Publish(editor, article.PublishInput{Article: a.ID})
		n.Must(err)
		if *a.PublishedAt != later {
			t.Errorf("published again without a time: %v, want its old place %v", a.PublishedAt, later)
		}
		n.Must(n.Delete(editor, a.ID))
		if _, err := n.Get(editor, &a.ID, nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("deleted: %v", err)
		}
		if diff := cmp.Diff([]string{"UNPUBLISHED", "PUBLISHED", "DELETED"}, n.log(a.ID)); diff != "" {
			t.Errorf("the change log: %s", diff)
		}
	})
}

func TestAStaleVersion(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		a := n.draft("标题")
		_, err := n.Update(editor, article.UpdateInput{Article: a.ID, Version: 1, Title: new("甲")})
		n.Must(err)
		_, err = n.Update(editor, article.UpdateInput{Article: a.ID, Version: 1, Title: new("乙")})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("a second save of version 1: %v", err)
		}
		got, err := n.Get(editor, &a.ID, nil)
		n.Must(err)
		if got.Title != "甲" || got.Version != 2 {
			t.Errorf("kept: %q, version %d", got.Title, got.Version)
		}
		errs := make(chan error)
		for range 8 {
			go func() {
				_, err := n.Update(editor, article.UpdateInput{Article: a.ID, Version: 2, Title: new("丙")})
				errs <- err
			}()
		}
		won := 0
		for range 8 {
			switch err := <-errs; {
			case err == nil:
				won++
			case !fault.Is(err, fault.Conflict):
				t.Errorf("saved at the same moment: %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d of 8 saves of one version went through", won)
		}
	})
}

func TestWhatIsWrongWithADraft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		for name, c := range map[string]struct {
			change func(*article.CreateInput)
			wants  []string
		}{
			"no title":         {func(in *article.CreateInput) { in.Title = "  " }, []string{"REQUIRED title"}},
			"a title too long": {func(in *article.CreateInput) { in.Title = strings.Repeat("长", 201) }, []string{"TOO_LONG title"}},
			"a line break":     {func(in *article.CreateInput) { in.Title = "a\nb" }, []string{"INVALID title"}},
			"no body":          {func(in *article.CreateInput) { in.Body = article.BodyInput{} }, []string{"INVALID body"}},
			"two bodies":       {func(in *article.CreateInput) { in.Body.HTML = new("<p>x</p>") }, []string{"INVALID body"}},
			"no such category": {func(in *article.CreateInput) { in.Category = "cat_00000000000000000000000000" }, []string{"UNKNOWN category"}},
			"not a category":   {func(in *article.CreateInput) { in.Category = n.house }, []string{"UNKNOWN category"}},
			"no publisher":     {func(in *article.CreateInput) { in.Publisher = nil }, []string{"REQUIRED publisher"}},
			"a script as source": {func(in *article.CreateInput) {
				in.Source = &article.SourceInput{Name: "x", URL: new("javascript:alert(1)")}
			}, []string{"INVALID source.url"}},
			"a nameless source": {func(in *article.CreateInput) { in.Source = &article.SourceInput{URL: new("https://example.com/")} }, []string{"REQUIRED source.name"}},
			"a bad slug":        {func(in *article.CreateInput) { in.Slug = new("Über uns") }, []string{"INVALID slug"}},
			"many tags": {func(in *article.CreateInput) {
				in.Tags = strings.Split("一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子", "")
			}, []string{"TOO_LONG tags"}},
			"everything wrong": {func(in *article.CreateInput) { in.Title, in.Slug, in.Cover = "", new("-"), new("ftp://x") }, []string{"REQUIRED title", "INVALID cover", "INVALID slug"}},
		} {
			in := article.CreateInput{Title: "标题", Category: n.news, Publisher: &n.house, Body: article.BodyInput{Markdown: new("正文")}}
			c.change(&in)
			_, err := n.Create(editor, in)
			if diff := cmp.Diff(c.wants, complaints(err)); diff != "" {
				t.Errorf("%s: %v\n%s", name, err, diff)
			}
		}
		n.draft("甲", func(in *article.CreateInput) { in.Slug = new("taken") })
		_, err := n.Create(editor, article.CreateInput{Title: "乙", Category: n.news, Publisher: &n.house, Slug: new("taken"), Body: article.BodyInput{Markdown: new("正文")}})
		if diff := cmp.Diff([]string{"TAKEN slug"}, complaints(err)); diff != "" {
			t.Errorf("a slug that is taken: %v", err)
		}
	})
}

func complaints(err error) []string {
	var invalid fault.Invalid
	if !errors.As(err, &invalid) {
		return nil
	}
	list := make([]string, len(invalid))
	for i, f := range invalid {
		list[i] = f.Code + " " + strings.Join(f.Field, ".")
	}
	return list
}

func TestWhoMayWrite(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		own := n.published("自己的", time.Hour, func(in *article.CreateInput) { in.Publisher = &n.writer })
		other := n.published("别人的", 2*time.Hour)
		writer := n.publisher(n.writer)
		for who, c := range map[string]struct {
			ctx  context.Context
			code fault.Code
		}{
			"anybody": {anybody, fault.Unauthenticated}, "a reader": {reader, fault.Forbidden},
			"a moderator": {moderator, fault.Forbidden}, "a publisher of another": {writer, fault.Forbidden},
		} {
			_, update := n.Update(c.ctx, article.UpdateInput{Article: other.ID, Version: other.Version, Title: new("改")})
			_, publish := n.Publish(c.ctx, article.PublishInput{Article: other.ID})
			_, unpublish := n.Unpublish(c.ctx, article.UnpublishInput{Article: other.ID})
			for what, err := range map[string]error{"update": update, "publish": publish, "unpublish": unpublish, "delete": n.Delete(c.ctx, other.ID)} {
				if !fault.Is(err, c.code) {
					t.Errorf("%s: %s: %v", who, what, err)
				}
			}
		}
		if _, err := n.Update(writer, article.UpdateInput{Article: own.ID, Version: own.Version, Title: new("自己改的")}); err != nil {
			t.Errorf("a publisher's own article: %v", err)
		}
		_, err := n.Update(writer, article.UpdateInput{Article: own.ID, Version: own.Version + 1, Publisher: &n.house})
		if diff := cmp.Diff([]string{"NOT_ALLOWED publisher"}, complaints(err)); diff != "" {
			t.Errorf("giving it away: %v", err)
		}
		a, err := n.Create(writer, article.CreateInput{Title: "新稿", Category: n.news, Body: article.BodyInput{Markdown: new("正文")}})
		if err != nil || a.PublisherID != n.writer {
			t.Errorf("a publisher's draft: %+v, %v", a, err)
		}
		_, err = n.Create(writer, article.CreateInput{Title: "新稿", Category: n.news, Publisher: &n.house, Body: article.BodyInput{Markdown: new("正文")}})
		if diff := cmp.Diff([]string{"NOT_ALLOWED publisher"}, complaints(err)); diff != "" {
			t.Errorf("a draft in another's name: %v", err)
		}
		list, err := n.List(writer, nil, "PUBLISHED_DESC", pagination.Request{})
		n.Must(err)
		if diff := cmp.Diff([]string{"新稿", "自己改的", "别人的"}, titles(list)); diff != "" {
			t.Errorf("what a publisher sees: %s", diff)
		}
	})
}

func TestRevisions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		a := n.draft("第一稿")
		_, err := n.Update(editor, article.UpdateInput{Article: a.ID, Version: 1, Title: new("第二稿")})
		n.Must(err)
		saves, err := n.Revisions(editor, []string{a.ID}, 10)
		n.Must(err)
		var got []string
		for _, r := range saves[a.ID] {
			got = append(got, r.Title+" "+r.SavedBy)
		}
		if diff := cmp.Diff([]string{"第二稿 编辑部", "第一稿 编辑部"}, got); diff != "" {
			t.Error(diff)
		}
		for who, ctx := range map[string]context.Context{"anybody": anybody, "another publisher": n.publisher(n.writer), "a reader": reader} {
			saves, err := n.Revisions(ctx, []string{a.ID}, 10)
			n.Must(err)
			if len(saves[a.ID]) > 0 {
				t.Errorf("%s sees %d revisions", who, len(saves[a.ID]))
			}
		}
	})
}

// TestSlugOfHiddenDraft does not show a publisher that a draft of others has the slug: its own
// article gets another. What it can see is TAKEN.
func TestSlugOfHiddenDraft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		withSlug := func(slug string) func(*article.CreateInput) {
			return func(in *article.CreateInput) { in.Slug = &slug }
		}
		n.draft("秘密", withSlug("secret-plan"))
		n.published("公开", time.Hour, withSlug("open-plan"))
		write := func(slug string) (*ent.Article, error) {
			return n.Create(n.publisher(n.writer), article.CreateInput{Title: "新稿", Category: n.news, Slug: &slug, Body: article.BodyInput{Markdown: new("正文")}})
		}
		a, err := write("secret-plan")
		n.Must(err)
		if !strings.HasPrefix(a.Slug, "secret-plan-") || len(a.Slug) != len("secret-plan-")+6 {
			t.Errorf("the slug is %s", a.Slug)
		}
		_, err = write("open-plan")
		if diff := cmp.Diff([]string{"TAKEN slug"}, complaints(err)); diff != "" {
			t.Errorf("of a public article: %v", err)
		}
		_, err = n.Create(editor, article.CreateInput{Title: "新稿", Category: n.news, Publisher: &n.house, Slug: new("secret-plan"), Body: article.BodyInput{Markdown: new("正文")}})
		if diff := cmp.Diff([]string{"TAKEN slug"}, complaints(err)); diff != "" {
			t.Errorf("of a draft that an editor sees: %v", err)
		}
	})
}
