package pagination

import (
	"encoding/json"
	"fmt"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
)

// Parent is one of several whose pages are read at once: the rows whose key is Key belong
// to the page of ID. Mostly both are the same; the page of a category with descendants
// takes one Parent for each of them. From, where it is used, is where the page of this
// parent begins.
type Parent struct {
	ID, Key string
	From    Position
}

// Parents lists whose pages are wanted.
type Parents []Parent

// Each makes every id a parent with itself as the key.
func Each(ids ...string) Parents {
	p := make(Parents, len(ids))
	for i, id := range ids {
		p[i] = Parent{ID: id, Key: id}
	}
	return p
}

// ParentColumn is the extra column that names a row's parent.
const ParentColumn = "page_parent"

// PerParent turns a statement over one table into one that reads the page of each parent,
// so a list of parents costs no N+1 queries: each pair takes one short scan of the index
// on (key, order, id), regardless of how many rows follow. It must be the last modifier of
// an ent query. SQLite has no LATERAL, so there the scan is in an IN:
//
//	FROM page_parents CROSS JOIN t WHERE t.rowid IN
//	  (SELECT rowid FROM t WHERE key = page_parents.key AND … ORDER BY … LIMIT n)
func (q Query) PerParent(parents Parents, key string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		name := s.TableName()
		table := sql.Dialect(s.Dialect()).Table(name)
		columns := s.SelectedColumns()
		s.Where(ofParent(s.C(key))) // before the clone, which forgets what needs brackets
		inner := s.Clone()
		inner.ClearOrder().SetDistinct(false)
		if q.fromParent {
			inner.Where(q.beyond(inner.C(q.Order.Column), inner.C(q.Order.tie())))
		}
		q.Apply(inner)

		outer := sql.Dialect(s.Dialect()).Select(columns...).
			AppendSelectExpr(sql.Raw("page_parents.id AS " + ParentColumn)).
			WithContext(s.Context())
		if s.Dialect() == dialect.Postgres {
			outer.AppendFromExpr(sql.ExprFunc(func(b *sql.Builder) {
				writeParents(b, s.Dialect(), parents)
				b.WriteString(" CROSS JOIN LATERAL (").Join(inner).WriteString(") AS ").Ident(name)
			}))
		} else {
			inner.Select(inner.C("rowid"))
			outer.AppendFromExpr(sql.ExprFunc(func(b *sql.Builder) {
				writeParents(b, s.Dialect(), parents)
				b.WriteString(" CROSS JOIN ").Ident(name)
			}))
			outer.Where(sql.P(func(b *sql.Builder) {
				b.Ident(table.C("rowid")).WriteString(" IN (").Join(inner).WriteByte(')')
			}))
		}
		q.sort(outer, table.C(q.Order.Column), table.C(q.Order.tie()))
		if parents.onePage() {
			outer.Limit(q.Limit())
		}
		*s = *outer
	}
}

// onePage reports whether all rows belong to one page, so that a limit for the whole
// statement is enough.
func (p Parents) onePage() bool {
	for _, parent := range p {
		if parent.ID != p[0].ID {
			return false
		}
	}
	return true
}

// CountPerParent turns a statement over one table into one that counts the rows of each
// parent; Counts reads its result.
func CountPerParent(parents Parents, key string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		name := s.TableName()
		s.Where(ofParent(s.C(key)))
		outer := sql.Dialect(s.Dialect()).Select().
			AppendSelectExpr(sql.Raw("page_parents.id AS "+ParentColumn), sql.Raw("COUNT(*) AS n")).
			AppendFromExpr(sql.ExprFunc(func(b *sql.Builder) {
				writeParents(b, s.Dialect(), parents)
				b.WriteString(" CROSS JOIN ").Ident(name)
			})).
			Where(s.P()).
			GroupBy(sql.Dialect(s.Dialect()).Table("page_parents").C("id")).
			WithContext(s.Context())
		*s = *outer
	}
}

func ofParent(key string) *sql.Predicate {
	return sql.P(func(b *sql.Builder) { b.Ident(key).WriteString(" = page_parents.key") })
}

// writeParents writes the parents as a table within the statement.
func writeParents(b *sql.Builder, engine string, parents Parents) {
	rows := make([][4]any, len(parents))
	for i, p := range parents {
		rows[i] = [4]any{p.ID, p.Key, p.From.Value, p.From.ID}
	}
	list, _ := json.Marshal(rows) // strings and integers always marshal
	b.WriteString("(SELECT value ->> 0 AS id, value ->> 1 AS key, CAST(value ->> 2 AS bigint) AS at, value ->> 3 AS self FROM ")
	if engine == dialect.Postgres {
		b.WriteString("jsonb_array_elements(").Arg(string(list)).WriteString("::jsonb)")
	} else {
		b.WriteString("json_each(").Arg(string(list)).WriteString(")")
	}
	b.WriteString(") AS page_parents")
}

// Row is a row that PerParent or CountPerParent read.
type Row interface {
	Value(column string) (ent.Value, error)
}

// Split groups rows that PerParent read, in the order of the list, by their parents.
func Split[T Row](rows []T) (map[string][]T, error) {
	byParent := make(map[string][]T)
	for _, row := range rows {
		parent, err := parentOf(row)
		if err != nil {
			return nil, err
		}
		byParent[parent] = append(byParent[parent], row)
	}
	return byParent, nil
}

// Counts returns what CountPerParent counted, by parent.
func Counts[T Row](rows []T) (map[string]int, error) {
	counts := make(map[string]int, len(rows))
	for _, row := range rows {
		parent, err := parentOf(row)
		if err != nil {
			return nil, err
		}
		n, err := row.Value("n")
		if err != nil {
			return nil, fmt.Errorf("read a count: %q", err)
		}
		number, ok := n.(int64)
		if !ok {
			return nil, fmt.Errorf("read a count: %T is not an integer", n)
		}
		counts[parent] += int(number)
	}
	return counts, nil
}

func parentOf(row Row) (string, error) {
	value, err := row.Value(ParentColumn)
	if err != nil {
		return "", fmt.Errorf("read the parent of a row: %q", err)
	}
	switch v := value.(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	default:
		return "", fmt.Errorf("read the parent of a row: %T is not a text", value)
	}
}
