package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Tables are the tables of a database.
type Tables struct {
	db    *sql.DB
	names map[string]bool
	text  *decoder // of a server; nil for a dump, whose texts are UTF-8
}

// Close closes the database.
func (t *Tables) Close() error { return t.db.Close() }

// Has reports whether there is a table.
func (t *Tables) Has(table string) bool { return t.names[table] }

// Names returns the names of the tables, sorted.
func (t *Tables) Names() []string { return slices.Sorted(maps.Keys(t.names)) }

// Row holds the values of a row by the names of their columns in lower case. A column that an
// older version does not have is empty, as is NULL.
type Row map[string]string

// Int returns a number; 0 where there is none.
func (r Row) Int(column string) int64 {
	text, _, _ := strings.Cut(strings.TrimSpace(r[column]), ".")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// pageRows is how many rows are read at a time.
const pageRows = 200

// Each calls use with the rows of a table in the order of its key, some at a time. No
// statement is open while use runs. A table that does not exist has no rows.
func (t *Tables) Each(ctx context.Context, table, key string, use func([]Row) error) error {
	if !t.Has(table) {
		return nil
	}
	for after, more := int64(math.MinInt64), true; more; {
		rows, err := t.query(ctx, fmt.Sprintf("SELECT * FROM %s WHERE %s > %d ORDER BY %s LIMIT %d", quote(table), quote(key), after, quote(key), pageRows))
		if err != nil {
			return fmt.Errorf("read the table %s: %w", table, err)
		}
		if more = len(rows) == pageRows; len(rows) == 0 {
			return nil
		}
		last := rows[len(rows)-1].Int(key)
		if last <= after {
			return fmt.Errorf("read the table %s: its key %s is no number", table, key)
		}
		after = last
		if err := use(rows); err != nil {
			return err
		}
	}
	return nil
}

// In returns the rows of a table whose key is one of ids. A table that does not exist has
// no rows.
func (t *Tables) In(ctx context.Context, table, key string, ids []int64) ([]Row, error) {
	if !t.Has(table) || len(ids) == 0 {
		return nil, nil
	}
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = strconv.FormatInt(id, 10)
	}
	rows, err := t.query(ctx, fmt.Sprintf("SELECT * FROM %s WHERE %s IN (%s)", quote(table), quote(key), strings.Join(list, ", ")))
	if err != nil {
		return nil, fmt.Errorf("read the table %s: %w", table, err)
	}
	return rows, nil
}

// query returns the rows of a statement.
func (t *Tables) query(ctx context.Context, statement string) (list []Row, err error) {
	rows, err := t.db.QueryContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make(Row, len(columns))
		for i, c := range columns {
			text := values[i].String
			if t.text != nil {
				text = t.text.decode([]byte(text))
			}
			row[strings.ToLower(c)] = text
		}
		list = append(list, row)
	}
	return list, rows.Err()
}
