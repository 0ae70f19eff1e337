package graphqlhttp

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWholeNumbers(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`10`: `10`, `10.0`: `10`, `1e1`: `10`, `-2.50E1`: `-25`, `-0.0`: `0`,
		`1.5`: `1.5`, `1e400`: `1e400`, `9007199254740992.0`: `9007199254740992.0`, `9007199254740993`: `9007199254740993`,
		`"10.0"`: `"10.0"`, `{"a":[1.0,{"b":2.0}],"c":null}`: `{"a":[1,{"b":2}],"c":null}`,
	} {
		var v any
		d := json.NewDecoder(strings.NewReader(in))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(wholeNumbers(v)); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", in, got, err, want)
		}
	}
}
