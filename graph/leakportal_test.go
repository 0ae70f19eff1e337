package graph_test

import (
	"context"
	"testing"

	"github.com/tonggao/tonggao/internal/testkit/apptest"
)

// secret is a value that only some roles may see.
type secret struct {
	What, Value string
	SeenBy      []string
}

// leakPortal is a running program with hidden values, and what it can be asked for:
// leakQueries generates queries for every field of the schema with those IDs, slugs and
// words, so that a new field is searched without a change to a test.
type leakPortal struct {
	*apptest.Program
	T       *testing.T
	Secrets []secret
	IDs     []string // of all items, hidden or not
	Slugs   []string
	TokenOf map[string]string // by who holds them; "" for the anonymous reader
}

// newLeakPortal returns a portal over p without secrets.
func newLeakPortal(t *testing.T, p *apptest.Program) *leakPortal {
	return &leakPortal{Program: p, T: t, TokenOf: map[string]string{}}
}

// Hide records value as a secret and returns it.
func (p *leakPortal) Hide(what, value string, seenBy []string) string {
	p.Secrets = append(p.Secrets, secret{what, value, seenBy})
	return value
}

// Do runs do as the program itself; an error ends the test.
func (p *leakPortal) Do(do func(context.Context) error) {
	p.T.Helper()
	if err := do(apptest.System()); err != nil {
		p.T.Fatal(err)
	}
}
