package invalidation

import (
	"slices"
	"strings"
	"sync"

	"entgo.io/ent/dialect/sql/schema"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/migrate"
)

// Keys. A statement that writes rows of a table changes the key of each row, or that of the
// table, which represents all rows. An answer that read some rows depends on them and on the
// table; one that read all depends on anyOf, which every write changes.
const (
	anySuffix   = "*"
	countPrefix = "count:"
	searchTable = "search"
	listKey     = article.Table + "/list"  // which articles are in lists, and in which order
	viewsKey    = article.Table + "/views" // how often articles were viewed
)

func anyOf(table string) string     { return table + anySuffix }
func keyOf(table, id string) string { return table + "/" + id }
func countKey(id string) string     { return keyOf(article.Table, countPrefix+id) }

func tableOf(key string) string {
	table, _, _ := strings.Cut(key, "/")
	return table
}

// private are the tables that no answer for the public shows. Their writes are not recorded,
// and an answer that reads one is not kept.
var private = []string{"attachments", "audits", "audit_head", "batches", "case_events", "change_head", "changes", "claims",
	"followed", "graves", "notices", "reports", "revisions", "tokens", "webhook_attempts", "webhooks"}

// known are all tables, and whether they are private.
var known = func() map[string]bool {
	tables := map[string]bool{searchTable: false, "addresses": false, "imported": false} // ent does not know these
	for _, t := range migrate.Tables {
		tables[t.Name] = false
	}
	for _, name := range private {
		tables[name] = true
	}
	return tables
}()

// Known reports whether the package knows a table.
func Known(table string) bool {
	_, ok := known[table]
	return ok
}

// dependents are the tables of which rows are deleted or changed with those of a table.
var dependents = func() map[string][]string {
	direct := map[string][]string{}
	for _, t := range migrate.Tables {
		for _, key := range t.ForeignKeys {
			if key.OnDelete == schema.Cascade || key.OnDelete == schema.SetNull {
				direct[key.RefTable.Name] = append(direct[key.RefTable.Name], t.Name)
			}
		}
	}
	all := map[string][]string{}
	for table := range direct {
		for queue := []string{table}; len(queue) > 0; queue = queue[1:] {
			for _, next := range direct[queue[0]] {
				if next != table && !slices.Contains(all[table], next) {
					all[table], queue = append(all[table], next), append(queue, next)
				}
			}
		}
	}
	return all
}()

// change is what a statement that writes articles changes of them.
type change int

const (
	anything change = iota
	deletedRows
	onlyViews
	onlyCounts
)

// statement is what the text of a statement says.
type statement struct {
	reads   bool
	tables  []string // that it names, without private ones
	private bool     // it names one of those
	written []string // tables that it writes, without private ones
	changes change
	views   bool // it names articles.view_count
	counts  bool // it names articles.comment_count
}

// maxParsed bounds the texts that are remembered.
const maxParsed = 4096

var parsed struct {
	sync.RWMutex
	statements map[string]*statement
}

// parse returns what a text says; it remembers most.
func parse(query string) *statement {
	parsed.RLock()
	s := parsed.statements[query]
	parsed.RUnlock()
	if s != nil {
		return s
	}
	s = parseText(query)
	parsed.Lock()
	defer parsed.Unlock()
	if parsed.statements == nil || len(parsed.statements) >= maxParsed {
		parsed.statements = map[string]*statement{}
	}
	parsed.statements[query] = s
	return s
}

func isName(r rune) bool {
	return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func parseText(query string) *statement {
	s := &statement{}
	names := strings.FieldsFunc(query, func(r rune) bool { return !isName(r) })
	var written []string
	for _, name := range names {
		hidden, ok := known[name]
		switch {
		case name == article.FieldViewCount:
			s.views = true
		case name == article.FieldCommentCount:
			s.counts = true
		case ok && hidden:
			s.private = true
		case ok && !slices.Contains(s.tables, name):
			s.tables = append(s.tables, name)
		}
	}
	if len(names) == 0 {
		return s
	}
	switch verb := strings.ToUpper(names[0]); {
	case verb == "SELECT" || verb == "WITH" && !writes(names):
		s.reads = true
		return s
	case len(names) > 2 && (verb == "INSERT" || verb == "DELETE"):
		written = names[2:3] // INSERT INTO t, DELETE FROM t
	case len(names) > 1 && verb == "UPDATE":
		written = names[1:2]
	default:
		written = s.tables
	}
	for _, table := range written {
		if hidden, ok := known[table]; ok && !hidden {
			s.written = append(s.written, table)
		}
	}
	s.changes = changeOf(names)
	if s.changes == deletedRows {
		for _, table := range written {
			s.written = append(s.written, dependents[table]...)
		}
		s.written = slices.DeleteFunc(s.written, func(table string) bool { return known[table] })
	}
	return s
}

// writes reports whether a statement that begins with WITH writes.
func writes(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.Contains([]string{"INSERT", "UPDATE", "DELETE", "MERGE"}, strings.ToUpper(name))
	})
}

// changeOf returns what a statement that writes changes.
func changeOf(names []string) change {
	switch verb := strings.ToUpper(names[0]); {
	case verb == "DELETE":
		return deletedRows
	case verb != "UPDATE":
		return anything
	}
	set := slices.Index(names, "SET")
	if set < 0 {
		return anything
	}
	var columns []string
	for _, name := range names[set+1:] {
		if name == "WHERE" || name == "FROM" {
			break
		}
		if slices.Contains(article.Columns, name) {
			columns = append(columns, name)
		}
	}
	only := func(column string) bool {
		return len(columns) > 0 && !slices.ContainsFunc(columns, func(name string) bool { return name != column })
	}
	switch {
	case only(article.FieldViewCount):
		return onlyViews
	case only(article.FieldCommentCount):
		return onlyCounts
	}
	return anything
}
