package policy

import (
	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/takedown"
)

// ClosedReports lists the states in which a report is closed.
var ClosedReports = []report.Status{report.StatusREJECTED, report.StatusWITHDRAWN, report.StatusRESTORED, report.StatusMEASURES_TAKEN, report.StatusUPHELD}

// OnHold selects the rows whose id is that of an item under legal hold: a takedown of it is
// in force, or a report about it is open. Such items are kept as they are.
func OnHold(q *sql.Selector, id string) *sql.Predicate {
	down, open := sql.Dialect(q.Dialect()).Table(takedown.Table), sql.Dialect(q.Dialect()).Table(report.Table)
	closed := make([]any, len(ClosedReports))
	for i, status := range ClosedReports {
		closed[i] = status
	}
	return sql.Or(
		sql.Exists(sql.Dialect(q.Dialect()).Select(down.C(takedown.FieldID)).From(down).
			Where(sql.And(sql.ColumnsEQ(down.C(takedown.FieldItem), q.C(id)), sql.IsNull(down.C(takedown.FieldLiftedAt))))),
		sql.Exists(sql.Dialect(q.Dialect()).Select(open.C(report.FieldID)).From(open).
			Where(sql.And(sql.ColumnsEQ(open.C(report.FieldTarget), q.C(id)), sql.NotIn(open.C(report.FieldStatus), closed...)))),
	)
}
