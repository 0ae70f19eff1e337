package drill

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"time"
)

// entry is an article that was acknowledged.
type entry struct {
	id, title string
	scheduled bool
	count     int // of its last acknowledged update; the title of an updated article ends with it
}

// ledger is what was acknowledged.
type ledger struct {
	mu        sync.Mutex
	published []entry           // published, or scheduled
	updated   map[string]entry  // by id
	comments  map[string]string // ids by text
	tried     map[string]bool   // titles and texts that a client sent
}

func newLedger() *ledger {
	return &ledger{updated: map[string]entry{}, comments: map[string]string{}, tried: map[string]bool{}}
}

func (l *ledger) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

// any returns an article of the ledger that is published.
func (l *ledger) any() entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if e := l.published[mathrand.IntN(len(l.published))]; !e.scheduled {
			return e
		}
	}
}

const (
	createArticle  = `mutation ($in: CreateArticleInput!) { a: createArticle(input: $in) { of: article { id } userErrors { message } } }`
	publishArticle = `mutation ($in: PublishArticleInput!) { a: publishArticle(input: $in) { of: article { id } userErrors { message } } }`
	updateArticle  = `mutation ($in: UpdateArticleInput!) { a: updateArticle(input: $in) { of: article { id } userErrors { message } } }`
	addComment     = `mutation ($in: AddCommentInput!) { a: addComment(input: $in) { of: comment { id } userErrors { message } } }`
	readVersion    = `query ($id: ID!) { article(id: $id) { title version } }`
)

// publish creates an article and publishes it, at once or at a time.
func (l *Load) publish(ctx context.Context, c *client, title, at string) (entry, error) {
	e := entry{title: title, scheduled: at != ""}
	l.ledger.set(func() { l.ledger.tried[title] = true })
	var err error
	e.id, err = c.mutate(ctx, "EDITOR", createArticle, map[string]any{"in": map[string]any{"title": title, "category": l.category, "publisher": l.publisher,
		"body": map[string]any{"markdown": "渡口今天试运行,乘客可以用卡。"}, "idempotencyKey": rand.Text()}})
	if err != nil {
		return e, fmt.Errorf("create %s: %w", title, err)
	}
	in := map[string]any{"article": e.id}
	if e.scheduled {
		in["at"] = at
	}
	if _, err := c.mutate(ctx, "EDITOR", publishArticle, map[string]any{"in": in}); err != nil {
		return e, fmt.Errorf("publish %s: %w", title, err)
	}
	l.ledger.set(func() { l.ledger.published = append(l.ledger.published, e) })
	return e, nil
}

// writer is a client that writes.
type writer struct {
	*client
	load    *Load
	number  int
	count   int
	article entry // that it updates
	version int
	write   func(context.Context) error
}

func newWriter(l *Load, c *client, number int) *writer {
	w := &writer{client: c, load: l, number: number}
	w.write = []func(context.Context) error{w.publish, w.comment, w.update, w.schedule}[number%4]
	return w
}

// run writes until ctx ends.
func (w *writer) run(ctx context.Context) {
	for ctx.Err() == nil {
		w.count++
		if err := w.write(ctx); err != nil && ctx.Err() == nil {
			w.load.problem("writer %d: %v", w.number, err)
		}
		pause(ctx, w.load.options.Pause)
	}
}

func (w *writer) title() string { return fmt.Sprintf("写者%d第%d篇", w.number, w.count) }

func (w *writer) publish(ctx context.Context) error {
	_, err := w.load.publish(ctx, w.client, w.title(), "")
	return err
}

// publishDelay is how long before its time an article is scheduled.
const publishDelay = time.Second

func (w *writer) schedule(ctx context.Context) error {
	_, err := w.load.publish(ctx, w.client, w.title(), time.Now().Add(publishDelay).UTC().Format(time.RFC3339Nano))
	if refused := (refusal{}); errors.As(err, &refused) && refused.code == "BAD_USER_INPUT" {
		return fmt.Errorf("schedule: %w", err)
	}
	return err
}

func (w *writer) comment(ctx context.Context) error {
	text := w.title()
	l := w.load.ledger
	l.set(func() { l.tried[text] = true })
	id, err := w.mutate(ctx, "", addComment, map[string]any{"in": map[string]any{"article": l.any().id, "text": text, "idempotencyKey": rand.Text()}})
	if err == nil {
		l.set(func() { l.comments[text] = id })
	}
	return err
}

// update changes the title of its own article. An update has no idempotencyKey: the version
// protects it, and after a CONFLICT the client reads what it has.
func (w *writer) update(ctx context.Context) (err error) {
	if w.article.id == "" {
		if w.article, err = w.load.publish(ctx, w.client, w.title(), ""); err != nil {
			return err
		}
	}
	if w.version == 0 {
		var got struct {
			Article struct {
				Title   string
				Version int
			}
		}
		if err := w.ask(ctx, "EDITOR", readVersion, map[string]any{"id": w.article.id}, &got); err != nil {
			return err
		}
		w.version = got.Article.Version
	}
	_, err = w.mutate(ctx, "EDITOR", updateArticle, map[string]any{"in": map[string]any{"article": w.article.id, "version": w.version, "title": w.title()}})
	if refused := (refusal{}); errors.As(err, &refused) && refused.code == "CONFLICT" {
		w.version = 0
		return nil
	}
	if err != nil {
		return err
	}
	w.version++
	w.article.count = w.count
	w.load.ledger.set(func() { w.load.ledger.updated[w.article.id] = w.article })
	return nil
}

// read reads articles that were acknowledged until ctx ends.
func (l *Load) read(ctx context.Context, c *client) {
	for ctx.Err() == nil {
		e := l.ledger.any()
		var got struct{ Article *struct{ Title string } }
		err := c.ask(ctx, "", `query ($id: ID!) { article(id: $id) { title } articles(first: 5) { edges { node { title } } } }`, map[string]any{"id": e.id}, &got)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			l.problem("reader: %v", err)
		case got.Article == nil:
			l.problem("reader: %s (%s), which was acknowledged, is not there", e.title, e.id)
		}
		pause(ctx, l.options.Pause)
	}
}
