package article_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/testkit/check"
)

// TestRefusedText sends text that no one-line field accepts to each of them.
func TestRefusedText(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		fields := map[string]func(*article.CreateInput, string){
			"title":       func(in *article.CreateInput, s string) { in.Title = s },
			"subtitle":    func(in *article.CreateInput, s string) { in.Subtitle = &s },
			"lead":        func(in *article.CreateInput, s string) { in.Lead = &s },
			"author":      func(in *article.CreateInput, s string) { in.Author = &s },
			"cover":       func(in *article.CreateInput, s string) { in.Cover = new("/media/" + s) },
			"source.name": func(in *article.CreateInput, s string) { in.Source = &article.SourceInput{Name: s} },
			"source.url": func(in *article.CreateInput, s string) {
				in.Source = &article.SourceInput{Name: "临澜日报", URL: new("https://example.com/" + s)}
			},
			"tags.1": func(in *article.CreateInput, s string) { in.Tags = []string{"养老", s} },
		}
		for field, set := range fields {
			for name, text := range map[string]string{
				"NUL": "养\x00老", "BEL": "养\a老", "ESC": "养\x1b[31m老", "DEL": "养\x7f老", "a line break": "养\n老", "a line separator": "养\u2028老",
				"a direction override": "养\u202e老", "an isolate": "养\u2066老", "not UTF-8": "养\xff老",
			} {
				in := article.CreateInput{Title: "标题", Category: n.news, Publisher: &n.house, Body: article.BodyInput{Markdown: new("正文")}}
				set(&in, text)
				_, err := n.Create(editor, in)
				check.Equal(t, field+" with "+name, check.Problems(err), field+" INVALID")
			}
		}
		for field, set := range fields {
			if strings.HasSuffix(field, "url") || field == "cover" {
				continue // they have a visible beginning
			}
			in := article.CreateInput{Title: "标题", Category: n.news, Publisher: &n.house, Body: article.BodyInput{Markdown: new("正文")}}
			set(&in, "\u200b\u200d")
			_, err := n.Create(editor, in)
			check.Equal(t, field+" that shows nothing", check.Problems(err), field+" REQUIRED")
		}
		a := n.published("已发布", time.Hour)
		_, err := n.Unpublish(editor, article.UnpublishInput{Article: a.ID, Reason: new("有误\x1b[31m")})
		check.Equal(t, "a reason with ESC", check.Problems(err), "reason INVALID")
		_, err = n.Unpublish(editor, article.UnpublishInput{Article: a.ID, Reason: new(strings.Repeat("长", 501))})
		check.Equal(t, "a long reason", check.Problems(err), "reason TOO_LONG")
	})
}

func TestPublishTimes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		at := func(year int, month time.Month, day, hour, minute, second int) *instant.Instant {
			return new(instant.Of(time.Date(year, month, day, hour, minute, second, 0, instant.Zone)))
		}
		now := n.Clock()
		for name, c := range map[string]struct {
			at, expires *instant.Instant
			want        string
		}{
			"now":                     {nil, nil, ""},
			"long ago":                {at(1900, 1, 1, 0, 0, 0), nil, ""},
			"before 1900":             {at(1899, 12, 31, 23, 59, 59), nil, "at INVALID"},
			"the last moment":         {at(2199, 12, 31, 23, 59, 59), nil, ""},
			"2200":                    {at(2200, 1, 1, 0, 0, 0), nil, "at INVALID"},
			"expires in the past":     {nil, new(now.Add(-time.Hour)), "expiresAt INVALID"},
			"expires now":             {nil, &now, "expiresAt INVALID"},
			"expires before it comes": {new(now.Add(2 * time.Hour)), new(now.Add(time.Hour)), "expiresAt INVALID"},
			"expires in 2200":         {nil, at(2200, 1, 1, 0, 0, 0), "expiresAt INVALID"},
			"for an hour":             {nil, new(now.Add(time.Hour)), ""},
		} {
			_, err := n.Publish(editor, article.PublishInput{Article: n.draft(name).ID, At: c.at, ExpiresAt: c.expires})
			check.Equal(t, name, check.Problems(err), c.want)
		}
		empty := n.draft("没有正文", func(in *article.CreateInput) { in.Body.Markdown = new("") })
		_, err := n.Publish(editor, article.PublishInput{Article: empty.ID})
		check.Equal(t, "an empty body", check.Problems(err), "body REQUIRED")
	})
}

func TestPutRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		early := instant.Of(time.Date(1800, 1, 1, 0, 0, 0, 0, instant.Zone))
		for want, change := range map[string]func(*article.Record){
			"id INVALID":            func(r *article.Record) { r.ID = "art_x" },
			"version INVALID":       func(r *article.Record) { r.Version = 0 },
			"viewCount INVALID":     func(r *article.Record) { r.ViewCount = -1 },
			"status INVALID":        func(r *article.Record) { r.Status = "SCHEDULED" },
			"originAddress INVALID": func(r *article.Record) { r.OriginAddress = "192.0.2.1\x00" },
			"ipRegion TOO_LONG": func(r *article.Record) {
				r.IPRegion = optional.String(strings.Repeat("南", 31))
			},
			"importKey TOO_LONG":  func(r *article.Record) { r.ImportKey = new(strings.Repeat("k", 801)) },
			"importKey INVALID":   func(r *article.Record) { r.ImportKey = new("page:\x1b1") },
			"createdAt INVALID":   func(r *article.Record) { r.CreatedAt = early },
			"updatedAt INVALID":   func(r *article.Record) { r.UpdatedAt = early },
			"publishedAt INVALID": func(r *article.Record) { r.PublishedAt = &early },
			"expiresAt INVALID":   func(r *article.Record) { r.ExpiresAt = &early },
			"title REQUIRED":      func(r *article.Record) { r.Title = "\u3164" },
		} {
			a := n.draft("要导入的")
			doc, err := n.Client(system).Body.Get(system, a.ID)
			n.Must(err)
			r, err := article.RecordOf(a, doc)
			n.Must(err)
			change(&r)
			_, err = n.Put(system, r)
			check.Equal(t, "problems", check.Problems(err), want)
		}
	})
}

// TestTakeDownAndRestore takes articles of each status down and restores them.
func TestTakeDownAndRestore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		takeDown := func(id string) (before string) {
			t.Helper()
			n.Must(n.Tx(system, func(ctx context.Context, c *ent.Client) (err error) {
				before, err = n.TakeDown(ctx, c, id, "侵权")
				return err
			}))
			return before
		}
		restore := func(id, before string) {
			t.Helper()
			n.Must(n.Tx(system, func(ctx context.Context, c *ent.Client) error { return n.Restore(ctx, c, id, before, "查无实据") }))
		}
		status := func(id string) entarticle.Status {
			t.Helper()
			a, err := n.Client(system).Article.Get(system, id)
			n.Must(err)
			return a.Status
		}
		draft, shown := n.draft("草稿"), n.published("已发布", time.Hour)
		for _, a := range []*ent.Article{draft, shown} {
			before := takeDown(a.ID)
			check.Equal(t, "the status to restore", before, a.Status)
			if _, err := n.Get(anybody, &a.ID, nil); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s is still visible: %v", a.Title, err)
			}
			_, err := n.Update(editor, article.UpdateInput{Article: a.ID, Version: a.Version + 1, Title: new("改")})
			check.Equal(t, "a change under a legal hold", check.Problems(err), "CONFLICT")
			check.Equal(t, "a delete under a legal hold", check.Problems(n.Delete(editor, a.ID)), "CONFLICT")
			restore(a.ID, before)
			check.Equal(t, "restored", status(a.ID), a.Status)
		}
		check.Equal(t, "the feed about the draft", n.log(draft.ID), []string(nil))
		check.Equal(t, "the feed about the other", n.log(shown.ID), []string{"PUBLISHED", "TAKEN_DOWN", "RESTORED"})

		n.Must(n.Client(system).Article.UpdateOneID(shown.ID).SetStatus(entarticle.StatusTAKEN_DOWN).Exec(system))
		before := takeDown(shown.ID) // imported without its takedown
		check.Equal(t, "the status to restore", before, entarticle.StatusUNPUBLISHED)
		restore(shown.ID, before)
		check.Equal(t, "restored", status(shown.ID), entarticle.StatusUNPUBLISHED)
		takeDown(draft.ID)
		restore(draft.ID, "TAKEN_DOWN") // as an older version recorded it
		check.Equal(t, "restored", status(draft.ID), entarticle.StatusUNPUBLISHED)
	})
}

// TestReadErrors asserts that a read that fails names its operation and returns no value.
func TestReadErrors(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		a := n.published("甲", time.Hour, func(in *article.CreateInput) { in.Tags = []string{"养老"} })
		gone, cancel := context.WithCancel(editor)
		cancel()
		ids, of := []string{a.ID}, []*ent.Article{a}
		for want, read := range map[string]func() (any, error){
			"read an article":     func() (any, error) { v, err := n.Get(gone, &a.ID, nil); return v == nil, err },
			"read articles by id": func() (any, error) { v, err := n.ByIDs(gone, ids); return v == nil, err },
			"read the documents":  func() (any, error) { v, err := n.Bodies(gone, ids); return v == nil, err },
			"list articles:": func() (any, error) {
				v, err := n.List(gone, nil, "PUBLISHED_DESC", pagination.Request{})
				return v == nil, err
			},
			"list articles by": func() (any, error) {
				v, err := n.ListByOwners(gone, entarticle.FieldPublisherID, []string{n.house}, true, nil, "VIEWS_DESC", pagination.Request{})
				return v == nil, err
			},
			"count articles": func() (any, error) {
				v, err := n.CountByOwners(gone, entarticle.FieldPublisherID, []string{n.house}, nil)
				return v == nil, err
			},
			"follow the tree of categories": func() (any, error) {
				v, err := n.CountByOwners(gone, entarticle.FieldCategoryID, []string{n.news}, nil)
				return v == nil, err
			},
			"read the neighbours":               func() (any, error) { v, err := n.Next(gone, of, nil); return v == nil, err },
			"read the articles that share tags": func() (any, error) { v, err := n.Related(gone, of, 3, nil); return v == nil, err },
			"read the revisions":                func() (any, error) { v, err := n.Revisions(gone, ids, 3); return v == nil, err },
			"read revisions by id":              func() (any, error) { v, err := n.RevisionsByID(gone, ids); return v == nil, err },
			"look up the article of an import":  func() (any, error) { v, err := n.ByImportKey(gone, "page:1"); return v.ID == "", err },
			"read the scheduled articles that":  func() (any, error) { return true, n.LogDue(gone) },
		} {
			none, err := read()
			if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, context.Canceled) || none != true {
				t.Errorf("%s: no value %v, %v", want, none, err)
			}
		}
		if _, err := n.Get(editor, nil, nil); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("neither an id nor a slug: %v", err)
		}
		if _, err := n.Get(editor, new(typeid.New(typeid.Article, n.Clock())), nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such article: %v", err)
		}
	})
}
