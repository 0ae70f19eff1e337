package viewer_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// TestFrom checks that a context without a viewer, or with an empty one, is anonymous.
func TestFrom(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, c := range []struct {
		name string
		got  viewer.Viewer
		want viewer.Viewer
	}{
		{"no viewer", viewer.From(ctx), viewer.Viewer{Role: viewer.Anonymous}},
		{"no role", viewer.From(viewer.With(ctx, viewer.Viewer{TokenID: "tok_1", Publisher: "pub_1"})), viewer.Viewer{Role: viewer.Anonymous}},
		{"an editor", viewer.From(viewer.With(ctx, viewer.Viewer{Role: viewer.Editor, Name: "值班"})), viewer.Viewer{Role: viewer.Editor, Name: "值班"}},
		{"the program", viewer.From(viewer.AsSystem(ctx)), viewer.Viewer{Role: viewer.System}},
		{"the program on behalf of an editor", viewer.From(viewer.AsSystem(viewer.With(ctx, viewer.Viewer{Role: viewer.Editor}))), viewer.Viewer{Role: viewer.System}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, c.got, c.want)
		}
	}
}

func TestIs(t *testing.T) {
	t.Parallel()
	v := viewer.Viewer{Role: viewer.Moderator}
	if !v.Is(viewer.Moderator) || !v.Is(viewer.Admin, viewer.Moderator) || v.Is(viewer.Admin) || v.Is() {
		t.Error("a moderator is not recognised")
	}
	if (viewer.Viewer{}).Is(viewer.Roles()...) {
		t.Error("a viewer without a role has one")
	}
}

// TestParseRole checks that tokens cannot have the roles SYSTEM and ANONYMOUS.
func TestParseRole(t *testing.T) {
	t.Parallel()
	for _, role := range viewer.Roles() {
		if got, err := viewer.ParseRole(string(role)); err != nil || got != role {
			t.Errorf("%s is read as %q, %v", role, got, err)
		}
		var w strings.Builder
		role.MarshalGQL(&w)
		name, err := strconv.Unquote(w.String())
		if err != nil {
			t.Fatal(err)
		}
		var again viewer.Role
		if err := again.UnmarshalGQL(name); err != nil || again != role {
			t.Errorf("GraphQL: %s is read again as %q, %v", role, again, err)
		}
	}
	for _, bad := range []string{"", "editor", "EDITOR ", string(viewer.System), string(viewer.Anonymous)} {
		got, err := viewer.ParseRole(bad)
		if err == nil || got != "" || !strings.Contains(err.Error(), "READER, PUBLISHER, EDITOR") {
			t.Errorf("%q is read as %q, %v", bad, got, err)
		}
	}
	var role viewer.Role
	for _, bad := range []any{nil, 1, "SYSTEM", []any{"EDITOR"}} {
		if role.UnmarshalGQL(bad) == nil {
			t.Errorf("GraphQL: %v is read as %q", bad, role)
		}
	}
	if slices.Contains(viewer.Roles(), viewer.System) {
		t.Error("a token can act as the program")
	}
}
