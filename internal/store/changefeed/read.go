package changefeed

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Logged is one change as it stands in the log.
type Logged struct {
	Position int64 // in commit order; gaps mean nothing
	Kind     Kind
	Type     string
	ID       string
	Version  int
	Reason   string
	Purge    bool
	At       instant.Instant
	Item     json.RawMessage // as of the change; nil for a tombstone
}

// Read is at most limit changes after a position, in order; none where there are
// no more yet. What it returns is everything that was logged: who shows it to
// anybody checks what that one may see.
func (l *Log) Read(ctx context.Context, after int64, limit int) ([]Logged, error) {
	ctx = viewer.AsSystem(ctx)
	rows, err := l.store.Client(ctx).Change.Query().Where(change.IDGT(after)).Order(change.ByID()).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the change log after %d: %w", after, err)
	}
	list := make([]Logged, len(rows))
	for i, row := range rows {
		list[i] = logged(row)
	}
	return list, nil
}

// End is the position of the last change; 0 where there is none.
func (l *Log) End(ctx context.Context) (int64, error) {
	ctx = viewer.AsSystem(ctx)
	last, err := l.store.Client(ctx).Change.Query().Order(ent.Desc(change.FieldID)).Limit(1).IDs(ctx)
	if err != nil || len(last) == 0 {
		return 0, err
	}
	return last[0], nil
}

func logged(row *ent.Change) Logged {
	l := Logged{Position: row.ID, Kind: Kind(row.Kind), Type: row.ItemType, ID: row.ItemID, Version: row.Version,
		Reason: row.Reason, Purge: row.Purge, At: row.At}
	if row.Payload != "" {
		l.Item = json.RawMessage(row.Payload)
	}
	return l
}

// head is what of an entry decides whom it is told to; the payload, which is
// long, is read only for those that are told.
type head struct {
	position                            int64
	kind                                Kind
	itemType, itemID, owner, place, was string
}

const (
	headColumns = "position, kind, item_type, item_id, owner_id, place, was"
	maxPosition = math.MaxInt64
)

// heads is the entries from a position on.
func (l *Log) heads(ctx context.Context, from int64, limit int) ([]head, error) {
	return l.read(ctx, "SELECT "+headColumns+" FROM changes WHERE position >= $1 ORDER BY position LIMIT $2", from, limit)
}

// newest is the last entry of each item, of those up to a position.
func (l *Log) newest(ctx context.Context, ids []string, upTo int64) ([]head, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	each := "json_each($1)"
	if l.store.Engine == dialect.Postgres {
		each = "jsonb_array_elements_text($1::jsonb)"
	}
	// SQLite counts parameters as they come, so the list stands first.
	return l.read(ctx, "WITH items (id) AS (SELECT value FROM "+each+") SELECT "+headColumns+` FROM changes WHERE position IN (SELECT
		(SELECT position FROM changes WHERE item_id = items.id AND position <= $2 ORDER BY position DESC LIMIT 1) FROM items)`,
		string(list), upTo)
}

func (l *Log) read(ctx context.Context, query string, args ...any) (list []head, err error) {
	rows, err := l.store.Client(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the change log: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var h head
		if err := rows.Scan(&h.position, &h.kind, &h.itemType, &h.itemID, &h.owner, &h.place, &h.was); err != nil {
			return nil, fmt.Errorf("read the change log: %w", err)
		}
		list = append(list, h)
	}
	return list, rows.Err()
}

// ids is the ids of a table after one of them; with an article, those of its
// comments.
func (l *Log) ids(ctx context.Context, table, after, within string, limit int) (ids []string, err error) {
	query, args := "SELECT id FROM "+table+" WHERE id > $1 ORDER BY id LIMIT $2", []any{after, limit}
	if within != "" {
		query, args = "SELECT id FROM "+table+" WHERE article_id = $1 AND id > $2 ORDER BY id LIMIT $3", []any{within, after, limit}
	}
	rows, err := l.store.Client(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list %s for the change log: %w", table, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list %s for the change log: %w", table, err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// commented is which articles have comments.
func (l *Log) commented(ctx context.Context, articles []string) (map[string]bool, error) {
	if len(articles) == 0 {
		return nil, nil
	}
	ids, err := l.store.Client(ctx).Comment.Query().Where(comment.ArticleIDIn(articles...)).
		Unique(true).Select(comment.FieldArticleID).Strings(viewer.AsSystem(ctx))
	found := make(map[string]bool, len(ids))
	for _, id := range ids {
		found[id] = true
	}
	return found, err
}

// entry is a whole entry.
type entry struct {
	Logged
	beneath string
}

// rows is the whole entries that parts tell of.
func (l *Log) rows(ctx context.Context, parts []part) (map[int64]entry, error) {
	if len(parts) == 0 {
		return nil, nil
	}
	positions := make([]int64, len(parts))
	for i, p := range parts {
		positions[i] = p.position
	}
	rows, err := l.store.Client(ctx).Change.Query().Where(change.IDIn(positions...)).All(viewer.AsSystem(ctx))
	found := make(map[int64]entry, len(rows))
	for _, row := range rows {
		found[row.ID] = entry{logged(row), row.Beneath}
	}
	return found, err
}

// visible tells which items the viewer may see now, as their entries have them.
func (l *Log) visible(ctx context.Context, rows map[int64]entry) (func(entry) bool, error) {
	ids := map[string][]string{}
	for _, row := range rows {
		if row.Item != nil {
			ids[row.Type] = append(ids[row.Type], row.ID)
		}
	}
	seen, c := map[string]bool{}, l.store.Client(ctx)
	look := func(t ItemType, find func(...string) ([]string, error)) error {
		if len(ids[string(t)]) == 0 {
			return nil
		}
		found, err := find(ids[string(t)]...)
		for _, id := range found {
			seen[id] = true
		}
		return err
	}
	if err := look(Article, func(ids ...string) ([]string, error) {
		return c.Article.Query().Where(article.IDIn(ids...)).IDs(ctx)
	}); err != nil {
		return nil, fmt.Errorf("check who may see articles: %w", err)
	}
	if err := look(Comment, func(ids ...string) ([]string, error) {
		return c.Comment.Query().Where(comment.IDIn(ids...)).IDs(ctx)
	}); err != nil {
		return nil, fmt.Errorf("check who may see comments: %w", err)
	}
	if err := look(Publisher, func(ids ...string) ([]string, error) {
		return c.Publisher.Query().Where(publisher.IDIn(ids...), publisher.Public(true)).IDs(ctx)
	}); err != nil {
		return nil, fmt.Errorf("check who may see publishers: %w", err)
	}
	return func(e entry) bool {
		switch ItemType(e.Type) {
		case Article, Comment:
			return seen[e.ID]
		case Publisher:
			return seen[e.ID] || maskedName(e.Item)
		default:
			return true
		}
	}, nil
}

// maskedName reports whether a publisher's entry holds no more than everybody may
// know: a name that is not public now may have been when it was logged.
func maskedName(item json.RawMessage) bool {
	var p struct{ Public bool }
	return json.Unmarshal(item, &p) == nil && !p.Public
}
