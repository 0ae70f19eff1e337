package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/sync/archive"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// Limits of the fields of articles and comments, in characters.
const (
	titleSize, leadSize, nameSize = 200, 1000, 100
	tagSize, tagCount             = 30, 20
	commentSize, commenterSize    = 2000, 30
	urlSize                       = 2048 // bytes
)

// uncategorized is the category of articles that have none.
const uncategorized = "未分类"

func (w *writer) article(ctx context.Context, r *record.Article) error {
	if w.text.err != nil {
		return w.text.err
	}
	now := w.Store.Clock()
	here, err := w.Articles.ByImportKey(ctx, w.key)
	known := err == nil
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	a := here
	if !known {
		a = w.newArticle(r, now)
	}
	if err := w.fill(ctx, &a, r); err != nil {
		return err
	}
	// What is written gets the sizes of pictures: compared is what an earlier import read.
	w.row.item, w.row.written = a.ID, hashOf([]byte(a.Content.JSON()))[:32]
	if same := w.old != nil && w.old.written == w.row.written && !w.Force; known && !same && here.Content.JSON() != a.Content.JSON() {
		a.Version, a.UpdatedAt = here.Version+1, now
	}
	if w.skipped, err = w.skipPage(ctx, w.c, &a); err != nil || w.skipped != "" {
		return err
	}
	if known {
		if w.edited, err = w.Importer.edited(ctx, w.c, a.ID); err != nil {
			return err
		}
	}
	if w.edited {
		w.outcome = article.Unchanged
		w.collide("it changed at the source and was edited here; it stays as it is here")
	} else if err := w.putArticle(ctx, a, r); err != nil {
		return err
	}
	if w.text.complete {
		w.row.read += withPictures
	}
	if w.text.failed {
		w.row.read = ""
	}
	return w.addresses(ctx, r.Paths)
}

// putArticle writes the article, and what is known of it that has no other place.
func (w *writer) putArticle(ctx context.Context, a article.Record, r *record.Article) (err error) {
	if err := w.run.appendLog(ctx, w.c); err != nil {
		return err
	}
	if w.outcome, err = w.Articles.Put(ctx, a); err != nil {
		if lacksReference(err) {
			return fmt.Errorf("%w: %w", errReference, err)
		}
		return err
	}
	if len(r.Facts) > 0 {
		facts, err := json.Marshal(r.Facts)
		if err != nil {
			return fmt.Errorf("encode what is known of an article: %w", err)
		}
		w.row.facts = string(facts)
	}
	return nil
}

// newArticle returns the record of an article that is not here, without its content.
func (w *writer) newArticle(r *record.Article, now instant.Instant) article.Record {
	created := now
	for _, at := range []instant.Instant{r.PublishedAt, r.CreatedAt} {
		if at != 0 && instant.InRange(at) {
			created = at
		}
	}
	updated := created
	if r.UpdatedAt > created && instant.InRange(r.UpdatedAt) {
		updated = r.UpdatedAt
	}
	a := article.Record{ID: typeid.Derive(typeid.Article, created, w.key), ImportKey: &w.key, CreatedAt: created, UpdatedAt: updated, Version: 1}
	if created == now { // the source knows no time: the ID does not depend on when it was read
		a.ID = typeid.Derive(typeid.Article, 0, w.key)
	}
	a.Terminals, a.Tags, a.OriginAddress = terminal.All(), []string{}, w.clip("the network address", r.OriginAddress, nameSize)
	return a
}

// fill sets the content of an article, and its status unless that was decided here.
func (w *writer) fill(ctx context.Context, a *article.Record, r *record.Article) (err error) {
	line := func(field, text string, size int) optional.String { return optional.String(w.clip(field, text, size)) }
	a.Body = w.text.body
	if a.Title = w.clip("the title", r.Title, titleSize); a.Title == "" {
		w.lose("it has no title and is called %s", unnamed)
		a.Title = unnamed
	}
	a.Subtitle, a.Lead, a.Author = line("the subtitle", r.Subtitle, titleSize), line("the lead", r.Lead, leadSize), line("the author", r.Author, nameSize)
	a.SourceName, a.SourceURL = w.source(r)
	a.Cover, a.Tags, a.CommentsOpen = optional.String(w.text.cover), w.tags(r.Tags), !r.CommentsClosed
	a.ViewCount = max(a.ViewCount, r.Views, 0)
	if err := w.refers(ctx, a, r); err != nil {
		return err
	}
	w.setStatus(a, r)
	if a.Slug == "" {
		a.Slug, err = w.freeSlug(ctx, r.Slug, a.ID, func(ctx context.Context, s string) (bool, error) {
			return w.c.Article.Query().Where(entarticle.Slug(s), entarticle.IDNEQ(a.ID)).Exist(ctx)
		})
	}
	return err
}

// setStatus sets who may see the article.
func (w *writer) setStatus(a *article.Record, r *record.Article) {
	status := map[record.Status]entarticle.Status{record.Published: entarticle.StatusPUBLISHED, record.Hidden: entarticle.StatusUNPUBLISHED}[r.Status]
	switch {
	case status == "":
		status = entarticle.StatusDRAFT
	case status == entarticle.StatusPUBLISHED && a.Body.Empty():
		w.lose("it has no text, so it is a draft")
		status = entarticle.StatusDRAFT
	}
	if r.PublishedAt != 0 && status != entarticle.StatusDRAFT {
		if instant.InRange(r.PublishedAt) {
			a.PublishedAt = &r.PublishedAt
		} else {
			w.lose("the time of its publication is out of range")
		}
	}
	if status != entarticle.StatusDRAFT && a.PublishedAt == nil {
		a.PublishedAt = &a.CreatedAt
	}
	a.Status = status
}

// source returns the name and the address of where the article is from.
func (w *writer) source(r *record.Article) (name, address optional.String) {
	name = optional.String(w.clip("the source", r.SourceName, nameSize))
	if r.SourceURL == "" {
		return name, ""
	}
	clean, ok := body.SafeURL(r.SourceURL, body.ForLink)
	if !ok || !strings.HasPrefix(clean, "http") || len(clean) > urlSize {
		w.lose("the address of its source cannot be kept: %.200s", r.SourceURL)
		return name, ""
	}
	if name == "" {
		if u, err := url.Parse(clean); err == nil {
			name = optional.String(u.Host)
		}
	}
	return name, optional.String(clean)
}

// tags returns the tags that fit.
func (w *writer) tags(given []string) []string {
	tags, seen := []string{}, map[string]bool{}
	for _, tag := range given {
		if tag = w.clip("a tag", tag, tagSize); tag == "" || seen[tag] {
			continue
		}
		if seen[tag] = true; len(tags) == tagCount {
			w.lose("an article has at most %d tags; without the tag %s", tagCount, tag)
			continue
		}
		tags = append(tags, tag)
	}
	return tags
}

// refers sets the category, region and publisher.
func (w *writer) refers(ctx context.Context, a *article.Record, r *record.Article) (err error) {
	region, err := w.refer(r.Region)
	if err != nil {
		return err
	}
	a.Region = optional.String(region)
	if a.Category, err = w.refer(r.Category); err == nil && a.Category == "" {
		var c *ent.Category
		if c, err = w.Categories.Ensure(ctx, []category.Node{{Name: uncategorized}}); err == nil {
			a.Category = c.ID
		}
	}
	if err != nil {
		return err
	}
	if a.Publisher, err = w.refer(r.Publisher); err == nil && a.Publisher == "" {
		var p *ent.Publisher
		if p, err = w.Publishers.Ensure(ctx, anonymous, false); err == nil {
			a.Publisher = p.ID
		}
	}
	return err
}

func (w *writer) comment(ctx context.Context, r *record.Comment) error {
	of, err := w.refer(r.Article)
	if err != nil {
		return fmt.Errorf("its article did not come: %w", err)
	}
	at := r.CreatedAt
	if at == 0 || !instant.InRange(at) {
		w.lose("the time of the comment is unknown, so it is from 1970")
		at = 0
	}
	line := archive.Comment{ID: w.id(typeid.Comment, at), Article: of, CreatedAt: at, UpdatedAt: at,
		Author: optional.String(w.clip("the name", r.Author, commenterSize)), OriginAddress: w.clip("the network address", r.OriginAddress, nameSize),
		Parent: w.related(r.Parent, "answered"), Quote: w.related(r.Quote, "quoted")}
	line.Status = map[record.Status]entcomment.Status{record.Published: entcomment.StatusAPPROVED, record.Pending: entcomment.StatusPENDING}[r.Status]
	if line.Status == "" {
		line.Status = entcomment.StatusREJECTED
	}
	if line.Text = w.commentText(r.Text); line.Text == "" {
		w.skipped = "the comment has no text"
		return nil
	}
	row, err := first(w.c.Comment.Query().Where(entcomment.ID(line.ID)).Only(ctx))
	if err != nil {
		return fmt.Errorf("look up a comment: %w", err)
	}
	w.row.item = line.ID
	if of == "" { // in a rehearsal
		w.outcome = article.Created
		return nil
	}
	var here *archive.Comment
	if row != nil {
		here = new(archive.FromComment(row))
		line.Parent, line.Quote, line.CreatedAt, line.UpdatedAt = here.Parent, here.Quote, here.CreatedAt, here.UpdatedAt
		line.OriginAddress, line.Article = here.OriginAddress, here.Article
		if !equal(line, *here) {
			line.UpdatedAt = w.Store.Clock()
		}
	}
	if keep(w, here, line.ID) {
		return nil
	}
	return w.put(ctx, &line)
}

// related returns the ID of another comment; "" where that did not come.
func (w *writer) related(key, how string) optional.String {
	id, err := w.refer(key)
	if err != nil && !w.DryRun {
		w.lose("the comment that it %s did not come", how)
	}
	return optional.String(id)
}

// commentText returns the text of a comment, which may be HTML.
func (w *writer) commentText(text string) string {
	if strings.ContainsAny(text, "<&") {
		if doc, _, err := htmlin.Read(strings.ReplaceAll(text, "\n", "<br>"), ""); err == nil {
			text = render.Text(doc)
		}
	}
	text = input.Clean(text)
	if runes := []rune(text); len(runes) > commentSize {
		w.lose("the comment has more than %d characters and was cut: %s", commentSize, string(runes[commentSize-1:]))
		return string(runes[:commentSize-1]) + "…"
	}
	return text
}
