package pagination_test

import (
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/internal/store/pagination"
)

// TestOnePageOfManyKeys looks at the statement of a page that several keys fill, as
// that of a category with others below it: no more rows than the page takes leave
// the database. Where there are several pages, each key brings its own.
func TestOnePageOfManyKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		parents pagination.Parents
		limited bool
	}{
		{"one page, three keys", pagination.Parents{{ID: "cat_1", Key: "cat_1"}, {ID: "cat_1", Key: "cat_2"}, {ID: "cat_1", Key: "cat_3"}}, true},
		{"two pages", pagination.Each("cat_1", "cat_2"), false},
	} {
		for _, engine := range []string{dialect.SQLite, dialect.Postgres} {
			s := sql.Dialect(engine).Select("id").From(sql.Table("articles"))
			pagination.First(pagination.Order{Column: "listed_at", Desc: true}, 4).PerParent(c.parents, "category_id")(s)
			statement, _ := s.Query()
			if limited := strings.HasSuffix(statement, " LIMIT 4"); limited != c.limited {
				t.Errorf("%s, %s: limited as a whole: %v, want %v\n%s", c.name, engine, limited, c.limited, statement)
			}
		}
	}
}
