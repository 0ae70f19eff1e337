package changefeed

import (
	"context"
	"encoding/json"
	"errors"
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
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Logged is one change as the log holds it.
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

// Read returns at most limit changes after a position, in order; none where there are no
// more yet. It returns everything that was logged: its caller checks who may see it.
func (l *Log) Read(ctx context.Context, after int64, limit int) ([]Logged, error) {
	ctx = viewer.AsSystem(ctx)
	if _, err := l.settled(ctx, after+int64(limit)); err != nil {
		return nil, err
	}
	rows, err := l.store.Client(ctx).Change.Query().Where(change.PositionGT(after)).Order(change.ByPosition()).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the change log after %d: %w", after, err)
	}
	list := make([]Logged, len(rows))
	for i, row := range rows {
		list[i] = logged(row)
	}
	return list, nil
}

// End returns the position of the last change; 0 where there is none. What was committed
// before is numbered by then.
func (l *Log) End(ctx context.Context) (int64, error) {
	head, err := l.settled(ctx, maxPosition)
	return head.last, err
}

// settled returns the head of the log. Where a reader wants entries up to a position that the
// log has not come to, it first waits until what was committed before is numbered.
func (l *Log) settled(ctx context.Context, wanted int64) (head, error) {
	h, err := l.head(ctx)
	if err != nil || !h.waiting || h.last >= wanted || ent.TxFromContext(ctx) != nil {
		return h, err
	}
	l.store.Changes().Settle(ctx)
	return l.head(ctx)
}

// Newest returns how many entries were ever committed to the log of s, numbered or not, and
// when the newest was. The number grows with each commit, so it identifies what content was
// read after it.
func Newest(ctx context.Context, s *store.Store) (entries int64, at instant.Instant, err error) {
	rows, err := s.Client(ctx).QueryContext(ctx, `SELECT last + (SELECT COUNT(*) FROM changes WHERE position IS NULL),
		COALESCE((SELECT at FROM changes ORDER BY seq DESC LIMIT 1), 0) FROM change_head`)
	if err != nil {
		return 0, 0, fmt.Errorf("read the newest entry of the change log: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if rows.Next() {
		err = rows.Scan(&entries, &at)
	}
	if err = errors.Join(err, rows.Err()); err != nil {
		return 0, 0, fmt.Errorf("read the newest entry of the change log: %w", err)
	}
	return entries, at, nil
}

// head is the end of the log.
type head struct {
	last    int64  // position
	epoch   string // empty: the first
	waiting bool   // there are entries without a position
}

// head returns the end of the log.
func (l *Log) head(ctx context.Context) (h head, err error) {
	waiting := "EXISTS (SELECT 1 FROM changes WHERE position IS NULL)"
	if l.store.Engine == dialect.SQLite {
		waiting = "false"
	}
	rows, err := l.store.Client(ctx).QueryContext(ctx, "SELECT last, COALESCE((SELECT value FROM settings WHERE name = $1), ''), "+waiting+" FROM change_head", store.EpochSetting)
	if err != nil {
		return h, fmt.Errorf("read the end of the change log: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if rows.Next() {
		err = rows.Scan(&h.last, &h.epoch, &h.waiting)
	}
	if err = errors.Join(err, rows.Err()); err != nil {
		return h, fmt.Errorf("read the end of the change log: %w", err)
	}
	return h, nil
}

func logged(row *ent.Change) Logged {
	l := Logged{Position: *row.Position, Kind: Kind(row.Kind), Type: row.ItemType, ID: row.ItemID, Version: row.Version,
		Reason: row.Reason, Purge: row.Purge, At: row.At}
	if row.Payload != "" {
		l.Item = json.RawMessage(row.Payload)
	}
	return l
}

// entry is what a filter decides by. The payload, which is long, is read only for the
// entries that are returned.
type entry struct {
	position                int64
	kind                    Kind
	itemType, itemID, owner string
	version                 int
	at                      instant.Instant
	placement, placedBefore string // see placement.String
}

const (
	entryColumns = "position, kind, item_type, item_id, owner_id, version, at, place, was"
	maxPosition  = math.MaxInt64
)

// batchSize is how many entries or items a page reads at most, where not all match.
const batchSize = 500

// entries returns the entries from a position on.
func (l *Log) entries(ctx context.Context, from int64, limit int) ([]entry, error) {
	return l.query(ctx, "SELECT "+entryColumns+" FROM changes WHERE position >= $1 ORDER BY position LIMIT $2", from, limit)
}

// newest returns the last entry of each item up to a position.
func (l *Log) newest(ctx context.Context, ids []string, upTo int64) ([]entry, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("encode the ids of items: %w", err)
	}
	each := "json_each($1)"
	if l.store.Engine == dialect.Postgres {
		each = "jsonb_array_elements_text($1::jsonb)"
	}
	// SQLite numbers parameters as they appear, so the list is first.
	return l.query(ctx, "WITH items (id) AS (SELECT value FROM "+each+") SELECT "+entryColumns+` FROM changes WHERE position IN (SELECT
		(SELECT position FROM changes WHERE item_id = items.id AND position <= $2 ORDER BY position DESC LIMIT 1) FROM items)`,
		string(list), upTo)
}

func (l *Log) query(ctx context.Context, query string, args ...any) (list []entry, err error) {
	rows, err := l.store.Client(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the change log: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.position, &e.kind, &e.itemType, &e.itemID, &e.owner, &e.version, &e.at, &e.placement, &e.placedBefore); err != nil {
			return nil, fmt.Errorf("read the change log: %w", err)
		}
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the change log: %w", err)
	}
	return list, nil
}

// ids returns the ids of a table after one of them; with an article, those of its
// comments.
func (l *Log) ids(ctx context.Context, table, after, article string, limit int) (ids []string, err error) {
	query, args := "SELECT id FROM "+table+" WHERE id > $1 ORDER BY id LIMIT $2", []any{after, limit}
	if article != "" {
		query, args = "SELECT id FROM "+table+" WHERE article_id = $1 AND id > $2 ORDER BY id LIMIT $3", []any{article, after, limit}
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
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list %s for the change log: %w", table, err)
	}
	return ids, nil
}

// withComments returns which of the articles have comments.
func (l *Log) withComments(ctx context.Context, articles []string) (map[string]bool, error) {
	if len(articles) == 0 {
		return nil, nil
	}
	ids, err := l.store.Client(ctx).Comment.Query().Where(comment.ArticleIDIn(articles...)).
		Unique(true).Select(comment.FieldArticleID).Strings(viewer.AsSystem(ctx))
	if err != nil {
		return nil, fmt.Errorf("find articles with comments: %w", err)
	}
	found := make(map[string]bool, len(ids))
	for _, id := range ids {
		found[id] = true
	}
	return found, nil
}

// payload is a whole entry.
type payload struct {
	Logged
	descendants string // of a category that moved: itself and all below, separated by spaces
}

// payloads returns the whole entries of items, by position.
func (l *Log) payloads(ctx context.Context, items []item) (map[int64]payload, error) {
	if len(items) == 0 {
		return nil, nil
	}
	positions := make([]int64, len(items))
	for i, it := range items {
		positions[i] = it.position
	}
	rows, err := l.store.Client(ctx).Change.Query().Where(change.PositionIn(positions...)).All(viewer.AsSystem(ctx))
	if err != nil {
		return nil, fmt.Errorf("read changes: %w", err)
	}
	found := make(map[int64]payload, len(rows))
	for _, row := range rows {
		found[*row.Position] = payload{logged(row), row.Beneath}
	}
	return found, nil
}

// visible returns which items the viewer may see now, as their entries have them. The log
// decides whether the time of an article has come, not the clock of this machine.
func (l *Log) visible(ctx context.Context, rows map[int64]payload) (func(payload) bool, error) {
	ids := map[ItemType][]string{}
	for _, row := range rows {
		if row.Item != nil {
			ids[ItemType(row.Type)] = append(ids[ItemType(row.Type)], row.ID)
		}
	}
	c, system := l.store.Client(ctx), viewer.AsSystem(ctx)
	visible := map[string]bool{}
	for itemType, find := range map[ItemType]func(ids ...string) ([]string, error){
		Article: func(ids ...string) ([]string, error) {
			return c.Article.Query().Where(article.IDIn(ids...), policy.LoggedArticles(ctx)).IDs(system)
		},
		Comment: func(ids ...string) ([]string, error) {
			return c.Comment.Query().Where(comment.IDIn(ids...), policy.LoggedComments(ctx)).IDs(system)
		},
		Publisher: func(ids ...string) ([]string, error) {
			return c.Publisher.Query().Where(publisher.IDIn(ids...), publisher.Public(true)).IDs(ctx)
		},
	} {
		if len(ids[itemType]) == 0 {
			continue
		}
		found, err := find(ids[itemType]...)
		if err != nil {
			return nil, fmt.Errorf("check which items of the type %s the viewer may see: %w", itemType, err)
		}
		for _, id := range found {
			visible[id] = true
		}
	}
	return func(row payload) bool {
		switch ItemType(row.Type) {
		case Article, Comment:
			return visible[row.ID]
		case Publisher:
			return visible[row.ID] || redactedName(row.Item)
		default:
			return true
		}
	}, nil
}

// Sees reports whether the viewer may still see the item of a change that Page returned.
func (l *Log) Sees(ctx context.Context, c *Change) (bool, error) {
	row := payload{Logged: Logged{Type: string(c.ItemType), ID: c.ItemID, Item: c.Item}}
	sees, err := l.visible(ctx, map[int64]payload{c.Position: row})
	return err == nil && sees(row), err
}

// redactedName reports whether a publisher's entry holds no more than the public may know:
// a name that is not public now may have been when it was logged.
func redactedName(item json.RawMessage) bool {
	var p struct{ Public bool }
	return json.Unmarshal(item, &p) == nil && !p.Public
}
