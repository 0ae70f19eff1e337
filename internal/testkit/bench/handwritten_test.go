package bench_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/redact"
)

// frontPageHandler answers the front page as a handler written for this one page would: no
// GraphQL, no ent, the same statements as the program's.
type frontPageHandler struct {
	db  *sql.DB
	now func() int64
}

// newFrontPageHandler opens a pool over file like that of the program's readers, with the
// driver that package store registers for them.
func newFrontPageHandler(b *testing.B, file string, now func() int64) *frontPageHandler {
	b.Helper()
	db, err := sql.Open("tonggao-sqlite-mapped", "file:"+file+"?mode=ro&_query_only=1&_mutex=no&_busy_timeout=5000&_cache_size=-32768&_stmt_cache_size=200")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	b.Cleanup(func() { _ = db.Close() })
	return &frontPageHandler{db, now}
}

// The answer, in the order in which the query asks.
type (
	answer struct {
		Data struct {
			Articles list[row] `json:"articles"`
		} `json:"data"`
	}
	list[T any] struct {
		TotalCount *int      `json:"totalCount,omitempty"`
		Edges      []edge[T] `json:"edges"`
	}
	edge[T any] struct {
		Node T `json:"node"`
	}
	row struct {
		Title     string     `json:"title"`
		Publisher *named     `json:"publisher"`
		Category  *filed     `json:"category"`
		Comments  list[said] `json:"comments"`

		id, category, publisher string
	}
	named struct {
		Name string `json:"name"`
	}
	filed struct {
		Name   string `json:"name"`
		Parent *named `json:"parent"`

		parent sql.NullString
	}
	said struct {
		Text string `json:"text"`
	}
)

// ServeHTTP answers the front page.
func (h *frontPageHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	n, err := strconv.Atoi(r.URL.Query().Get("first"))
	if err != nil || n < 1 || n > 100 {
		http.Error(w, "first must be 1 to 100", http.StatusBadRequest)
		return
	}
	var a answer
	rows, err := h.articles(ctx, n)
	if err == nil {
		err = h.complete(ctx, rows)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	a.Data.Articles.Edges = make([]edge[row], len(rows))
	for i, row := range rows {
		a.Data.Articles.Edges[i].Node = *row
	}
	text, err := json.Marshal(a)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text)
}

func (h *frontPageHandler) articles(ctx context.Context, n int) (list []*row, err error) {
	const statement = "SELECT `articles`.`id`, `articles`.`category_id`, `articles`.`listed_at`, `articles`.`publisher_id`, `articles`.`title` FROM `articles` WHERE +`articles`.`status` = 'PUBLISHED' AND +`articles`.`listed_at` <= ? ORDER BY `articles`.`listed_at` DESC, `articles`.`id` DESC LIMIT "
	err = h.each(ctx, statement+strconv.Itoa(n+1), []any{h.now()}, func(rows *sql.Rows) error {
		var a row
		var listed int64
		list = append(list, &a)
		return rows.Scan(&a.id, &a.category, &listed, &a.publisher, &a.Title)
	})
	return list[:min(n, len(list))], err
}

// complete reads what the articles refer to.
func (h *frontPageHandler) complete(ctx context.Context, list []*row) error {
	publishers, err := h.publishers(ctx, distinct(list, func(a *row) string { return a.publisher }))
	if err != nil {
		return err
	}
	categories, err := h.categories(ctx, distinct(list, func(a *row) string { return a.category }))
	if err != nil {
		return err
	}
	byID := make(map[string]*row, len(list))
	for _, a := range list {
		a.Publisher, a.Category = publishers[a.publisher], categories[a.category]
		a.Comments = newList()
		byID[a.id] = a
	}
	return h.comments(ctx, list, byID)
}

func newList() list[said] { return list[said]{TotalCount: new(int), Edges: make([]edge[said], 0, 3)} }

func (h *frontPageHandler) publishers(ctx context.Context, ids []any) (map[string]*named, error) {
	found := make(map[string]*named, len(ids))
	err := h.each(ctx, "SELECT `publishers`.`id`, `publishers`.`name`, `publishers`.`public` FROM `publishers` WHERE `publishers`.`id` IN ("+marks(len(ids))+")", ids,
		func(rows *sql.Rows) error {
			var id, name string
			var public bool
			err := rows.Scan(&id, &name, &public)
			if !public {
				name = redact.Name(name)
			}
			found[id] = &named{name}
			return err
		})
	return found, err
}

// categories reads categories and the ones above them.
func (h *frontPageHandler) categories(ctx context.Context, ids []any) (map[string]*filed, error) {
	found := make(map[string]*filed, len(ids))
	above := make(map[string]*named, len(ids))
	err := h.each(ctx, "SELECT `categories`.`id`, `categories`.`name`, `categories`.`parent_id` FROM `categories` WHERE `categories`.`id` IN ("+marks(len(ids))+")", ids,
		func(rows *sql.Rows) error {
			var id string
			var c filed
			err := rows.Scan(&id, &c.Name, &c.parent)
			found[id] = &c
			if c.parent.Valid {
				above[c.parent.String] = &named{}
			}
			return err
		})
	if err != nil {
		return nil, err
	}
	parents := make([]any, 0, len(above))
	for id := range above {
		parents = append(parents, id)
	}
	err = h.each(ctx, "SELECT `categories`.`id`, `categories`.`name` FROM `categories` WHERE `categories`.`id` IN ("+marks(len(parents))+")", parents,
		func(rows *sql.Rows) error {
			var id, name string
			err := rows.Scan(&id, &name)
			above[id].Name = name
			return err
		})
	for _, c := range found {
		c.Parent = above[c.parent.String]
	}
	return found, err
}

const (
	parentTable = "(SELECT value ->> 0 AS id, value ->> 1 AS key, CAST(value ->> 2 AS bigint) AS at, value ->> 3 AS self FROM json_each(?)) AS page_parents CROSS JOIN `comments`"
	visible     = "(`comments`.`parent_id` IS NULL AND `comments`.`status` = ?) AND EXISTS (SELECT 1 FROM `articles` WHERE +`articles`.`status` = 'PUBLISHED' AND +`articles`.`listed_at` <= ? AND `articles`.`id` = `comments`.`article_id`)"
)

// comments reads the first comments of each article, and counts them all.
func (h *frontPageHandler) comments(ctx context.Context, articles []*row, byID map[string]*row) error {
	parents := make([][4]any, len(articles))
	for i, a := range articles {
		parents[i] = [4]any{a.id, a.id, 0, ""}
	}
	carried, err := json.Marshal(parents)
	if err != nil {
		return err
	}
	args := []any{string(carried), "APPROVED", h.now()}
	const pages = "SELECT `comments`.`id`, `comments`.`created_at`, `comments`.`text`, page_parents.id AS page_parent FROM " + parentTable + " WHERE `comments`.`rowid` IN (SELECT `comments`.`rowid` FROM `comments` WHERE " + visible + " AND `comments`.`article_id` = page_parents.key ORDER BY `comments`.`created_at` ASC, `comments`.`id` ASC LIMIT 4) ORDER BY `comments`.`created_at` ASC, `comments`.`id` ASC"
	err = h.each(ctx, pages, args, func(rows *sql.Rows) error {
		var id, text, parent string
		var at int64
		err := rows.Scan(&id, &at, &text, &parent)
		if l := &byID[parent].Comments; len(l.Edges) < 3 {
			l.Edges = append(l.Edges, edge[said]{said{text}})
		}
		return err
	})
	if err != nil {
		return err
	}
	const counts = "SELECT page_parents.id AS page_parent, COUNT(*) AS n FROM " + parentTable + " WHERE (" + visible + ") AND `comments`.`article_id` = page_parents.key GROUP BY `page_parents`.`id`"
	return h.each(ctx, counts, args, func(rows *sql.Rows) error {
		var parent string
		var n int
		err := rows.Scan(&parent, &n)
		*byID[parent].Comments.TotalCount = n
		return err
	})
}

// each calls do for each row.
func (h *frontPageHandler) each(ctx context.Context, statement string, args []any, do func(*sql.Rows) error) error {
	rows, err := h.db.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func distinct(list []*row, of func(*row) string) []any {
	seen := make(map[string]bool, len(list))
	ids := make([]any, 0, len(list))
	for _, a := range list {
		if id := of(a); !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
