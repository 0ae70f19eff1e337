// Package maybe has a string that may be absent, without a pointer: empty in Go
// and in the database, null in GraphQL and in JSON.
package optional

import (
	"encoding/json"
)

// String is a text, or nothing where it is empty.
type String string

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
