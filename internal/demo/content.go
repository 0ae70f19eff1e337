package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/article"
	"github.com/tonggao/tonggao/internal/gid"
	"github.com/tonggao/tonggao/internal/instant"
	"github.com/tonggao/tonggao/internal/maybe"
	"github.com/tonggao/tonggao/internal/terminal"
	"github.com/tonggao/tonggao/internal/workday"
)

const day = 24 * time.Hour

// shownArticle is an article that readers see, and so comment on.
type shownArticle struct {
	id string
	at instant.Instant
}

// takenBack are the numbers of two articles that were taken back.
var takenBack = []int{57, 163}

// article writes a manuscript; it returns nil for one that readers do not see.
func (f *filling) article(ctx context.Context, number int, m manuscript) (*shownArticle, error) {
	for what, known := range map[string]bool{
		"category " + m.category: f.categories[m.category] != "", "publisher " + m.publisher: f.publishers[m.publisher] != "",
		"region " + m.region: m.region == "" || f.regions[m.region] != "",
	} {
		if !known {
			return nil, fmt.Errorf("there is no %s", what)
		}
	}
	at := f.now.Add(-m.age)
	created := min(at, f.now).Add(-time.Duration(20+f.random.IntN(300)) * time.Minute)
	r := article.Record{
		ID: f.ids.New(gid.Article, created), Status: entarticle.StatusPUBLISHED, PublishedAt: &at,
		CreatedAt: created, UpdatedAt: min(at, f.now), Version: 1, OriginAddress: f.address(),
		Content: article.Content{
			Slug: m.slug, Title: m.title, Subtitle: maybe.String(m.subtitle), Lead: maybe.String(m.lead),
			Author: maybe.String(byline(m.author)), SourceName: maybe.String(m.source), SourceURL: maybe.String(m.sourceURL),
			Cover: maybe.String(cover(m.cover)), Tags: m.tags, AIGenerated: m.ai, Sponsored: m.ad, CommentsOpen: true,
			Terminals: terminal.All(), Category: f.categories[m.category], Region: maybe.String(f.regions[m.region]),
			Publisher: f.publishers[m.publisher], Body: m.body,
		},
	}
	visible := m.status == ""
	switch {
	case m.status == "draft":
		r.Status, r.PublishedAt = entarticle.StatusDRAFT, nil
	case slices.Contains(takenBack, number):
		r.Status, visible = entarticle.StatusUNPUBLISHED, false
	}
	if visible {
		r.ViewCount = f.views(m.age)
	}
	if _, err := f.articles.Put(ctx, r); err != nil {
		return nil, err
	}
	if !visible {
		return nil, nil
	}
	return &shownArticle{r.ID, at}, f.viewDays(ctx, r)
}

// byline is the author without the 文/ of printed pages; 匿名 is nobody.
func byline(author string) string {
	author = strings.TrimPrefix(strings.TrimPrefix(author, "文/"), "文\uff0f")
	if author == "匿名" {
		return ""
	}
	return author
}

// address is one from the ranges that RFC 5737 and RFC 3849 set aside.
func (f *filling) address() string {
	host := 1 + f.random.IntN(254)
	switch f.random.IntN(4) {
	case 0:
		return fmt.Sprintf("192.0.2.%d", host)
	case 1:
		return fmt.Sprintf("198.51.100.%d", host)
	case 2:
		return fmt.Sprintf("203.0.113.%d", host)
	default:
		return fmt.Sprintf("2001:db8:%x::%x", f.random.IntN(1<<16), host)
	}
}

// views is how often an article of that age was read: most a little, a few a lot.
func (f *filling) views(age time.Duration) int64 {
	base := 12 + min(age.Hours(), 30*24)*0.9
	return int64(base * (0.3 + f.random.ExpFloat64()))
}

// viewDays spreads the newest of an article's views over the last days.
func (f *filling) viewDays(ctx context.Context, r article.Record) error {
	today := int(f.now.Time().Add(8*time.Hour).Unix() / int64(day/time.Second))
	for back := range 7 {
		if f.now.Add(-time.Duration(back)*day) < *r.PublishedAt && back > 0 {
			return nil
		}
		views := r.ViewCount / int64(8+back+f.random.IntN(20))
		if views == 0 {
			continue
		}
		if err := f.client.ViewDay.Create().SetArticleID(r.ID).SetDay(today - back).SetViews(views).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

var readers = []string{"", "", "青屿老王", "桂花巷口", "护理员小祁", "林阿姨", "一碗面", "晒太阳的猫", "老葛", "秋声"}

// comments writes what readers say: nothing under some articles, a lot under
// others.
func (f *filling) comments(ctx context.Context, under []*shownArticle) error {
	texts := lines("comments.txt")
	for _, a := range under {
		var seen []string // comments that can be answered
		n := int(f.random.ExpFloat64() * 2.5)
		for range min(n, 25) {
			text := texts[f.random.IntN(len(texts))]
			c, err := f.comment(ctx, a, text, seen)
			if err != nil {
				return err
			}
			if c.Status == comment.StatusAPPROVED {
				seen = append(seen, c.ID)
			}
		}
		if err := f.client.Article.UpdateOneID(a.id).SetCommentCount(len(seen)).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (f *filling) comment(ctx context.Context, a *shownArticle, text string, seen []string) (*ent.Comment, error) {
	at := a.at.Add(time.Duration(f.random.Float64() * float64(f.now.Sub(a.at))))
	status := comment.StatusAPPROVED
	switch dice := f.random.IntN(100); {
	case strings.ContainsAny(text, "微信电话QQ") && dice < 90, dice < 6:
		status = comment.StatusREJECTED
	case dice < 24:
		status = comment.StatusPENDING
	}
	create := f.client.Comment.Create().SetID(f.ids.New(gid.Comment, at)).SetArticleID(a.id).SetText(text).
		SetAuthor(maybe.String(readers[f.random.IntN(len(readers))])).SetStatus(status).SetCreatedAt(at).SetUpdatedAt(at).
		SetOriginAddress(f.address())
	if len(seen) > 0 && f.random.IntN(3) == 0 {
		create.SetParentID(seen[f.random.IntN(len(seen))])
	}
	return create.Save(ctx)
}

// reports writes what readers complain of; some are decided, some overdue.
func (f *filling) reports(ctx context.Context, about []*shownArticle) error {
	calendar := workday.Official()
	for i, line := range lines("reports.txt") {
		kind, statement, _ := strings.Cut(line, "|")
		filed := f.now.Add(-time.Duration(i*i*5+1) * time.Hour)
		create := f.client.Report.Create().SetID(f.ids.New(gid.Report, filed)).SetKind(report.Kind(kind)).
			SetTarget(about[f.random.IntN(len(about))].id).SetStatement(statement).SetReceipt(f.receipt()).
			SetFiledAt(filed).SetDueAt(calendar.Deadline(filed, 3)).SetOriginAddress(f.address())
		switch {
		case i%4 == 2:
			create.SetStatus(report.StatusUPHELD).SetReason("情况属实\uff0c已处理。").SetDecidedAt(filed.Add(20 * time.Minute))
		case i%4 == 3:
			create.SetStatus(report.StatusREJECTED).SetReason("未发现所述问题。").SetDecidedAt(filed.Add(40 * time.Minute))
		}
		if err := create.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (f *filling) receipt() string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	number := []byte("R")
	for i := range 16 {
		if i%4 == 0 {
			number = append(number, '-')
		}
		number = append(number, alphabet[f.random.IntN(len(alphabet))])
	}
	return string(number)
}
