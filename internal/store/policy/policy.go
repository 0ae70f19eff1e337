// Package policy says who sees and does what. Its rules are registered when the
// store opens, on the one client that everybody gets, so a query or a change
// cannot forget them: what nobody allowed is denied.
//
// Reading: a viewer's queries find only the rows it may see (read.go), and what
// it may not know of them is masked before the rows leave this layer (mask.go).
// Where a request names its terminal, what is off it does not exist for it,
// whoever asks (terminal.go).
// At rest: what tells of persons is sealed (seal.go).
// Writing: each kind of row lists the roles that may write it (write.go).
// The rules are not in ent/schema, because code generation from a clean tree
// fails with Policy() there. ent does not apply interceptors inside HasXWith
// predicates, so no package builds those from input.
package policy

import (
	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Register puts the rules on c; keys seal what tells of persons.
func Register(c *ent.Client, clock instant.Clock, keys seal.Ring) {
	registerReads(c, clock)
	registerMasks(c)
	registerWrites(c)
	registerSeals(c, keys)
}

// staff sees articles in every state.
var staff = []viewer.Role{viewer.Editor, viewer.Moderator, viewer.Admin, viewer.System}

// moderators see comments in every state, and reports.
var moderators = []viewer.Role{viewer.Moderator, viewer.Admin, viewer.System}

// Editors write articles of everybody, and the places they are filed in.
var editors = []viewer.Role{viewer.Editor, viewer.Admin, viewer.System}

// integrators have webhooks: an administrator sees everybody's.
var integrators = []viewer.Role{viewer.Integrator, viewer.Admin, viewer.System}

// IsIntegrator reports whether v has webhooks.
func IsIntegrator(v viewer.Viewer) bool { return v.Is(integrators...) }

// IsEditor reports whether v may write every article.
func IsEditor(v viewer.Viewer) bool { return v.Is(editors...) }

// IsWriter reports whether v may write articles, if only its own.
func IsWriter(v viewer.Viewer) bool {
	return IsEditor(v) || v.Is(viewer.Publisher) && v.Publisher != ""
}

// IsModerator reports whether v decides on comments and reports.
func IsModerator(v viewer.Viewer) bool { return v.Is(moderators...) }

// IsStaff reports whether v sees articles in every state.
func IsStaff(v viewer.Viewer) bool { return v.Is(staff...) }
