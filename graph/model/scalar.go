package model

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/99designs/gqlgen/graphql"
)

// MarshalJSON writes the scalar JSON as it stands.
func MarshalJSON(raw json.RawMessage) graphql.Marshaler {
	if len(raw) == 0 {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(raw) })
}

// UnmarshalJSON reads any JSON value.
func UnmarshalJSON(v any) (json.RawMessage, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("this is not a JSON value: %w", err)
	}
	return raw, nil
}

// MarshalJSONText writes JSON that is kept as text.
func MarshalJSONText(text string) graphql.Marshaler { return MarshalJSON(json.RawMessage(text)) }

// UnmarshalJSONText reads any JSON value as text.
func UnmarshalJSONText(v any) (string, error) {
	raw, err := UnmarshalJSON(v)
	return string(raw), err
}
