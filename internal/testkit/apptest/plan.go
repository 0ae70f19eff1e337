package apptest

import (
	"fmt"
	"strings"
)

// Plan is how SQLite means to run one statement.
type Plan struct {
	Statement string
	Steps     []Step
}

// Step is one line of a plan; Below is false for the outermost ones.
type Step struct {
	Detail string
	Below  bool
}

// Plans asks anonymously and returns the plans of the statements that it took.
func (p *Program) Plans(query string) []Plan {
	p.t.Helper()
	return p.PlansAs("", query)
}

// PlansAs is Plans with a token.
func (p *Program) PlansAs(token, query string) []Plan {
	p.t.Helper()
	return p.PlansOf(func() { p.MustAsk(token, query, nil, new(any)) })
}

// PlansOf is the plans of the statements that do takes.
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

// ScansTable reports whether the plan reads a whole table, in no index's order.
func (p Plan) ScansTable(table string) bool {
	for _, s := range p.Steps {
		if s.Detail == "SCAN "+table {
			return true
		}
	}
	return false
}

// PerParent reports whether the statement merges the short pages of several
// parents, which it sorts.
func (p Plan) PerParent() bool { return strings.Contains(p.Statement, "page_parents") }

// SortsBelow reports whether a part of the plan that runs for each row sorts.
func (p Plan) SortsBelow() bool {
	for _, s := range p.Steps {
		if s.Below && strings.Contains(s.Detail, "TEMP B-TREE") {
			return true
		}
	}
	return false
}

// Sorts reports whether the plan sorts its answer.
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
