package apptest

import (
	"strings"
)

// Plans returns the plans, by SQLite, of the statements that do sends: the statement, and a
// line for each step, which is indented further where it is below another one.
func (p *Program) Plans(do func()) []string {
	p.t.Helper()
	var statements []string
	stop := p.Store.Listen(func(statement string) { statements = append(statements, statement) })
	do()
	stop()
	for i, statement := range statements {
		statements[i] = p.plan(statement)
	}
	return statements
}

func (p *Program) plan(statement string) string {
	p.t.Helper()
	unbound := make([]any, strings.Count(statement, "?"))
	rows, err := p.Store.Client(System()).QueryContext(System(), "EXPLAIN QUERY PLAN "+statement, unbound...)
	if err != nil {
		p.t.Fatalf("explain %s: %v", statement, err)
	}
	defer rows.Close()
	plan := statement + "\n"
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			p.t.Fatal(err)
		}
		plan += strings.Repeat("  ", 1+min(parent, 1)) + detail + "\n"
	}
	return plan
}
