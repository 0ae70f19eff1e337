package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/redact"
)

// Evidence is what supports the statement of a report: who claims, for which work, with
// what proof.
type Evidence struct {
	Contact      optional.String `json:"contact,omitempty"`
	Claimant     optional.String `json:"claimant,omitempty"`
	Organisation optional.String `json:"organisation,omitempty"`
	Address      optional.String `json:"address,omitempty"`
	WorkTitle    optional.String `json:"workTitle,omitempty"`
	WorkURL      optional.String `json:"workUrl,omitempty"`
	Proof        optional.String `json:"proof,omitempty"`
	Truthful     bool            `json:"truthful,omitempty"`
}

// required lists what each kind of report must state before a moderator can decide it: for
// copyright 信息网络传播权保护条例, art. 14; for the rights of persons 民法典, art. 1195 (the
// real identity and preliminary evidence).
var required = map[report.Kind][]string{
	report.KindCOPYRIGHT:        {"claimant", "contact", "address", "workTitle", "proof", "truthful"},
	report.KindPRIVACY:          {"claimant", "contact", "proof"},
	report.KindIMPERSONATION:    {"claimant", "contact", "proof"},
	report.KindDELETION_REQUEST: {"claimant", "contact"},
	report.KindRUMOUR:           {"proof"},
}

// EvidenceOf returns the evidence of r, unredacted.
func EvidenceOf(r *ent.Report) (e Evidence, err error) {
	if r.Evidence == "" {
		return e, nil
	}
	if err := json.Unmarshal([]byte(r.Evidence), &e); err != nil {
		return e, fmt.Errorf("decode the evidence of %s: %w", r.ID, err)
	}
	return e, nil
}

// missing returns the fields that a report of the kind requires and e lacks, by the names
// of the inputs.
func (e Evidence) missing(kind report.Kind) []string {
	has := map[string]bool{"claimant": e.Claimant != "", "contact": e.Contact != "", "address": e.Address != "",
		"workTitle": e.WorkTitle != "", "proof": e.Proof != "", "truthful": e.Truthful}
	return slices.DeleteFunc(slices.Clone(required[kind]), func(name string) bool { return has[name] })
}

// with returns e, changed by the values that are given. It adds to bad what is wrong with
// them.
func (e Evidence) with(contact *string, in *EvidenceInput, bad *fault.Invalid) Evidence {
	if in == nil {
		in = &EvidenceInput{}
	}
	for _, f := range []struct {
		name  string
		value *string
		to    *optional.String
		max   int
	}{
		{"contact", contact, &e.Contact, maxLine}, {"claimant", in.Claimant, &e.Claimant, maxLine},
		{"organisation", in.Organisation, &e.Organisation, maxLine}, {"address", in.Address, &e.Address, maxLine},
		{"workTitle", in.WorkTitle, &e.WorkTitle, maxLine}, {"workUrl", in.WorkURL, &e.WorkURL, maxURL},
	} {
		if f.value != nil {
			*f.to = optional.String(input.Line(bad, f.name, *f.value, 0, f.max))
		}
	}
	if in.Proof != nil {
		e.Proof = optional.String(input.Text(bad, "proof", *in.Proof, 0, maxStatement))
	}
	if in.Truthful != nil {
		e.Truthful = *in.Truthful
	}
	return e
}

// String returns e as JSON.
func (e Evidence) String() string {
	text, _ := json.Marshal(e) // strings and a boolean always marshal
	return string(text)
}

// notifier returns a text that is the same for notices of the same person about the same
// work; empty where the person is unknown.
func (e Evidence) notifier(target string) string {
	if e.Contact == "" {
		return ""
	}
	fold := func(s optional.String) string { return strings.ToLower(strings.Join(strings.Fields(string(s)), "")) }
	return fold(e.Contact) + "\x00" + fold(e.WorkTitle) + "\x00" + target
}

// Masked returns e with what identifies the reporter redacted.
func (e Evidence) Masked() *Evidence {
	for _, personal := range []*optional.String{&e.Claimant, &e.Contact, &e.Address} {
		if *personal != "" {
			*personal = optional.String(redact.Name(string(*personal)))
		}
	}
	return &e
}
