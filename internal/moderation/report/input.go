package report

import "github.com/tonggao/tonggao/ent/report"

// Limits of what a reporter may write, in characters.
const (
	minStatement = 5
	maxStatement = 5000
	maxLine      = 200
	maxURL       = 2000
)

// Filter selects reports; see ReportFilter in the schema.
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
	Website        *string // a honeypot: people do not see the field
	Captcha        *string // the solution, where the operator configured a captcha
}

// EvidenceInput is evidence as a client sends it; see EvidenceInput in the schema.
type EvidenceInput struct {
	Claimant, Organisation, Address, WorkTitle, WorkURL, Proof *string
	Truthful                                                   *bool
}

// Texts returns what a client wrote.
func (e *EvidenceInput) Texts() []*string {
	if e == nil {
		return nil
	}
	return []*string{e.Claimant, e.Organisation, e.Address, e.WorkTitle, e.WorkURL, e.Proof}
}

// ReviewInput is a moderator's decision on a report.
type ReviewInput struct {
	Report   string
	Decision Event
	Reason   string
}

// MaterialInput is material that the holder of a receipt adds.
type MaterialInput struct {
	Receipt   string
	Statement *string
	Contact   *string
	Evidence  *EvidenceInput
}

// ReceiptInput is an action of the holder of a receipt.
type ReceiptInput struct {
	Receipt   string
	Statement *string
}

// CounterInput is a publisher's counter-notice to a takedown.
type CounterInput struct {
	Item      string
	Statement string
	Contact   *string
	Evidence  *EvidenceInput
}
