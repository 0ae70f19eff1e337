package model_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

func TestUnmarshalString(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   any
		want string
		ok   bool
	}{
		{"云渡颐园", "云渡颐园", true}, {"", "", true}, {"a\ab", "a\ab", true}, // control characters are for the fields to judge
		{"a\x00b", "", false}, {"\xff\xfe", "", false}, {"\xed\xa0\x80", "", false}, // the last one is a surrogate in UTF-8
		{json.Number("5"), "", false}, {true, "", false}, {[]any{"a"}, "", false}, {nil, "", false},
	} {
		got, err := model.UnmarshalString(c.in)
		checkRead(t, c.in, got, err, c.want, c.ok)
	}
}

func TestUnmarshalID(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   any
		want string
		ok   bool
	}{
		{"art_1", "art_1", true}, {json.Number("4"), "4", true}, {int64(4), "4", true},
		{"a\x00b", "", false}, {"\xff", "", false}, {1.5, "", false}, {map[string]any{}, "", false},
	} {
		got, err := model.UnmarshalID(c.in)
		checkRead(t, c.in, got, err, c.want, c.ok)
	}
}

func TestUnmarshalOptionalString(t *testing.T) {
	t.Parallel()
	if got, err := model.UnmarshalOptionalString(nil); got != "" || err != nil {
		t.Errorf("null: %q, %v", got, err)
	}
	if got, err := model.UnmarshalOptionalString("林小满"); got != "林小满" || err != nil {
		t.Errorf("a name: %q, %v", got, err)
	}
	if _, err := model.UnmarshalOptionalString("a\x00b"); !fault.Is(err, fault.BadUserInput) {
		t.Errorf("NUL: %v", err)
	}
	var b strings.Builder
	model.MarshalOptionalString("").MarshalGQL(&b)
	model.MarshalOptionalString("好\"").MarshalGQL(&b)
	if b.String() != `null"好\""` {
		t.Errorf("written: %s", b.String())
	}
}

func TestUnmarshalInt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   any
		want int64
		ok   bool
	}{
		{int64(10), 10, true}, {json.Number("10"), 10, true}, {json.Number("-3"), -3, true}, {json.Number("9007199254740991"), 1<<53 - 1, true},
		{json.Number("9007199254740992"), 0, false}, {int64(math.MinInt64), 0, false}, {json.Number("1.5"), 0, false},
		{json.Number("1e400"), 0, false}, {"10", 0, false}, {true, 0, false}, {nil, 0, false},
	} {
		got, err := model.UnmarshalInt64(c.in)
		checkRead(t, c.in, got, err, c.want, c.ok)
		narrow, err := model.UnmarshalInt(c.in)
		checkRead(t, c.in, int64(narrow), err, c.want, c.ok)
	}
}

func TestUnmarshalJSON(t *testing.T) {
	t.Parallel()
	tree := func(text string) any {
		return map[string]any{"type": "document", "children": []any{map[string]any{"text": text}, nil, true, json.Number("1")}}
	}
	got, err := model.UnmarshalJSON(tree("正文"))
	if err != nil || string(got) != `{"children":[{"text":"正文"},null,true,1],"type":"document"}` {
		t.Errorf("%s, %v", got, err)
	}
	if text, err := model.UnmarshalJSONText(tree("正文")); err != nil || text != string(got) {
		t.Errorf("as text: %s, %v", text, err)
	}
	for name, v := range map[string]any{"NUL in a text": tree("a\x00b"), "text that is not UTF-8": tree("\xff"),
		"NUL in a name": map[string]any{"a\x00b": "c"}, "NUL alone": "\x00"} {
		if _, err := model.UnmarshalJSON(v); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func checkRead[T comparable](t *testing.T, in any, got T, err error, want T, ok bool) {
	t.Helper()
	if ok && (err != nil || got != want) || !ok && !fault.Is(err, fault.BadUserInput) {
		t.Errorf("%#v: %#v, %v; want %#v, accepted %v", in, got, err, want, ok)
	}
}

// TestIntDefault checks that a default value of the schema, which generated code hands
// over as an int, is accepted.
func TestIntDefault(t *testing.T) {
	t.Parallel()
	if n, err := model.UnmarshalInt(0); n != 0 || err != nil {
		t.Errorf("0: %d, %v", n, err)
	}
	if n, err := model.UnmarshalInt(24); n != 24 || err != nil {
		t.Errorf("24: %d, %v", n, err)
	}
}
