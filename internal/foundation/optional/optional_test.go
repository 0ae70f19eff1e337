package optional_test

import (
	"encoding/json"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/optional"
)

// TestJSON writes and reads texts inside of a struct.
func TestJSON(t *testing.T) {
	t.Parallel()
	type row struct {
		Subtitle optional.String `json:"subtitle"`
	}
	for text, value := range map[string]optional.String{
		`{"subtitle":null}`:                         "",
		`{"subtitle":"副题"}`:                         "副题",
		`{"subtitle":"\"\\n\" \u003c\ud83d\ude00"}`: "\"\\n\" <😀",
	} {
		got := row{"before"}
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.Subtitle != value {
			t.Errorf("%s is read as %q, %v", text, got.Subtitle, err)
		}
		written, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		var again row
		if err := json.Unmarshal(written, &again); err != nil || again != got {
			t.Errorf("%s is written as %s, %v", text, written, err)
		}
	}
	empty := row{"before"}
	if err := json.Unmarshal([]byte(`{"subtitle":""}`), &empty); err != nil || empty.Subtitle != "" {
		t.Errorf("an empty string is read as %q, %v", empty.Subtitle, err)
	}
	for _, bad := range []string{`{"subtitle":5}`, `{"subtitle":["a"]}`, `{"subtitle":{}}`, `{"subtitle":true}`} {
		if got := (row{}); json.Unmarshal([]byte(bad), &got) == nil {
			t.Errorf("%s is read as %q", bad, got.Subtitle)
		}
	}
}
