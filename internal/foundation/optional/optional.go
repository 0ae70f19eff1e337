// Package maybe has a string that may be absent, without a pointer: empty in Go
// and in the database, null in GraphQL and in JSON.
package optional

import (
	"encoding/json"
	"fmt"
	"io"

	"strconv"
)

// String is a text, or nothing where it is empty.
type String string

// MarshalGQL writes null for nothing.
func (s String) MarshalGQL(w io.Writer) {
	if s == "" {
		_, _ = io.WriteString(w, "null")
		return
	}
	text, err := json.Marshal(string(s))
	if err != nil {
		text = []byte(strconv.Quote(string(s)))
	}
	_, _ = w.Write(text)
}

// UnmarshalGQL reads a string or null.
func (s *String) UnmarshalGQL(v any) error {
	switch v := v.(type) {
	case nil:
		*s = ""
	case string:
		*s = String(v)
	default:
		return fmt.Errorf("a string was expected, not %T", v)
	}
	return nil
}

// MarshalJSON writes null for nothing.
func (s String) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(s))
}

// UnmarshalJSON reads a string or null.
func (s *String) UnmarshalJSON(data []byte) error {
	var p *string
	if err := json.Unmarshal(data, &p); err != nil {
		return err
	}
	*s = ""
	if p != nil {
		*s = String(*p)
	}
	return nil
}
