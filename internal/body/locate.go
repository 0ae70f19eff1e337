package body

import (
	"encoding/json"
	"fmt"
)

// locate finds where in the tree the JSON does not fit, and wraps what does not
// fit there. It reads every level by itself, which is too slow for good trees.
func locate(data []byte, cause error) error {
	var root struct {
		Type    string            `json:"type"`
		Version int               `json:"version"`
		Content []json.RawMessage `json:"content"`
	}
	if err := strict(data, &root); err != nil {
		return fmt.Errorf("body: document: %w", err)
	}
	if err := locateIn(root.Content, nil); err != nil {
		return err
	}
	return fmt.Errorf("body: document: %w", cause)
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
			return fmt.Errorf("body: %v: %w", here, err)
		}
		if len(n.Attrs) > 0 {
			if err := strict(n.Attrs, new(wireAttrs)); err != nil {
				return fmt.Errorf("body: %v.attrs of %s: %w", here, n.Type, err)
			}
		}
		if err := locateIn(n.Content, here); err != nil {
			return err
		}
	}
	return nil
}
