package model

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/optional"
)

// MarshalString writes the scalars String and Cursor.
func MarshalString(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalString reads the scalars String and Cursor. Every text of a request, whether
// a literal or a variable, is read here or in UnmarshalID or UnmarshalJSON, and none may
// hold what PostgreSQL cannot store.
func UnmarshalString(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", fault.New(fault.BadUserInput, "a string was expected, not %s", kind(v))
	}
	return s, checkText(s)
}

// MarshalOptionalString writes an optional String: null where it is absent.
func MarshalOptionalString(s optional.String) graphql.Marshaler {
	if s == "" {
		return graphql.Null
	}
	return MarshalString(string(s))
}

// UnmarshalOptionalString reads an optional String.
func UnmarshalOptionalString(v any) (optional.String, error) {
	if v == nil {
		return "", nil
	}
	s, err := UnmarshalString(v)
	return optional.String(s), err
}

// MarshalID writes the scalar ID.
func MarshalID(id string) graphql.Marshaler { return graphql.MarshalString(id) }

// UnmarshalID reads the scalar ID: a string or, as the specification has it, an integer.
func UnmarshalID(v any) (string, error) {
	switch n := v.(type) {
	case json.Number:
		return n.String(), nil
	case int64:
		return strconv.FormatInt(n, 10), nil
	}
	return UnmarshalString(v)
}

// MarshalInt writes the scalar Int.
func MarshalInt(n int) graphql.Marshaler { return graphql.MarshalInt(n) }

// UnmarshalInt reads the scalar Int.
func UnmarshalInt(v any) (int, error) {
	n, err := UnmarshalInt64(v)
	return int(n), err
}

// MarshalInt64 writes the scalar Int.
func MarshalInt64(n int64) graphql.Marshaler { return graphql.MarshalInt64(n) }

// maxInt is the largest integer that JSON numbers hold exactly on every platform.
const maxInt = 1<<53 - 1

// UnmarshalInt64 reads the scalar Int. It accepts numbers only, not text of digits.
func UnmarshalInt64(v any) (n int64, err error) {
	switch v := v.(type) {
	case int: // a default value of the schema
		n = int64(v)
	case int64:
		n = v
	case json.Number:
		if n, err = v.Int64(); err != nil {
			return 0, fault.New(fault.BadUserInput, "an integer was expected, not %.40s", v)
		}
	default:
		return 0, fault.New(fault.BadUserInput, "an integer was expected, not %s", kind(v))
	}
	if n < -maxInt || n > maxInt {
		return 0, fault.New(fault.BadUserInput, "%d is out of range; an integer has at most 53 bits", n)
	}
	return n, nil
}

// MarshalJSON writes the scalar JSON unchanged.
func MarshalJSON(raw json.RawMessage) graphql.Marshaler {
	if len(raw) == 0 {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(raw) })
}

// UnmarshalJSON reads any JSON value, whose texts must be as those of String.
func UnmarshalJSON(v any) (json.RawMessage, error) {
	if err := checkTexts(v); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("this is not a JSON value: %w", err)
	}
	return raw, nil
}

// MarshalJSONText writes JSON that is stored as text.
func MarshalJSONText(text string) graphql.Marshaler { return MarshalJSON(json.RawMessage(text)) }

// UnmarshalJSONText reads any JSON value as text.
func UnmarshalJSONText(v any) (string, error) {
	raw, err := UnmarshalJSON(v)
	return string(raw), err
}

// checkTexts checks every text in a JSON value, names of members included.
func checkTexts(v any) error {
	switch v := v.(type) {
	case string:
		return checkText(v)
	case []any:
		for _, element := range v {
			if err := checkTexts(element); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, member := range v {
			if err := checkText(name); err != nil {
				return err
			}
			if err := checkTexts(member); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkText(s string) error {
	if !input.Raw(s) {
		return fault.New(fault.BadUserInput, "text must be valid UTF-8 without NUL (U+0000); remove that character")
	}
	return nil
}

// kind names the JSON type of v.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case json.Number, int64, float64:
		return "a number"
	case []any:
		return "a list"
	}
	return "an object"
}
