package report

import "github.com/tonggao/tonggao/ent/report"

// Filter says which reports; see ReportFilter in the schema.
type Filter struct {
	Status  *report.Status
	Kind    *report.Kind
	Target  *string
	Overdue *bool
	Open    *bool
	Alarm   *report.Alarm
}

// FileInput is a new report.
type FileInput struct {
	Target    string
	Kind      report.Kind
	Statement string
	Contact   *string
	Evidence  *EvidenceInput

	IdempotencyKey *string
	Website        *string // a trap for programs: people do not see the field
	Captcha        *string // what solved it; asked for where the operator set one up
}

// ReviewInput is a moderator's decision on a report.
type ReviewInput struct {
	Report   string
	Decision Event
	Reason   string
}

// MaterialInput is what whoever holds the receipt hands in later.
type MaterialInput struct {
	Receipt   string
	Statement *string
	Contact   *string
	Evidence  *EvidenceInput
}

// ReceiptInput is a step that whoever holds the receipt takes.
type ReceiptInput struct {
	Receipt   string
	Statement *string
}

// CounterInput is a publisher's objection to a takedown.
type CounterInput struct {
	Item      string
	Statement string
	Contact   *string
	Evidence  *EvidenceInput
}
