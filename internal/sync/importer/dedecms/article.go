package dedecms

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

// Ranks below zero hide an archive; those above are of readers who may see it.
const (
	waiting  = -1
	recycled = -2
)

func (r *reader) readArticles(ctx context.Context) error {
	return r.tables.Each(ctx, r.prefix+"archives", "id", func(rows []mysql.Row) error {
		texts, err := r.texts(ctx, rows)
		if err != nil {
			return err
		}
		tags, err := r.tags(ctx, rows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			a := r.article(row, texts[row.Int("id")])
			a.Tags = tags[row.Int("id")]
			if err := r.yield(a); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

// texts returns the rows with the texts of archives, which are in a table of their channel.
func (r *reader) texts(ctx context.Context, rows []mysql.Row) (map[int64]mysql.Row, error) {
	ids := map[string][]int64{} // by table
	for _, row := range rows {
		if table := r.channels[row["channel"]]; table != "" {
			ids[table] = append(ids[table], row.Int("id"))
		}
	}
	texts := map[int64]mysql.Row{}
	for table, list := range ids {
		found, err := r.tables.In(ctx, table, "aid", list)
		if err != nil {
			return nil, err
		}
		for _, row := range found {
			texts[row.Int("aid")] = row
		}
	}
	return texts, nil
}

// tags returns the tags of archives, sorted.
func (r *reader) tags(ctx context.Context, rows []mysql.Row) (map[int64][]string, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.Int("id")
	}
	found, err := r.tables.In(ctx, r.prefix+"taglist", "aid", ids)
	tags := map[int64][]string{}
	for _, row := range found {
		tags[row.Int("aid")] = append(tags[row.Int("aid")], row["tag"])
	}
	for _, list := range tags {
		slices.Sort(list)
	}
	return tags, err
}

// article returns the article of a row and of the row with its text, which may be nil.
func (r *reader) article(row, more mysql.Row) *record.Article {
	id := row["id"]
	a := &record.Article{Common: record.Common{Key: "article/" + id, Where: "archive " + id}, Format: record.HTML,
		Title: html.UnescapeString(row["title"]), Lead: html.UnescapeString(row["description"]), Author: row["writer"], SourceName: row["source"], Cover: row["litpic"], Views: row.Int("click"),
		PublishedAt: moment(row.Int("pubdate")), CreatedAt: moment(row.Int("senddate")), OriginAddress: more["userip"], CommentsClosed: row["notpost"] == "1"}
	if r.members[row["mid"]] {
		a.Publisher = "publisher/" + row["mid"]
	}
	switch rank := row.Int("arcrank"); {
	case rank == waiting:
		a.Status = record.Draft
		a.PublishedAt = 0
	case rank <= recycled:
		a.Status = record.Hidden
	case rank > 0:
		a.Status = record.Hidden
		a.Lost = append(a.Lost, fmt.Sprintf("only readers of the rank %d saw it, and there are none here, so it is not published", rank))
	default:
		a.Status = record.Published
	}
	category := row.Int("typeid")
	if r.categories[category] != nil {
		a.Category = fmt.Sprintf("category/%d", category)
	} else if category != 0 {
		a.Lost = append(a.Lost, fmt.Sprintf("its category %d does not exist", category))
	}
	if others := strings.Trim(row["typeid2"], "0, "); others != "" {
		a.Lost = append(a.Lost, "it is in one category here; without "+others)
	}
	r.addresses(row, a)
	a.Text = text(a, more)
	rest(row, a)
	return a
}

// addresses sets the addresses of the article: the dynamic ones, and the static one
// after the rule of its category.
func (r *reader) addresses(row mysql.Row, a *record.Article) {
	id := row["id"]
	a.Base = r.address + r.path + "/plus/view.php?aid=" + id
	if r.address == "" {
		a.Base = ""
	}
	a.Paths = []string{r.path + "/plus/view.php?aid=" + id}
	category := r.categories[row.Int("typeid")]
	at := moment(row.Int("senddate"))
	if category == nil || at == 0 {
		return
	}
	rule, t := category["namerule"], at.Time()
	if rule == "" {
		rule = "{typedir}/{Y}/{M}{D}/{aid}.html"
	}
	path := strings.NewReplacer("{typedir}", r.directory(category), "{cmspath}", r.path, "{Y}", t.Format("2006"), "{y}", t.Format("06"), "{M}", t.Format("01"), "{m}", t.Format("01"),
		"{D}", t.Format("02"), "{d}", t.Format("02"), "{timestamp}", row["senddate"], "{aid}", id, "{tid}", row["typeid"]).Replace(rule)
	if name := strings.TrimSpace(row["filename"]); name != "" {
		path = path[:strings.LastIndexByte(path, '/')+1] + strings.TrimSuffix(name, ".html") + ".html"
	}
	if strings.HasPrefix(path, "/") && !strings.ContainsAny(path, "{}") {
		a.Paths = append(a.Paths, path)
	}
}

var (
	page    = regexp.MustCompile(`#p#(.*?)#e#`)
	picture = regexp.MustCompile(`(?s)\{dede:img([^}]*)\}(.*?)\{/dede:img\}`)
	caption = regexp.MustCompile(`text='([^']*)'`)
	link    = regexp.MustCompile(`(?s)\{dede:link([^}]*)\}(.*?)\{/dede:link\}`)
)

// text returns the text of an archive, all pages in one, with the titles of the pages as
// headings. Pictures of an album and files of software follow it.
func text(a *record.Article, more mysql.Row) string {
	var out strings.Builder
	if target := more["redirecturl"]; target != "" {
		a.Lost = append(a.Lost, "it was a link to "+target+", which is in its text now")
		_, _ = fmt.Fprintf(&out, `<p><a href="%s">%s</a></p>`, html.EscapeString(target), html.EscapeString(a.Title))
	}
	content := more["body"]
	for _, column := range []string{"introduce", "note"} { // of software, of a topic
		if content == "" {
			content = more[column]
		}
	}
	out.WriteString(page.ReplaceAllStringFunc(content, func(mark string) string {
		title := html.EscapeString(html.UnescapeString(page.FindStringSubmatch(mark)[1]))
		if title == "" || title == "分页标题" || title == "副标题" { // as the editor writes it
			return ""
		}
		return "<h2>" + title + "</h2>"
	}))
	for _, m := range picture.FindAllStringSubmatch(more["imgurls"], -1) {
		_, _ = fmt.Fprintf(&out, `<figure><img src="%s">`, html.EscapeString(strings.TrimSpace(m[2])))
		if c := caption.FindStringSubmatch(m[1]); c != nil {
			out.WriteString("<figcaption>" + html.EscapeString(c[1]) + "</figcaption>")
		}
		out.WriteString("</figure>")
	}
	for _, m := range link.FindAllStringSubmatch(more["softlinks"], -1) {
		name := strings.TrimSpace(m[2])
		if c := caption.FindStringSubmatch(m[1]); c != nil && c[1] != "" {
			name = c[1]
		}
		_, _ = fmt.Fprintf(&out, `<p><a href="%s">%s</a></p>`, html.EscapeString(strings.TrimSpace(m[2])), html.EscapeString(name))
	}
	return out.String()
}

// rest notes what an archive has that has no place in its record.
func rest(row mysql.Row, a *record.Article) {
	for _, name := range []string{"flag", "shorttitle", "color", "keywords", "weight", "goodpost", "badpost"} {
		if value := row[name]; value != "" && value != "0" {
			if a.Facts == nil {
				a.Facts = map[string]string{}
			}
			a.Facts[name] = value
		}
	}
	if row.Int("money") > 0 {
		a.Lost = append(a.Lost, "reading it cost "+row["money"]+", and is free now")
	}
	if row.Int("voteid") > 0 {
		a.Lost = append(a.Lost, "its vote "+row["voteid"]+" has no place here")
	}
}

var quoted = regexp.MustCompile(`(?s)\{quote\}.*\{/quote\}`)

// readComments yields the comments.
func (r *reader) readComments(ctx context.Context) error {
	return r.tables.Each(ctx, r.prefix+"feedback", "id", func(rows []mysql.Row) error {
		for _, row := range rows {
			id := row["id"]
			c := &record.Comment{Common: record.Common{Key: "comment/" + id, Where: "comment " + id}, Article: "article/" + row["aid"], Author: row["username"],
				Text: row["msg"], CreatedAt: moment(row.Int("dtime")), OriginAddress: row["ip"], Status: record.Pending}
			if row["ischeck"] == "1" {
				c.Status = record.Published
			}
			if parent := row["fid"]; parent != "" && parent != "0" {
				c.Parent = "comment/" + parent
			}
			if found := quoted.FindString(c.Text); found != "" {
				c.Text = quoted.ReplaceAllString(c.Text, "")
				c.Lost = append(c.Lost, "the text that it quotes: "+strings.TrimSuffix(strings.TrimPrefix(found, "{quote}"), "{/quote}"))
			}
			if err := r.yield(c); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}
