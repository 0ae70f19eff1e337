package soak_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// sound maps each problem that a database can have to a statement that finds its rows.
var sound = map[string]string{
	"the file is damaged":                   `SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'`,
	"a reference leads nowhere":             `SELECT "table" || ' ' || rowid FROM pragma_foreign_key_check`,
	"a comment is stored twice":             `SELECT text FROM comments GROUP BY text HAVING COUNT(*) > 1`,
	"an article is stored twice":            `SELECT title FROM articles GROUP BY title HAVING COUNT(*) > 1`,
	"a change is logged twice":              `SELECT item_id FROM changes GROUP BY item_id, version HAVING COUNT(*) > 1`,
	"a save left no revision":               `SELECT id FROM articles WHERE version <> (SELECT COUNT(*) FROM revisions WHERE article_id = articles.id)`,
	"a revision is no save":                 `SELECT r.id FROM revisions r JOIN articles a ON a.id = r.article_id WHERE r.version > a.version`,
	"the log misses a change":               `SELECT id FROM articles WHERE version - 1 <> (SELECT COUNT(*) FROM changes WHERE item_id = articles.id)`,
	"the log has an entry without a change": `SELECT item_id FROM changes WHERE item_type IN ('Article', 'Comment') AND item_id NOT IN (SELECT id FROM articles UNION ALL SELECT id FROM comments WHERE status = 'APPROVED')`,
	"comments are miscounted":               `SELECT id FROM articles WHERE comment_count <> (SELECT COUNT(*) FROM comments WHERE article_id = articles.id AND status = 'APPROVED')`,
	"views are miscounted":                  `SELECT id FROM articles WHERE view_count <> (SELECT COALESCE(SUM(views), 0) FROM view_days WHERE article_id = articles.id)`,
	"an article cannot be found":            `SELECT id FROM articles WHERE search_slot NOT IN (SELECT rowid FROM search)`,
	"an article has no text":                `SELECT id FROM articles WHERE id NOT IN (SELECT article_id FROM bodies)`,
}

// audit checks the database for consistency and compares it with the ledger.
func audit(t *testing.T, url string, log *ledger) {
	t.Helper()
	s := storetest.Open(t, url)
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	}()
	for wrong, statement := range sound {
		if found := column(t, s, statement); len(found) > 0 {
			t.Errorf("%s: %d times, such as %s", wrong, len(found), found[0])
		}
	}
	stored := map[string]bool{}
	for _, statement := range []string{
		`SELECT 'comment ' || id || text FROM comments`,
		`SELECT 'shown ' || id FROM comments WHERE status = 'APPROVED'`,
		`SELECT 'save ' || article_id || version || title FROM revisions`,
		`SELECT 'log ' || item_id || version FROM changes`,
	} {
		for _, row := range column(t, s, statement) {
			stored[row] = true
		}
	}
	for _, e := range log.entries(t) {
		for _, row := range e.rows() {
			if !stored[row] {
				t.Errorf("acknowledged, and lost: %s", row)
			}
		}
	}
}

// rows returns what the database must have because of e: the revision or the comment, and
// the entry of the change log where the write was public.
func (e entry) rows() []string {
	switch {
	case e.Picture != "":
		return nil // checked by pictures
	case e.Shown:
		return []string{"shown " + e.Comment, "log " + e.Comment + "1"}
	case e.Comment != "":
		return []string{"comment " + e.Comment + e.Text}
	case e.Version == 1: // a draft
		return []string{"save " + e.Article + "1" + e.Text}
	default:
		return []string{fmt.Sprintf("save %s%d%s", e.Article, e.Version, e.Text), fmt.Sprintf("log %s%d", e.Article, e.Version)}
	}
}

// column returns the first column of a statement's rows.
func column(t *testing.T, s *storetest.Store, statement string) (values []string) {
	t.Helper()
	ctx := viewer.AsSystem(context.Background())
	rows, err := s.Client(ctx).QueryContext(ctx, statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		values = append(values, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return values
}
