// Package viewer carries the identity and role on whose behalf the program acts.
//
// The viewer is a context value. A context without one is the anonymous reader, so that
// a forgotten viewer can hide content but never disclose it. What a role may do is
// decided in package policy.
package viewer

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Role selects what a token allows.
type Role string

// The roles. Anonymous has no token; System is the program (imports, jobs, the command
// line) and is never the role of a request.
const (
	Anonymous  Role = "ANONYMOUS"
	Reader     Role = "READER"
	Publisher  Role = "PUBLISHER"
	Editor     Role = "EDITOR"
	Moderator  Role = "MODERATOR"
	Integrator Role = "INTEGRATOR"
	Admin      Role = "ADMIN"
	System     Role = "SYSTEM"
)

// Roles returns the roles that a token can have.
func Roles() []Role { return []Role{Reader, Publisher, Editor, Moderator, Integrator, Admin} }

// ParseRole reads a role that a token can have.
func ParseRole(s string) (Role, error) {
	var names []string
	for _, r := range Roles() {
		names = append(names, string(r))
		if string(r) == s {
			return r, nil
		}
	}
	return "", fmt.Errorf("role %q is not one of %s", s, strings.Join(names, ", "))
}

// IsPerson reports whether tokens of the role belong to persons, who may have their data
// erased, rather than to the portal's staff and programs.
func (r Role) IsPerson() bool { return r == Reader }

// NeedsPublisher reports whether a token of the role has to name a publisher.
func (r Role) NeedsPublisher() bool { return r == Publisher }

// MarshalGQL writes the GraphQL enum value.
func (r Role) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(r))) }

// UnmarshalGQL reads the GraphQL enum value.
func (r *Role) UnmarshalGQL(v any) (err error) {
	s, _ := v.(string)
	*r, err = ParseRole(s)
	return err
}

// Viewer is an identity and its role.
type Viewer struct {
	Role      Role
	TokenID   string // empty for Anonymous and System
	Name      string // of the token, for the audit log
	Publisher string // ID of the publisher that a Publisher token writes for
	Address   string // network address of the client, for requests over HTTP
}

type key struct{}

// With returns a context with v.
func With(ctx context.Context, v Viewer) context.Context { return context.WithValue(ctx, key{}, v) }

// AsSystem returns a context in which the program acts on its own behalf.
func AsSystem(ctx context.Context) context.Context { return With(ctx, Viewer{Role: System}) }

// AsAnonymous returns ctx with the viewer of a request without a token.
func AsAnonymous(ctx context.Context) context.Context { return With(ctx, Viewer{Role: Anonymous}) }

// From returns the viewer of the context, or the anonymous reader.
func From(ctx context.Context) Viewer {
	if v, ok := ctx.Value(key{}).(Viewer); ok && v.Role != "" {
		return v
	}
	return Viewer{Role: Anonymous}
}

// Is reports whether the viewer has one of the roles.
func (v Viewer) Is(roles ...Role) bool {
	return slices.Contains(roles, v.Role)
}
