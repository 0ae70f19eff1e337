package graph_test

import (
	"regexp"
	"strings"

	"github.com/tonggao/tonggao/internal/testkit/apptest"
)

// A plan is how SQLite is going to run one statement, as apptest.Program.Plans writes it.
type plan string

// plans sends a query with a token and returns the plans of its statements.
func plans(p *apptest.Program, token, query string) (list []plan) {
	for _, text := range p.Plans(func() { p.MustAsk(token, query, nil, new(any)) }) {
		list = append(list, plan(text))
	}
	return list
}

// has reports whether a line of the plan contains text.
func (p plan) has(text string) bool { return strings.Contains(string(p), text) }

// scans reports whether the plan reads a whole table or index.
func (p plan) scans(table string) bool { return p.has("\n  SCAN "+table) || p.has("\n    SCAN "+table) }

// scansTable reports whether the plan reads a whole table without an index.
func (p plan) scansTable(table string) bool { return p.has("  SCAN " + table + "\n") }

// perParent reports whether the statement reads the pages of several parents at once, which
// it sorts.
func (p plan) perParent() bool { return p.has("page_parents") }

// sorts reports whether the plan sorts.
func (p plan) sorts() bool { return p.has("TEMP B-TREE") }

var sortBelow = regexp.MustCompile(`\n    .*TEMP B-TREE`)

// sortsBelow reports whether a part of the plan that runs once a row sorts.
func (p plan) sortsBelow() bool { return sortBelow.MatchString(string(p)) }
