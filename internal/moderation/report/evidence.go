package report

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/redact"
)

// Evidence is what a report rests on beside its statement: who speaks, for which
// work, with what proof.
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

// EvidenceInput is evidence as it is handed in; see EvidenceInput in the schema.
type EvidenceInput struct {
	Claimant, Organisation, Address, WorkTitle, WorkURL, Proof *string
	Truthful                                                   *bool
}

// required is what each kind of report must state before it can be looked into:
// for copyright 信息网络传播权保护条例, art. 14; for the rights of persons 民法典,
// art. 1195 (the real identity and first evidence).
var required = map[report.Kind][]string{
	report.KindCOPYRIGHT:        {"claimant", "contact", "address", "workTitle", "proof", "truthful"},
	report.KindPRIVACY:          {"claimant", "contact", "proof"},
	report.KindIMPERSONATION:    {"claimant", "contact", "proof"},
	report.KindDELETION_REQUEST: {"claimant", "contact"},
	report.KindRUMOUR:           {"proof"},
}

// Required is what a report of kind must state, by the names of the inputs.
func Required(kind report.Kind) []string { return slices.Clone(required[kind]) }

// missing is what of it e does not have.
func (e Evidence) missing(kind report.Kind) []string {
	has := map[string]bool{"claimant": e.Claimant != "", "contact": e.Contact != "", "address": e.Address != "",
		"workTitle": e.WorkTitle != "", "proof": e.Proof != "", "truthful": e.Truthful}
	return slices.DeleteFunc(Required(kind), func(name string) bool { return has[name] })
}

// with is e and what in adds to it or puts in its place.
func (e Evidence) with(contact *string, in *EvidenceInput, bad *fault.Invalid) Evidence {
	line := func(field string, into *optional.String, value *string, most int) {
		if value == nil {
			return
		}
		text := strings.TrimSpace(newlines.Replace(*value))
		allowed := ""
		if field == "proof" {
			allowed = "\n\t"
		}
		switch n := utf8.RuneCountInString(text); {
		case n > most:
			bad.Add("TOO_LONG", field, "has %d characters; at most %d fit", n, most)
		case garbled(text, allowed):
			bad.Add("INVALID", field, "contains control characters; remove them")
		}
		*into = optional.String(text)
	}
	line("contact", &e.Contact, contact, maxContact)
	if in == nil {
		return e
	}
	line("claimant", &e.Claimant, in.Claimant, maxContact)
	line("organisation", &e.Organisation, in.Organisation, maxContact)
	line("address", &e.Address, in.Address, maxContact)
	line("workTitle", &e.WorkTitle, in.WorkTitle, maxContact)
	line("workUrl", &e.WorkURL, in.WorkURL, maxURL)
	line("proof", &e.Proof, in.Proof, maxStatement)
	if in.Truthful != nil {
		e.Truthful = *in.Truthful
	}
	return e
}

func (e Evidence) String() string {
	text, _ := json.Marshal(e) // strings and a boolean always marshal
	return string(text)
}

// notifier is who notifies of what, to recognise the same notice again.
func (e Evidence) notifier(target string) string {
	if e.Contact == "" {
		return ""
	}
	return strings.ToLower(strings.Join(strings.Fields(string(e.Contact)), "")) + "\x00" +
		strings.ToLower(strings.Join(strings.Fields(string(e.WorkTitle)), "")) + "\x00" + target
}

// Masked is e without what tells who the reporter is.
func (e Evidence) Masked() *Evidence {
	for _, personal := range []*optional.String{&e.Claimant, &e.Contact, &e.Address} {
		if *personal != "" {
			*personal = optional.String(redact.Name(string(*personal)))
		}
	}
	return &e
}
