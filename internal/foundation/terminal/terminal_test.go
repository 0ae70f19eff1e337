package terminal_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// TestNames checks the names of the API and the numbers of the database, neither of
// which may ever change.
func TestNames(t *testing.T) {
	t.Parallel()
	want := []string{"WEB", "WAP", "MINI_PROGRAM", "OFFICIAL_ACCOUNT", "APP", "FEED"}
	if len(terminal.All()) != len(want) {
		t.Fatalf("%v", terminal.All())
	}
	for i, on := range terminal.All() {
		if on.String() != want[i] || int(on) != i+1 || !on.Valid() {
			t.Errorf("terminal %d is %s, want %s", on, on, want[i])
		}
		if got, err := terminal.Parse(want[i]); err != nil || got != on {
			t.Errorf("%s is read as %s, %v", want[i], got, err)
		}
	}
	for _, bad := range []string{"", "web", "WEB ", "TELETEXT"} {
		if got, err := terminal.Parse(bad); err == nil || !strings.Contains(err.Error(), "WEB, WAP, MINI_PROGRAM") {
			t.Errorf("%q is read as %s, %v", bad, got, err)
		}
	}
}

// TestJSON checks that JSON holds names, alone, as map keys and in sets.
func TestJSON(t *testing.T) {
	t.Parallel()
	type outlet struct {
		On    terminal.Terminal            `json:"on"`
		Also  terminal.Set                 `json:"also"`
		Links map[terminal.Terminal]string `json:"links"`
	}
	const text = `{"on":"APP","also":["WAP","FEED"],"links":{"WEB":"/a"}}`
	var o outlet
	if err := json.Unmarshal([]byte(text), &o); err != nil || o.On != terminal.App || o.Also != terminal.SetOf(terminal.Feed, terminal.WAP) {
		t.Fatalf("%+v, %v", o, err)
	}
	if again, err := json.Marshal(o); err != nil || string(again) != text {
		t.Errorf("%s, %v", again, err)
	}
	if none, err := json.Marshal(terminal.Set(0)); err != nil || string(none) != "[]" {
		t.Errorf("the empty set: %s, %v", none, err)
	}
	for _, bad := range []string{`{"on":"TELETEXT"}`, `{"on":3}`, `{"also":["TELETEXT"]}`, `{"also":"WEB"}`, `{"also":7}`} {
		if json.Unmarshal([]byte(bad), &outlet{}) == nil {
			t.Errorf("%s is read", bad)
		}
	}
	for _, invalid := range []terminal.Terminal{0, 7, 255} {
		if text, err := json.Marshal(invalid); err == nil {
			t.Errorf("terminal %d is written as %s", invalid, text)
		}
		if invalid.Valid() || invalid.String() != "Terminal("+strconv.Itoa(int(invalid))+")" {
			t.Errorf("terminal %d is valid, or called %s", invalid, invalid)
		}
	}
}

func TestGraphQL(t *testing.T) {
	t.Parallel()
	for _, on := range terminal.All() {
		var w strings.Builder
		on.MarshalGQL(&w)
		name, err := strconv.Unquote(w.String())
		if err != nil {
			t.Fatal(err)
		}
		var got terminal.Terminal
		if err := got.UnmarshalGQL(name); err != nil || got != on {
			t.Errorf("%s is read again as %s, %v", on, got, err)
		}
	}
	var got terminal.Terminal
	for _, bad := range []any{nil, 1, "wap", []any{"WAP"}} {
		if got.UnmarshalGQL(bad) == nil {
			t.Errorf("%v is read as %s", bad, got)
		}
	}
}

// TestSets compares every set of terminals with a list of its members.
func TestSets(t *testing.T) {
	t.Parallel()
	for s := terminal.Set(0); s <= terminal.Everywhere; s++ {
		list := s.List()
		if terminal.SetOf(list...) != s || !slices.IsSorted(list) {
			t.Errorf("set %d lists %v", s, list)
		}
		for _, on := range terminal.All() {
			if s.Has(on) != slices.Contains(list, on) {
				t.Errorf("set %d: Has(%s) is %v", s, on, s.Has(on))
			}
		}
		for some := terminal.Set(0); some <= terminal.Everywhere; some++ {
			want := !slices.ContainsFunc(some.List(), func(on terminal.Terminal) bool { return !s.Has(on) })
			if s.Holds(some) != want {
				t.Errorf("set %d: Holds(%d) is %v", s, some, s.Holds(some))
			}
		}
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	if got := terminal.Named(t.Context()); got != 0 {
		t.Errorf("without terminals: %v", got.List())
	}
	both := terminal.SetOf(terminal.WAP, terminal.App)
	ctx := terminal.With(t.Context(), both)
	if got := terminal.Named(ctx); got != both {
		t.Errorf("got %v", got.List())
	}
	if got := terminal.Named(terminal.With(ctx, terminal.SetOf(terminal.Feed))); got != terminal.SetOf(terminal.Feed) {
		t.Errorf("the inner context has %v", got.List())
	}
}
