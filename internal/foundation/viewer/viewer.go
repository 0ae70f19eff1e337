// Package viewer says on whose behalf something is done.
//
// The viewer travels in the context, and only there. A context without one is
// the anonymous reader: forgetting to set it can hide content, never show it.
package viewer

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Role is what a token allows.
type Role string

// The roles. Anonymous has no token; System is the program itself (imports,
// jobs, the command line) and never comes from a request.
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

// Roles lists the roles that a token can carry.
func Roles() []Role { return []Role{Reader, Publisher, Editor, Moderator, Integrator, Admin} }

// ParseRole reads a role that a token can carry.
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

// MarshalGQL writes the GraphQL enum value.
func (r Role) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(r))) }

// UnmarshalGQL reads the GraphQL enum value.
func (r *Role) UnmarshalGQL(v any) (err error) {
	s, _ := v.(string)
	*r, err = ParseRole(s)
	return err
}

// Viewer is on whose behalf something is done.
type Viewer struct {
	Role      Role
	TokenID   string // the token's id; empty for Anonymous and System
	Name      string // the token's name, for the audit
	Publisher string // the id of the publisher that a Publisher token writes for
	Address   string // the client's network address, where the request came over HTTP
}

type key struct{}

// With puts v into the context.
func With(ctx context.Context, v Viewer) context.Context { return context.WithValue(ctx, key{}, v) }

// AsSystem lets the program itself act.
func AsSystem(ctx context.Context) context.Context { return With(ctx, Viewer{Role: System}) }

// From is the viewer in the context, or the anonymous reader.
func From(ctx context.Context) Viewer {
	if v, ok := ctx.Value(key{}).(Viewer); ok && v.Role != "" {
		return v
	}
	return Viewer{Role: Anonymous}
}

// Is reports whether the viewer has one of the roles.
func (v Viewer) Is(roles ...Role) bool {
	for _, r := range roles {
		if v.Role == r {
			return true
		}
	}
	return false
}
