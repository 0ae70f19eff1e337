package invalidation_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tonggao/tonggao/internal/store/invalidation"
	"github.com/tonggao/tonggao/internal/testkit/check"
)

// Statements that read.
const (
	rows      = "SELECT `articles`.`id`, `articles`.`title` FROM `articles` WHERE `id` IN (?, ?)"
	counts    = "SELECT id, comment_count FROM articles WHERE id IN ($1)"
	views     = `SELECT "articles"."id", "articles"."view_count" FROM "articles"`
	ofArticle = "SELECT text FROM comments WHERE article_id = ? AND EXISTS (SELECT 1 FROM articles WHERE id = article_id)"
	site      = "SELECT value FROM settings WHERE name = $1"
	publisher = "SELECT name FROM publishers WHERE id = $1"
	found     = "WITH hits AS (SELECT rowid FROM search WHERE terms MATCH ?) SELECT * FROM hits"
)

// reading returns what an answer depends on that read a statement under a context.
func reading(query string, in func(context.Context) context.Context) *invalidation.Reads {
	ctx, r := invalidation.WithReads(context.Background())
	if in != nil {
		ctx = in(ctx)
	}
	invalidation.Statement(ctx, query)
	return r
}

func articles(ids ...string) func(context.Context) context.Context {
	return func(ctx context.Context) context.Context { return invalidation.OfArticles(ctx, ids...) }
}

// list reads a list that shows some articles.
func list(query string, ids ...string) *invalidation.Reads {
	ctx, r := invalidation.WithReads(context.Background())
	ctx, l := invalidation.List(ctx)
	invalidation.Statement(ctx, query)
	l.Shows(ids...)
	return r
}

// TestInvalidate writes by statements, and checks which answers do not hold any more.
func TestInvalidate(t *testing.T) {
	t.Parallel()
	answers := map[string]*invalidation.Reads{
		"all articles": reading(rows, nil), "article 1": reading(rows, articles("1")), "article 2": reading(rows, articles("2")), "counts of 1": reading(counts, articles("1")),
		"views": reading(views, articles("2")), "list with 1": list(rows, "1"), "list with 2": list(rows, "2"), "number of articles": list("SELECT COUNT(*) FROM articles"),
		"comments of 1": reading(ofArticle, articles("1")), "comments": reading(ofArticle, nil), "site": reading(site, func(ctx context.Context) context.Context { return invalidation.OfSetting(ctx, "site") }),
		"publishers": reading(publisher, nil), "search": reading(found, nil),
	}
	all := func(except ...string) (names []string) {
		for name := range answers {
			if !slices.Contains(except, name) {
				names = append(names, name)
			}
		}
		return names
	}
	for _, c := range []struct {
		query string
		in    func(context.Context) context.Context
		gone  []string
	}{
		{"UPDATE `articles` SET `title` = ? WHERE `id` = ?", nil, all("publishers", "site", "search")},
		{"UPDATE `articles` SET `title` = ? WHERE `id` = ?", articles("1"), []string{"all articles", "article 1", "counts of 1", "list with 1", "list with 2", "number of articles", "comments of 1", "comments"}},
		{"UPDATE articles SET title = $1 WHERE id = $2", func(ctx context.Context) context.Context { return invalidation.ContentOf(ctx, "1", false) },
			[]string{"all articles", "article 1", "counts of 1", "list with 1", "comments of 1", "comments"}},
		{"UPDATE articles SET title = $1 WHERE id = $2", invalidation.Unseen, nil},
		{"UPDATE articles SET comment_count = COALESCE(comment_count, 0) + ? WHERE id = ?", articles("1"), []string{"all articles", "counts of 1", "comments"}},
		{"UPDATE articles SET view_count = view_count + counted.views FROM (SELECT id FROM articles) AS counted", nil, []string{"all articles", "views", "comments"}},
		{"INSERT INTO comments (id, article_id) VALUES (?, ?)", articles("1"), []string{"comments of 1", "comments"}},
		{"INSERT INTO comments (id, article_id) VALUES (?, ?)", articles("2"), []string{"comments"}},
		{"DELETE FROM `articles` WHERE `id` = ?", articles("2"), all("publishers", "site", "search")},
		{"INSERT INTO settings (name) VALUES ($1)", func(ctx context.Context) context.Context { return invalidation.OfSetting(ctx, "site") }, []string{"site"}},
		{"INSERT INTO settings (name) VALUES ($1)", func(ctx context.Context) context.Context { return invalidation.OfSetting(ctx, "other") }, nil},
		{"UPDATE settings SET value = ''", nil, []string{"site"}},
		{"INSERT INTO search (rowid, terms) VALUES (?, ?)", articles("1"), []string{"search"}},
		{"INSERT INTO reports (id) VALUES (?)", nil, nil},
		{"SELECT id FROM publishers FOR UPDATE", nil, nil},
		{"WITH old AS (SELECT 1) DELETE FROM publishers WHERE id IN (SELECT 1)", nil, []string{"publishers"}},
		{"SAVEPOINT statement", nil, nil},
	} {
		tracker := invalidation.New()
		since := tracker.Generation()
		ctx, w := invalidation.WithWrites(context.Background())
		if c.in != nil {
			ctx = c.in(ctx)
		}
		w.Statement(ctx, c.query)
		w.Invalidate(tracker)
		for name, reads := range answers {
			if holds, want := tracker.Unchanged(reads.Dependencies(), since), !slices.Contains(c.gone, name); holds != want {
				t.Errorf("after %s the answer %q holds: %t, want %t", c.query, name, holds, want)
			}
			if !tracker.Unchanged(reads.Dependencies(), tracker.Generation()) {
				t.Errorf("after %s a new answer %q does not hold", c.query, name)
			}
		}
	}
}

// TestListing checks that a list depends on everything until it says what it shows, and that a
// look-up depends on the article alone.
func TestListing(t *testing.T) {
	t.Parallel()
	ctx, silent := invalidation.WithReads(context.Background())
	ctx, _ = invalidation.List(ctx)
	invalidation.Statement(ctx, rows)
	ctx, found := invalidation.WithReads(context.Background())
	ctx, l := invalidation.LookUp(ctx)
	invalidation.Statement(ctx, rows)
	l.Shows("1")
	tracker := invalidation.New()
	since := tracker.Generation()
	tracker.Apply(1, invalidation.Entry{Type: "Article", ID: "2"}, true)
	check.Equal(t, "a list that does not say what it shows holds", tracker.Unchanged(silent.Dependencies(), since), false)
	check.Equal(t, "an article that was looked up holds", tracker.Unchanged(found.Dependencies(), since), true)
	check.Equal(t, "its tags", slices.Contains(found.Tags(), "1"), true)
}

// TestApply applies entries of the log: those of this process were applied before.
func TestApply(t *testing.T) {
	t.Parallel()
	one, publishers := reading(ofArticle, articles("1")), reading(publisher, nil)
	tracker := invalidation.New()
	tracker.Committed(7)
	for _, c := range []struct {
		seq             int64
		entry           invalidation.Entry
		one, publishers bool
	}{
		{7, invalidation.Entry{Type: "Comment", ID: "c", Owner: "1"}, true, true},
		{8, invalidation.Entry{Type: "Comment", ID: "c", Owner: "1"}, false, true},
		{9, invalidation.Entry{Type: "Comment", ID: "c", Owner: "2"}, true, true},
		{10, invalidation.Entry{Type: "Article", ID: "1"}, false, true},
		{11, invalidation.Entry{Type: "Publisher", ID: "p"}, false, false},
	} {
		since := tracker.Generation()
		tracker.Apply(c.seq, c.entry, true)
		if got := tracker.Unchanged(one.Dependencies(), since); got != c.one {
			t.Errorf("after entry %d the page holds: %t", c.seq, got)
		}
		if got := tracker.Unchanged(publishers.Dependencies(), since); got != c.publishers {
			t.Errorf("after entry %d the publishers hold: %t", c.seq, got)
		}
	}
}

// TestUnlogged checks which transactions other processes do not find in the log.
func TestUnlogged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		in      func(context.Context) context.Context
		query   string
		entries []invalidation.Entry
		want    bool
	}{
		{"an edit", articles("1"), "UPDATE articles SET title = ?", []invalidation.Entry{{Type: "Article", ID: "1"}}, false},
		{"an edit of another", articles("2"), "UPDATE articles SET title = ?", []invalidation.Entry{{Type: "Article", ID: "1"}}, true},
		{"an edit for later", articles("1"), "UPDATE articles SET next_at = ?", nil, true},
		{"a comment", articles("1"), "INSERT INTO comments (id) VALUES (?)", []invalidation.Entry{{Type: "Comment", ID: "c", Owner: "1"}}, false},
		{"a setting", nil, "UPDATE settings SET value = ?", nil, true},
		{"a category", nil, "UPDATE categories SET name = ?", []invalidation.Entry{{Type: "Category", ID: "c"}}, false},
		{"views", nil, "UPDATE articles SET view_count = 1", nil, false},
		{"a report", nil, "INSERT INTO reports (id) VALUES (?)", nil, false},
	} {
		ctx, w := invalidation.WithWrites(context.Background())
		if c.in != nil {
			ctx = c.in(ctx)
		}
		w.Statement(ctx, c.query)
		for _, e := range c.entries {
			invalidation.Log(ctx, e)
		}
		check.Equal(t, c.name, w.Unlogged(), c.want)
	}
	tracker := invalidation.New()
	tracker.CommittedUnlogged(3)
	check.Equal(t, "others counted to 3", tracker.OthersCounted(2, 3), false)
	tracker.CommittedUnlogged(5)
	check.Equal(t, "others counted to 5", tracker.OthersCounted(3, 5), true)
	check.Equal(t, "others counted back", tracker.OthersCounted(5, 1), true)
}

// TestReads checks what an answer is marked with, in addition to its dependencies.
func TestReads(t *testing.T) {
	t.Parallel()
	check.Equal(t, "views", reading(views, articles("1")).Views(), true)
	check.Equal(t, "no views", reading(rows, articles("1")).Views(), false)
	check.Equal(t, "private", reading("SELECT * FROM reports", nil).Private(), true)
	check.Equal(t, "public", reading(rows, nil).Private(), false)
	ctx, r := invalidation.WithReads(context.Background())
	invalidation.Read(ctx, "view_days")
	invalidation.ReadSetting(ctx, "site")
	invalidation.Statement(invalidation.Unrecorded(ctx), rows)
	check.Equal(t, "tags", r.Tags(), []string{"settings", "site", "view_days"})
	tracker := invalidation.New()
	since := tracker.Generation()
	tracker.InvalidateAll()
	check.Equal(t, "holds", tracker.Unchanged(r.Dependencies(), since), false)
	check.Equal(t, "known", invalidation.Known("articles") && !invalidation.Known("nothing"), true)
}
