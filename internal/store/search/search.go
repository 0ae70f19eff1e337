// Package search is the full-text index: it finds Chinese words of two characters and
// more, and whole Latin words, exactly and newest first, with the same results on both
// engines.
//
// The index holds bigrams (internal/foundation/bigram) under each article's slot: its
// position in lists, made unique. Reading slots in descending order reads articles newest
// first, so a page of a common word costs as little as one of a rare word. SQLite uses
// FTS5 and phrases; PostgreSQL a GIN index over the bigrams, and then compares the tokens
// in order, because a tsvector keeps no positions of long texts. The package does not
// decide what may be found: Find runs inside a query of articles, to which
// internal/store/policy has added its rules.
package search

import (
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/bigram"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// Order is the order of results: newest first.
var Order = pagination.Order{Name: "SEARCH", Column: article.FieldSearchSlot, Desc: true}

// Put indexes text under slot and replaces what was indexed there.
func Put(ctx context.Context, c *ent.Client, engine string, slot int64, text string) error {
	if engine == dialect.Postgres {
		document := bigram.Document(text)
		_, err := c.ExecContext(ctx, `INSERT INTO search (slot, terms, document) VALUES ($1, array_to_tsvector($2::text[]), $3)
			ON CONFLICT (slot) DO UPDATE SET terms = excluded.terms, document = excluded.document`,
			slot, distinct(strings.Fields(document)), " "+document+" ")
		return wrap("index", slot, err)
	}
	if err := Remove(ctx, c, engine, slot); err != nil {
		return err
	}
	_, err := c.ExecContext(ctx, "INSERT INTO search (rowid, terms) VALUES (?, ?)", slot, bigram.Document(text))
	return wrap("index", slot, err)
}

// Remove deletes slot from the index.
func Remove(ctx context.Context, c *ent.Client, engine string, slot int64) error {
	statement := "DELETE FROM search WHERE rowid = ?"
	if engine == dialect.Postgres {
		statement = "DELETE FROM search WHERE slot = $1"
	}
	_, err := c.ExecContext(ctx, statement, slot)
	return wrap("remove", slot, err)
}

func wrap(what string, slot int64, err error) error {
	if err != nil {
		return fmt.Errorf("%s the text of slot %d: %w", what, slot, err)
	}
	return nil
}

// Find turns a query of articles into one of those that match q, page w of them. It must be
// the query's last modifier.
func Find(q bigram.Query, w pagination.Query) func(*sql.Selector) {
	return func(s *sql.Selector) {
		join(s, q, w.After())
		s.OrderExpr(sql.Raw(slotColumn(s) + " DESC")).Limit(w.Limit())
	}
}

// Count turns a query of articles into one that counts those that match q.
func Count(q bigram.Query) func(*sql.Selector) {
	return func(s *sql.Selector) { join(s, q, nil) }
}

// join joins the query to the index, which drives it.
func join(s *sql.Selector, q bigram.Query, after *pagination.Position) {
	table, slot := s.TableName(), slotColumn(s)
	conditions := s.P()
	s.ClearOrder()
	s.FromExpr(sql.ExprFunc(func(b *sql.Builder) { b.WriteString("search CROSS JOIN ").Ident(table) }))
	s.SetP(sql.P(func(b *sql.Builder) {
		b.Ident(sql.Dialect(s.Dialect()).Table(table).C(article.FieldSearchSlot)).WriteString(" = " + slot)
		if s.Dialect() == dialect.Postgres {
			b.WriteString(" AND search.terms @@ ").Arg(tsquery(q)).WriteString("::tsquery")
			for _, phrase := range q.Phrases() {
				b.WriteString(" AND strpos(search.document, ").Arg(" " + phrase + " ").WriteString(") > 0")
			}
		} else {
			b.WriteString(" AND search MATCH ").Arg(q.FTS5())
		}
		if after != nil {
			b.WriteString(" AND " + slot + " < ").Arg(after.Value)
		}
		if conditions != nil {
			b.WriteString(" AND (").Join(conditions).WriteByte(')')
		}
	}))
}

func slotColumn(s *sql.Selector) string {
	if s.Dialect() == dialect.Postgres {
		return "search.slot"
	}
	return "search.rowid"
}

// tsquery returns a query for all bigrams; they are quoted, so nothing in them is syntax.
func tsquery(q bigram.Query) string {
	grams := q.Grams()
	for i, gram := range grams {
		grams[i] = "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(gram) + "'"
	}
	return strings.Join(grams, " & ")
}

func distinct(tokens []string) []string {
	seen := make(map[string]bool, len(tokens))
	list := make([]string, 0, len(tokens))
	for _, t := range tokens {
		if !seen[t] {
			seen[t] = true
			list = append(list, t)
		}
	}
	return list
}
