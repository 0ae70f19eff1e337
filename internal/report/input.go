package report

import "github.com/tonggao/tonggao/ent/report"

// Filter says which reports; see ReportFilter in the schema.
type Filter struct {
	Status  *report.Status
	Kind    *report.Kind
	Target  *string
	Overdue *bool
}

// FileInput is a new report.
type FileInput struct {
	Target    string
	Kind      report.Kind
	Statement string
	Contact   *string
}
