package apptest

import (
	"fmt"
	"strings"
)

// A Plan is how SQLite is going to run one statement.
type Plan struct {
	Statement string
	Steps     []Step
}

// A Step is one line of a plan; Below is false for the outermost ones.
type Step struct {
	Detail string
	Below  bool
}

// Plans sends an anonymous query and returns the plans of its statements.
func (p *Program) Plans(query string) []Plan {
	p.t.Helper()
	return p.PlansAs("", query)
}

// PlansAs sends a query with a token and returns the plans of its statements.
func (p *Program) PlansAs(token, query string) []Plan {
	p.t.Helper()
	return p.PlansOf(func() { p.MustAsk(token, query, nil, new(any)) })
}

// PlansOf returns the plans of the statements that do sends.
func (p *Program) PlansOf(do func()) []Plan {
	p.t.Helper()
	var statements []string
	stop := p.Store.Listen(func(statement string) { statements = append(statements, statement) })
	do()
	stop()
	plans := make([]Plan, len(statements))
	for i, statement := range statements {
		plans[i] = p.plan(statement)
	}
	return plans
}

func (p *Program) plan(statement string) Plan {
	p.t.Helper()
	unbound := make([]any, strings.Count(statement, "?"))
	rows, err := p.Store.Client(System()).QueryContext(System(), "EXPLAIN QUERY PLAN "+statement, unbound...)
	if err != nil {
		p.t.Fatalf("explain %s: %v", statement, err)
	}
	defer rows.Close()
	plan := Plan{Statement: statement}
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			p.t.Fatal(err)
		}
		plan.Steps = append(plan.Steps, Step{detail, parent != 0})
	}
	return plan
}

// Scans reports whether the plan reads a whole table or index.
func (p Plan) Scans(table string) bool {
	for _, s := range p.Steps {
		if strings.HasPrefix(s.Detail, "SCAN "+table) {
			return true
		}
	}
	return false
}

// ScansTable reports whether the plan reads a whole table without an index.
func (p Plan) ScansTable(table string) bool {
	for _, s := range p.Steps {
		if s.Detail == "SCAN "+table {
			return true
		}
	}
	return false
}

// PerParent reports whether the statement reads the pages of several parents at once, which
// it sorts.
func (p Plan) PerParent() bool { return strings.Contains(p.Statement, "page_parents") }

// SortsBelow reports whether a part of the plan that runs once a row sorts.
func (p Plan) SortsBelow() bool {
	for _, s := range p.Steps {
		if s.Below && strings.Contains(s.Detail, "TEMP B-TREE") {
			return true
		}
	}
	return false
}

// Sorts reports whether the plan sorts.
func (p Plan) Sorts() bool {
	for _, s := range p.Steps {
		if strings.Contains(s.Detail, "TEMP B-TREE") {
			return true
		}
	}
	return false
}

func (p Plan) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, p.Statement)
	for _, s := range p.Steps {
		indent := "  "
		if s.Below {
			indent = "    "
		}
		fmt.Fprintln(&b, indent+s.Detail)
	}
	return b.String()
}
