package record

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// String returns a record for people and for golden files: its type and key, then one
// line for each field that it has.
func String(r Record) string {
	var b strings.Builder
	v := reflect.ValueOf(r).Elem()
	_, _ = fmt.Fprintf(&b, "%s %s (%s)\n", v.Type().Name(), r.Head().Key, r.Head().Where)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Name == "Common" || v.Field(i).IsZero() {
			continue
		}
		switch value := v.Field(i).Interface().(type) {
		case instant.Instant:
			_, _ = fmt.Fprintf(&b, "  %s: %s\n", field.Name, value)
		case string:
			_, _ = fmt.Fprintf(&b, "  %s: %s\n", field.Name, strings.ReplaceAll(strings.TrimSuffix(value, "\n"), "\n", "\n    "))
		case []string:
			_, _ = fmt.Fprintf(&b, "  %s: %s\n", field.Name, strings.Join(value, " | "))
		default:
			text, _ := json.Marshal(value) // numbers, booleans and maps of texts
			_, _ = fmt.Fprintf(&b, "  %s: %s\n", field.Name, text)
		}
	}
	lost := slices.Clone(r.Head().Lost)
	slices.Sort(lost)
	for _, what := range lost {
		_, _ = fmt.Fprintf(&b, "  lost: %s\n", what)
	}
	return b.String()
}
