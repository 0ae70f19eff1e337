// Package policy decides who may see and do what. Its rules are registered on the one
// ent client when the store opens, so no query and no mutation can skip them: anything
// that no rule allows is denied.
//
// Roles and what they may do are in one table (action.go); no other package names a
// role. Reading: one interceptor restricts every query to the rows that the viewer may see,
// and shows none of an entity that has no rule (read.go); others redact parts of rows (mask.go). "Visible to the public now" is one
// predicate in SQL with a twin in Go (public.go). A request that names a terminal sees
// nothing that is off that terminal, in any role (terminal.go). Writing: a hook
// denies mutations that the table does not allow (write.go). At rest: personal data and
// secrets are encrypted, by one table of columns (sealed.go).
//
// The rules are not in ent/schema, because code generation from a clean tree fails with
// Policy() there. Ent does not apply interceptors inside HasXWith predicates, so no
// package builds those from input. The package does not authenticate: the viewer is
// taken from the context as it is.
package policy

import (
	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/seal"
)

// Register adds the rules to c; keys encrypt sealed columns.
func Register(c *ent.Client, clock instant.Clock, keys seal.Ring) {
	registerReads(c, clock)
	registerMasks(c)
	registerWrites(c)
	registerSeals(c, keys) // last: values are decrypted before they are masked
}
