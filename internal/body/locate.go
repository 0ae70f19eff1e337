package body

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// locate returns an error that names the node of the tree that cannot be decoded, given
// the error of decoding all of it. It decodes level by level, too slow for valid trees.
func locate(data []byte, cause error) error {
	var root struct {
		Type    string            `json:"type"`
		Version int               `json:"version"`
		Content []json.RawMessage `json:"content"`
	}
	if err := strict(data, &root); err != nil {
		return fmt.Errorf("body: document: %w", plain(err))
	}
	if err := locateIn(root.Content, nil); err != nil {
		return err
	}
	return fmt.Errorf("body: document: %w", plain(cause))
}

func locateIn(content []json.RawMessage, path Path) error {
	for i, raw := range content {
		here := append(path, i)
		if len(here) > MaxDepth {
			return fmt.Errorf("body: %v: deeper than %d", here, MaxDepth)
		}
		var n struct {
			Type    Kind              `json:"type"`
			Attrs   json.RawMessage   `json:"attrs"`
			Content []json.RawMessage `json:"content"`
			Text    string            `json:"text"`
			Marks   []wireMark        `json:"marks"`
		}
		if err := strict(raw, &n); err != nil {
			return fmt.Errorf("body: %v: %w", here, plain(err))
		}
		if len(n.Attrs) > 0 {
			if err := strict(n.Attrs, new(wireAttrs)); err != nil {
				return fmt.Errorf("body: %v.attrs of %s: %w", here, n.Type, plain(err))
			}
		}
		if err := locateIn(n.Content, here); err != nil {
			return err
		}
	}
	return nil
}

// plain rewrites an error of encoding/json for users who do not know Go.
func plain(err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		want := map[reflect.Kind]string{reflect.String: "a string", reflect.Int: "an integer", reflect.Slice: "a list", reflect.Bool: "true or false"}[kind.Type.Kind()]
		if want == "" {
			want = "an object"
		}
		field := kind.Field
		if field == "" {
			field = "it"
		}
		return fmt.Errorf("%s must be %s, not %s", field, want, kind.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON at byte %d: %v", syntax.Offset, err)
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return fmt.Errorf("unknown field %s; the grammar is in docs/body.md", name)
	}
	return err
}
