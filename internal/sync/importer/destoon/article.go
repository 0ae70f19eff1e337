package destoon

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/tonggao/tonggao/internal/sync/importer/mysql"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// Statuses of articles. Older versions have also 4, of articles that have expired.
const (
	recycled  = 0
	rejected  = 1
	published = 3
)

func (r *reader) readArticles(ctx context.Context) error {
	for _, m := range r.modules {
		err := r.tables.Each(ctx, r.prefix+"article_"+m.id, "itemid", func(rows []mysql.Row) error {
			texts, err := r.texts(ctx, m, rows)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if err := r.article(m, row, texts); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// texts returns the rows with the texts of articles: of the table of the module, or of
// those among which a module divides them (destoon_21_1).
func (r *reader) texts(ctx context.Context, m module, rows []mysql.Row) (map[int64]string, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.Int("itemid")
	}
	tables := []string{r.prefix + "article_data_" + m.id}
	for _, name := range r.tables.Names() {
		if strings.HasPrefix(name, r.prefix+m.id+"_") {
			tables = append(tables, name)
		}
	}
	texts := map[int64]string{}
	for _, table := range tables {
		found, err := r.tables.In(ctx, table, "itemid", ids)
		if err != nil {
			return nil, err
		}
		for _, row := range found {
			if texts[row.Int("itemid")] == "" {
				texts[row.Int("itemid")] = row["content"]
			}
		}
	}
	return texts, nil
}

// article yields the article of a row.
func (r *reader) article(m module, row mysql.Row, texts map[int64]string) error {
	id := row["itemid"]
	a := &record.Article{Common: record.Common{Key: "article/" + m.id + "/" + id, Where: "article " + id}, Format: record.HTML,
		Title: html.UnescapeString(row["title"]), Subtitle: html.UnescapeString(row["subtitle"]), Lead: html.UnescapeString(row["introduce"]), Author: row["author"],
		SourceName: row["copyfrom"], SourceURL: row["fromurl"], Cover: row["thumb"], Tags: tags(row), Views: row.Int("hits"),
		CreatedAt: moment(row.Int("addtime")), UpdatedAt: moment(row.Int("edittime")), OriginAddress: row["ip"]}
	switch row.Int("status") {
	case recycled:
		a.Status = record.Hidden
	case rejected, rejected + 1: // and waiting
		a.Status = record.Draft
	case published:
		a.Status = record.Published
	default:
		a.Status = record.Hidden
		a.Lost = append(a.Lost, "its status "+row["status"]+" is unknown, so it is not published")
	}
	if a.PublishedAt = moment(row.Int("addtime")); a.Status == record.Draft {
		a.PublishedAt = 0
	}
	if catid := row.Int("catid"); r.categories[catid] {
		a.Category = fmt.Sprintf("category/%d", catid)
	} else if catid != 0 {
		a.Lost = append(a.Lost, fmt.Sprintf("its category %d does not exist", catid))
	}
	if area := row.Int("areaid"); r.areas[area] {
		a.Region = fmt.Sprintf("region/%d", area)
	}
	var err error
	if a.Publisher, err = r.publisher(row["username"]); err != nil {
		return err
	}
	m.addresses(row, a)
	a.Text = text(row, a, texts[row.Int("itemid")])
	r.rest(row, a)
	return r.yield(a)
}

// addresses sets the addresses of the article.
func (m module) addresses(row mysql.Row, a *record.Article) {
	id := row["itemid"]
	a.Base = m.at("show.php?itemid=" + id)
	a.Paths = []string{a.Base, m.at("show-" + id + ".html")}
	if path := row["filepath"]; path != "" {
		a.Paths = append(a.Paths, m.at(path))
	}
	if link := row["linkurl"]; link != "" && row["islink"] != "1" {
		a.Paths = append(a.Paths, m.at(link))
	}
	slices.Sort(a.Paths)
	a.Paths = slices.Compact(a.Paths)
}

var pageBreak = regexp.MustCompile(`(?i)(?:<p[^>]*>\s*)?(?:<hr[^>]*class="?de-pagebreak"?[^>]*>|\[pagebreak\])(?:\s*</p>)?`)

// text returns the text of an article, all pages in one. An article that is a link to
// another site has that link as its text.
func text(row mysql.Row, a *record.Article, content string) string {
	if row["islink"] == "1" && row["linkurl"] != "" {
		a.Lost = append(a.Lost, "it was a link to "+row["linkurl"]+", which is its text now")
		if a.SourceURL == "" {
			a.SourceURL = row["linkurl"]
		}
		return `<p><a href="` + html.EscapeString(row["linkurl"]) + `">` + html.EscapeString(a.Title) + `</a></p>` + content
	}
	return pageBreak.ReplaceAllString(content, "")
}

// rest notes what an article has that has no place in its record.
func (r *reader) rest(row mysql.Row, a *record.Article) {
	for _, name := range []string{"level", "style", "template", "likes", "hates", "favorites"} {
		value := row[name]
		if value == "" || value == "0" {
			continue
		}
		if a.Facts == nil {
			a.Facts = map[string]string{}
		}
		a.Facts[name] = value
	}
	if fee := row["fee"]; fee != "" && strings.Trim(fee, "0.") != "" {
		a.Lost = append(a.Lost, "reading it cost "+fee+", and is free now")
	}
	if row["voteid"] != "" && row["voteid"] != "0" {
		a.Lost = append(a.Lost, "its vote "+row["voteid"]+" has no place here")
	}
}

// tags returns the tags of a row: of its tag, or else its keywords.
func tags(row mysql.Row) []string {
	given := row["tag"]
	if strings.TrimSpace(given) == "" {
		given = row["keyword"]
	}
	return strings.FieldsFunc(given, func(r rune) bool {
		return r == ',' || r == ' ' || r == '，' || r == '、' || r == '|' || r == '\u3000'
	})
}

// readComments yields the comments on articles.
func (r *reader) readComments(ctx context.Context) error {
	others := 0
	err := r.tables.Each(ctx, r.prefix+"comment", "itemid", func(rows []mysql.Row) error {
		for _, row := range rows {
			if _, ok := r.module(row["item_mid"]); !ok {
				others++
				continue
			}
			if err := r.comment(row); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
	if err != nil || others == 0 {
		return err
	}
	return r.yield(&record.Note{Common: record.Common{Key: "comments", Where: "comments", Lost: []string{fmt.Sprintf("%d comments on something else than articles have no place here", others)}}})
}

// comment yields a comment and, where the editors answered it, their reply.
func (r *reader) comment(row mysql.Row) error {
	id := row["itemid"]
	article := "article/" + row["item_mid"] + "/" + row["item_id"]
	c := &record.Comment{Common: record.Common{Key: "comment/" + id, Where: "comment " + id}, Article: article,
		Author: row["passport"], Text: row["content"], CreatedAt: moment(row.Int("addtime")), OriginAddress: row["ip"], Status: record.Pending}
	if c.Author == "" {
		c.Author = row["username"]
	}
	if row["hidden"] == "1" { // anonymous
		c.Author = ""
	}
	if row.Int("status") == published {
		c.Status = record.Published
	}
	if quoted := row["qid"]; quoted != "" && quoted != "0" {
		c.Quote = "comment/" + quoted
	}
	if err := r.yield(c); err != nil || strings.TrimSpace(row["reply"]) == "" {
		return err
	}
	return r.yield(&record.Comment{Common: record.Common{Key: "comment/" + id + "/reply", Where: "reply to comment " + id}, Article: article, Parent: c.Key,
		Author: row["replyer"], Text: row["reply"], CreatedAt: moment(row.Int("replytime")), Status: c.Status})
}
