package graphqlhttp

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// wholeNumbers writes the numbers in v that have no fraction, such as 10.0 and 1e1, as
// integers, because JSON has one kind of number only and the scalar Int accepts all of
// them. It changes lists and objects in place.
func wholeNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			return v
		}
		if f, err := v.Float64(); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return json.Number(strconv.FormatInt(int64(f), 10))
		}
	case []any:
		for i := range v {
			v[i] = wholeNumbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = wholeNumbers(v[name])
		}
	}
	return v
}
