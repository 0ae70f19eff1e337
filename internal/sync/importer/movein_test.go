package importer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/ent/category"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/content/media/disk"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
)

// oldSite is a site in memory.
type oldSite struct {
	records []record.Record
	files   map[string][]byte
	err     error // at the end
}

func (s *oldSite) Address() string { return "https://www.yundu.example" }

func (s *oldSite) Records(_ context.Context, yield func(record.Record) error) error {
	for _, r := range s.records {
		if err := yield(r); err != nil {
			return err
		}
	}
	return s.err
}

func (s *oldSite) Open(address string) (io.ReadCloser, error) {
	if data, ok := s.files[address]; ok {
		return io.NopCloser(bytes.NewReader(data)), nil
	}
	return nil, record.ErrNoFile
}

// marchOf returns a day of March 2024.
func marchOf(day int) instant.Instant {
	return instant.Of(time.Date(2024, 3, day, 8, 0, 0, 0, instant.Zone))
}

// yundu returns a small site.
func yundu() *oldSite {
	return &oldSite{records: []record.Record{
		&record.Category{Common: record.Common{Key: "category/1", Where: "category 1"}, Name: "行业新闻", Slug: "news", Paths: []string{"/news/"}},
		&record.Category{Common: record.Common{Key: "category/2", Where: "category 2"}, Parent: "category/1", Name: "行业动态", Slug: "News_Dynamic"},
		&record.Region{Common: record.Common{Key: "region/1", Where: "area 1"}, Name: "云渡市"},
		&record.Publisher{Common: record.Common{Key: "publisher/lin", Where: "member lin"}, Name: "林小满", CreatedAt: marchOf(1)},
		&record.Article{Common: record.Common{Key: "article/1", Where: "article 1", Lost: []string{"the award of 2.00 has no place here"}},
			Title: "渡口旁的\n长者食堂", Category: "category/2", Region: "region/1", Publisher: "publisher/lin", Status: record.Published, PublishedAt: marchOf(2),
			Views: 597, Tags: []string{"助餐", "助餐", "渡口"}, SourceName: "云渡日报", SourceURL: "https://paper.yundu.example/1", Slug: "canteen",
			Text: `<p>一碗素面八元。<a href="two.html">菜单</a></p><form><input value="订餐"></form>`, Base: "https://www.yundu.example/news/one.html",
			Paths: []string{"https://www.yundu.example/news/one.html", "/news/show.php?itemid=1"}, Facts: map[string]string{"level": "2"}},
		&record.Article{Common: record.Common{Key: "article/2", Where: "article 2"}, Title: "菜单", Status: record.Published, PublishedAt: marchOf(3)},
		&record.Comment{Common: record.Common{Key: "comment/1", Where: "comment 1"}, Article: "article/1", Author: "老葛", Text: "好吃。<br/>不贵&hellip;", Status: record.Published, CreatedAt: marchOf(4)},
		&record.Comment{Common: record.Common{Key: "comment/2", Where: "comment 2"}, Article: "article/1", Parent: "comment/1", Text: "贵了。", Status: record.Pending, CreatedAt: marchOf(5)},
	}}
}

// article returns the article with a key suffix of a site.
func (s *oldSite) article(key string) *record.Article {
	for _, r := range s.records {
		if r.Head().Key == key {
			return r.(*record.Article)
		}
	}
	panic("no " + key)
}

func (h *portal) moveIn(from *oldSite) importer.Summary {
	h.Helper()
	var sum importer.Summary
	if err := h.importer.MoveIn(context.Background(), "yundu.sql", "test", from, &sum, func(int) {}); err != nil {
		h.Fatalf("move in: %v", err)
	}
	return sum
}

// summaryOf returns the summary and what it lists, one a line.
func summaryOf(sum importer.Summary) string {
	var b strings.Builder
	for _, r := range append(sum.Skips, sum.Rejected...) {
		_, _ = fmt.Fprintln(&b, r)
	}
	sum.Write(&b)
	_, _ = fmt.Fprintln(&b, &sum)
	return b.String()
}

const cameIn = `lost: yundu.sql, article 1: the award of 2.00 has no place here
lost: yundu.sql, article 1: a button or form field was left out: 订餐
lost: yundu.sql, article 2: it has no text, so it is a draft
Article    created 2, updated 0, unchanged 0
Category   created 2, updated 0, unchanged 0
Comment    created 2, updated 0, unchanged 0
Publisher  created 1, updated 0, unchanged 0
Region     created 1, updated 0, unchanged 0
created 8, updated 0, unchanged 0, rejected 0, 3 losses
`

// TestMoveIn imports a site, rehearsed before: then again, where nothing changes, and
// again with a change, which comes alone.
func TestMoveIn(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.importer.DryRun = true
		if diff := cmp.Diff(cameIn, summaryOf(h.moveIn(yundu()))); diff != "" {
			h.Errorf("the rehearsal: %s", diff)
		}
		if h.export() != h.empty() || h.log() != "" {
			h.Error("the rehearsal wrote something")
		}
		h.importer.DryRun = false
		if diff := cmp.Diff(cameIn, summaryOf(h.moveIn(yundu()))); diff != "" {
			h.Errorf("the first import: %s", diff)
		}
		archive, log := h.export(), h.log()
		for _, want := range []string{`"slug":"news-dynamic"`, `"title":"渡口旁的 长者食堂"`, `"viewCount":597`, `"tags":["助餐","渡口"]`, `"href":"https://www.yundu.example/news/two.html"`,
			`"text":"好吃。\n不贵…","status":"APPROVED"`, `"name":"未分类"`, `"slug":"canteen"`, `"sourceUrl":"https://paper.yundu.example/1"`} {
			if !strings.Contains(archive, want) {
				h.Errorf("the archive is without %s:\n%s", want, archive)
			}
		}
		h.Advance(time.Hour)
		if sum := h.moveIn(yundu()); sum.Unchanged != 8 || sum.Created+sum.Updated != 0 || sum.Losses.Count != 0 {
			h.Errorf("the second import: %s", summaryOf(sum))
		}
		if diff := cmp.Diff(archive+log, h.export()+h.log()); diff != "" {
			h.Errorf("the second import changed: %s", diff)
		}
		newer := yundu()
		newer.article("article/1").Text, newer.article("article/1").Views = "<p>一碗素面九元。</p>", 600
		newer.records = append(newer.records, &record.Comment{Common: record.Common{Key: "comment/3", Where: "comment 3"}, Article: "article/2", Text: "来晚了。", Status: record.Published, CreatedAt: marchOf(6)})
		if sum := h.moveIn(newer); sum.Created != 1 || sum.Updated != 1 || sum.Unchanged != 7 {
			h.Errorf("the third import: %s", summaryOf(sum))
		}
		if archive := h.export(); !strings.Contains(archive, "素面九元") || !strings.Contains(archive, "来晚了") {
			h.Error("the changes did not come")
		}
	})
}

// empty returns the export of a portal without content.
func (h *portal) empty() string {
	return h.export()[:strings.IndexByte(h.export(), '\n')+1]
}

// TestMoveInEditedHere edits an article and a category here, then changes all at the source.
func TestMoveInEditedHere(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.moveIn(yundu())
		a, title := h.titled("渡口旁的 长者食堂"), "编辑改过的标题"
		if _, err := h.articles.Update(system, article.UpdateInput{Article: a.ID, Version: a.Version, Title: &title}); err != nil {
			h.Fatal(err)
		}
		h.Client(system).Category.Update().Where(category.Slug("news")).SetName("要闻").ExecX(system)
		newer := yundu()
		newer.article("article/1").Title = "源头改过的标题"
		newer.records[0].(*record.Category).Position = 7
		sum := h.moveIn(newer)
		if sum.Edited != 2 || sum.Updated != 0 || sum.Collisions.Count != 2 {
			h.Errorf("the import over edits: %s", summaryOf(sum))
		}
		if archive := h.export(); !strings.Contains(archive, title) || !strings.Contains(archive, "要闻") {
			h.Error("an edit was overwritten")
		}
		h.importer.Force = true
		if sum := h.moveIn(newer); sum.Updated != 2 || !strings.Contains(h.export(), "源头改过的标题") {
			h.Errorf("the forced import: %s", summaryOf(sum))
		}
	})
}

// TestMoveInDeletedHere deletes an article here: it comes back when asked for.
func TestMoveInDeletedHere(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.moveIn(yundu())
		a := h.titled("渡口旁的 长者食堂")
		if err := h.articles.Delete(system, a.ID); err != nil {
			h.Fatal(err)
		}
		newer := yundu()
		newer.article("article/1").Lead = "半年来卖出两万碗。"
		if sum := h.moveIn(newer); sum.Skipped != 1 || sum.Created+sum.Updated != 0 {
			h.Errorf("the import of a deleted article: %s", summaryOf(sum))
		}
		h.importer.Revive = true
		if sum := h.moveIn(newer); sum.Created != 1 || h.titled("渡口旁的 长者食堂").ID != a.ID {
			h.Errorf("the revived article: %s", summaryOf(sum))
		}
	})
}

// TestMoveInMeetsOthers moves into a portal that has some of the names and slugs already.
func TestMoveInMeetsOthers(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.page(printed) // with 行业新闻 » 行业动态
		taken := "canteen"
		a := h.only()
		if _, err := h.articles.Update(system, article.UpdateInput{Article: a.ID, Version: a.Version, Slug: &taken}); err != nil {
			h.Fatal(err)
		}
		sum := h.moveIn(yundu())
		if sum.Created != 6 || sum.Unchanged != 2 || sum.Collisions.Count != 3 {
			h.Errorf("got %s", summaryOf(sum))
		}
		if n := h.Client(system).Category.Query().Where(category.Name("行业动态")).CountX(system); n != 1 {
			h.Errorf("%d categories have the name", n)
		}
		if sum := h.moveIn(yundu()); sum.Unchanged != 8 {
			h.Errorf("again: %s", summaryOf(sum))
		}
		renamed := yundu()
		renamed.records[0].(*record.Category).Name = "源头改过的栏目"
		if sum := h.moveIn(renamed); sum.Edited != 1 || sum.Updated != 0 || strings.Contains(h.export(), "源头改过的栏目") {
			h.Errorf("what was here before was renamed: %s", summaryOf(sum))
		}
	})
}

// TestMoveInRejects imports records that cannot be written; the others come.
func TestMoveInRejects(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		from := yundu()
		deep := strings.Repeat("<p>字</p>", 60_000)
		from.records = append(from.records,
			&record.Broken{Common: record.Common{Key: "x", Where: "line 9"}, Reason: "it has 3 values for 4 columns"},
			&record.Article{Common: record.Common{Key: "article/3", Where: "article 3"}, Title: "太长", Text: deep, Status: record.Published},
			&record.Article{Common: record.Common{Key: "article/4", Where: "article 4"}, Title: "无家可归", Category: "category/99", Text: "字", Status: record.Published},
			&record.Comment{Common: record.Common{Key: "comment/9", Where: "comment 9"}, Article: "article/3", Text: "早。", Status: record.Published, CreatedAt: marchOf(9)},
			&record.Comment{Common: record.Common{Key: "comment/10", Where: "comment 10"}, Article: "article/1", Parent: "comment/404", Text: "晚。\x00\u202e", Status: record.Rejected})
		sum := h.moveIn(from)
		if len(sum.Rejected) != 4 || sum.Created != 9 {
			h.Errorf("got %s", summaryOf(sum))
		}
		text := summaryOf(sum)
		for _, want := range []string{"yundu.sql, line 9: it has 3 values", "article 3: its text cannot be read", "article 4: ", "comment 9: its article did not come", "the comment that it answered did not come"} {
			if !strings.Contains(text, want) {
				h.Errorf("without %q: %s", want, text)
			}
		}
		from.err = errors.New("the dump ends in the middle of a row")
		var again importer.Summary
		if err := h.importer.MoveIn(context.Background(), "yundu.sql", "test", from, &again, func(int) {}); !errors.Is(err, from.err) {
			h.Errorf("a broken source: %v", err)
		}
	})
}

// long site of n articles with comments.
func longSite(n int) *oldSite {
	s := yundu()
	for i := range n {
		key := fmt.Sprintf("article/%d", 100+i)
		s.records = append(s.records, &record.Article{Common: record.Common{Key: key, Where: key}, Title: fmt.Sprintf("第 %d 班渡船", i), Category: "category/2", Publisher: "publisher/lin",
			Status: record.Published, PublishedAt: marchOf(1 + i%28), Text: fmt.Sprintf("<p>第 %d 班渡船准点。</p>", i)})
	}
	for i := range n {
		key := fmt.Sprintf("comment/%d", 100+i)
		s.records = append(s.records, &record.Comment{Common: record.Common{Key: key, Where: key}, Article: fmt.Sprintf("article/%d", 100+i), Text: "准点就好。", Status: record.Published, CreatedAt: marchOf(28)})
	}
	return s
}

// TestMoveInInterrupted ends an import after each batch: the repeated one continues, and the
// result is that of an uninterrupted one.
func TestMoveInInterrupted(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		from := longSite(150)
		interrupted := 0
		for {
			ctx, cancel := context.WithCancel(context.Background())
			var sum importer.Summary
			err := h.importer.MoveIn(ctx, "a", "test", from, &sum, func(int) {
				if sum.Created > 0 {
					cancel()
				}
			})
			cancel()
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) {
				h.Fatal(err)
			}
			interrupted++
		}
		if interrupted < 3 {
			h.Errorf("it was interrupted %d times", interrupted)
		}
		c := h.Client(system)
		if a, m := c.Article.Query().CountX(system), c.Comment.Query().CountX(system); a != 152 || m != 152 {
			h.Errorf("%d articles and %d comments", a, m)
		}
	})
}

// TestMoveInPictures stores pictures of this machine and of the network, each once; one that
// could not be fetched is tried again by the next import.
func TestMoveInPictures(t *testing.T) {
	t.Parallel()
	each(t, func(h *portal) {
		h.importer.Pictures = media.New(media.Options{Store: h.Store.Store, Audit: audit.New(h.Store.Store), Files: disk.New(h.TempDir()), Limits: media.Limits{Bytes: 1 << 20, Pixels: 1_000_000}})
		from := yundu()
		from.files = map[string][]byte{"/news/local.png": imagegen.PNG(40, 30, false)}
		a := from.article("article/1")
		a.Text = `<p>图</p><img src="local.png"><img src="https://img.yundu.example/a.jpg"><img src="https://img.yundu.example/b.jpg"><img src="gone.png">`
		a.Base, a.Cover = record.NoAddress+"/news/one.html", "https://img.yundu.example/a.jpg"
		if sum := h.moveIn(from); sum.Pictures != 1 || sum.Losses.Count != 3 || sum.Failures.Count != 0 {
			h.Errorf("without the network: %s", summaryOf(sum))
		}
		var mu sync.Mutex // pictures are downloaded at once
		var asked []string
		broken := true
		h.importer.Fetch = true
		h.importer.Download = func(_ context.Context, address string) (io.ReadCloser, error) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, address)
			if broken && strings.HasSuffix(address, "b.jpg") {
				return nil, errors.New("it answers 503")
			}
			return io.NopCloser(bytes.NewReader(imagegen.JPEG(40, len(address)))), nil
		}
		if sum := h.moveIn(from); sum.Pictures != 1 || sum.Failures.Count != 1 || len(asked) != 2 {
			h.Errorf("with the network: %s %v", summaryOf(sum), asked)
		}
		if archive := h.export(); strings.Contains(archive, "site.invalid") || !strings.Contains(archive, "https://img.yundu.example/b.jpg") || strings.Contains(archive, "a.jpg") || !strings.Contains(archive, `"cover":"/media/`) {
			h.Errorf("the archive: %s", archive)
		}
		broken, asked = false, nil
		if sum := h.moveIn(from); sum.Pictures != 1 || sum.Failures.Count != 0 || len(asked) != 1 {
			h.Errorf("once more: %s %v", summaryOf(sum), asked)
		}
		asked = nil
		if sum := h.moveIn(from); sum.Unchanged != 8 || len(asked) > 0 {
			h.Errorf("at last: %s %v", summaryOf(sum), asked)
		}
	})
}
