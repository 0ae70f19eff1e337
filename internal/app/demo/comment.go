package demo

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tonggao/tonggao/ent"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/workday"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// commenters are the names under comments; most are left out.
var commenters = []string{"", "", "青屿老王", "桂花巷口", "护理员小祁", "林阿姨", "一碗面", "晒太阳的猫", "老葛", "秋声"}

// advertisements are phrases of the advertisements in comments.txt, which a moderator
// always rejects.
var advertisements = []string{"量大从优", "无效退款", "日赚三百", "不看征信", "免费领鸡蛋", "不用考试", "高价收购", "预存五万"}

// maxComments bounds the comments under an article.
const maxComments = 25

// A writtenComment is a comment that is in the database.
type writtenComment struct {
	id string
	at instant.Instant
}

// comments writes a random number of comments under each article.
func (f *builder) comments(ctx context.Context, under []*publishedArticle) error {
	texts := lines("comments.txt")
	for _, a := range under {
		n := min(int(f.random.ExpFloat64()*2.5), maxComments)
		if n == 0 {
			continue
		}
		times := make([]instant.Instant, n)
		for i := range times {
			times[i] = a.at.Add(time.Duration(f.random.Float64() * float64(f.now.Sub(a.at))))
		}
		slices.Sort(times) // no comment answers a later one
		var seen []string  // IDs of comments that can be answered
		for i, text := range f.random.Perm(len(texts))[:n] {
			c, err := f.comment(ctx, a, texts[text], times[i], seen)
			if err != nil {
				return err
			}
			if c.Status == entcomment.StatusAPPROVED {
				seen = append(seen, c.ID)
			}
			f.written = append(f.written, writtenComment{c.ID, times[i]})
		}
		if err := f.client.Article.UpdateOneID(a.id).SetCommentCount(len(seen)).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// comment writes one comment, as an answer to one of seen in a third of all cases.
func (f *builder) comment(ctx context.Context, a *publishedArticle, text string, at instant.Instant, seen []string) (*ent.Comment, error) {
	status, reason := f.moderate(text)
	decided := at
	if status != entcomment.StatusPENDING {
		decided = min(f.now, at.Add(time.Duration(2+f.random.IntN(180))*time.Minute))
	}
	address, region := f.address()
	create := f.client.Comment.Create().SetID(f.ids.New(typeid.Comment, at)).SetArticleID(a.id).SetText(text).
		SetAuthor(optional.String(commenters[f.random.IntN(len(commenters))])).SetStatus(status).SetReason(reason).
		SetCreatedAt(at).SetUpdatedAt(decided).SetOriginAddress(address).SetIPRegion(region)
	if len(seen) > 0 && f.random.IntN(3) == 0 {
		create.SetParentID(seen[f.random.IntN(len(seen))])
	}
	c, err := create.Save(ctx)
	if err == nil && status == entcomment.StatusAPPROVED {
		f.record(changefeed.CommentEntry(changefeed.Created, c, 1))
	}
	return c, err
}

// moderate returns what a moderator decides about a comment.
func (f *builder) moderate(text string) (status entcomment.Status, reason string) {
	roll := f.random.IntN(100)
	switch {
	case slices.ContainsFunc(advertisements, func(phrase string) bool { return strings.Contains(text, phrase) }):
		return entcomment.StatusREJECTED, "广告"
	case roll < 4:
		return entcomment.StatusREJECTED, "与文章无关"
	case roll < 20:
		return entcomment.StatusPENDING, ""
	}
	return entcomment.StatusAPPROVED, ""
}

// reports writes reports of articles and comments; some are decided, some overdue.
func (f *builder) reports(ctx context.Context, articles []*publishedArticle) error {
	calendar := workday.Official()
	for i, line := range lines("reports.txt") {
		kind, statement, _ := strings.Cut(line, "|")
		filed := f.now.Add(-time.Duration(i*i*5+1) * time.Hour)
		address, _ := f.address()
		due := calendar.Deadline(filed, 3)
		create := f.client.Report.Create().SetID(f.ids.New(typeid.Report, filed)).SetKind(report.Kind(kind)).
			SetTarget(f.target(statement, filed, articles)).SetStatement(statement).SetReceipt(f.receipt()).
			SetFiledAt(filed).SetDueAt(due).SetOriginAddress(address)
		switch i % 4 {
		case 2:
			create.SetStatus(report.StatusUPHELD).SetReason("情况属实\uff0c已处理。").SetDecidedAt(filed.Add(20 * time.Minute))
		case 3:
			create.SetStatus(report.StatusREJECTED).SetReason("未发现所述问题。").SetDecidedAt(filed.Add(40 * time.Minute))
		default:
			create.SetAlarmAt(due.Add(-24 * time.Hour))
		}
		if err := create.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// target returns an item that existed when a report was filed: a comment if the
// statement is about one, otherwise an article.
func (f *builder) target(statement string, filed instant.Instant, articles []*publishedArticle) string {
	var candidates []string
	if strings.Contains(statement, "评论") {
		for _, s := range f.written {
			if s.at < filed {
				candidates = append(candidates, s.id)
			}
		}
	} else {
		for _, a := range articles {
			if a.at < filed {
				candidates = append(candidates, a.id)
			}
		}
	}
	return candidates[f.random.IntN(len(candidates))]
}

// receipt returns what is stored of the receipt of a report. No reporter has the receipt.
func (f *builder) receipt() string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	stored := []byte("demo.")
	for range 16 {
		stored = append(stored, alphabet[f.random.IntN(len(alphabet))])
	}
	return string(stored)
}
