// Package optional has a string that may be absent, without a pointer: empty in Go and
// in the database, null in GraphQL and in JSON. It cannot hold an empty string that is
// present. Package graph/model reads and writes it as a GraphQL scalar.
package optional

import "encoding/json"

// String is a text that is absent where it is empty.
type String string

// MarshalJSON implements json.Marshaler; an absent text is null.
func (s String) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(s))
}

// UnmarshalJSON implements json.Unmarshaler for a string or null.
func (s *String) UnmarshalJSON(data []byte) error {
	*s = ""
	return json.Unmarshal(data, (*string)(s)) // null leaves it empty
}
