package report

import (
	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// Connection is a page of reports.
type Connection = pagination.Connection[*ent.Report]

// Edge is a report in a list.
type Edge = pagination.Edge[*ent.Report]
