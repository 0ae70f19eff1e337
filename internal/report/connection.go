package report

import (
	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/page"
)

// Connection is a page of reports.
type Connection = page.Connection[*ent.Report]

// Edge is a report in a list.
type Edge = page.Edge[*ent.Report]
