// Package leaktest searches all answers of the API for values that must not be in
// them. A Portal records the values that a test hid and what it can ask for; Queries
// generates, from the schema, queries for every field with those ids, slugs and words,
// so that a new field is searched without a change to a test.
package leaktest

import (
	"context"
	"testing"

	"github.com/tonggao/tonggao/internal/testkit/apptest"
)

// Secret is a value that only some roles may see.
type Secret struct {
	What, Value string
	SeenBy      []string
}

// Portal is a running program with hidden values.
type Portal struct {
	*apptest.Program
	T       *testing.T
	Secrets []Secret
	IDs     []string // of all items, hidden or not
	Slugs   []string
	TokenOf map[string]string // by who holds them; "" for the anonymous reader
}

// New returns a portal over p without secrets.
func New(t *testing.T, p *apptest.Program) *Portal {
	return &Portal{Program: p, T: t, TokenOf: map[string]string{}}
}

// Hide records value as a secret and returns it.
func (p *Portal) Hide(what, value string, seenBy []string) string {
	p.Secrets = append(p.Secrets, Secret{what, value, seenBy})
	return value
}

// Do runs do as the program itself; an error ends the test.
func (p *Portal) Do(do func(context.Context) error) {
	p.T.Helper()
	if err := do(apptest.System()); err != nil {
		p.T.Fatal(err)
	}
}
