package body

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Parse reads the JSON form. It is strict: what the grammar does not name is
// an error that says where in the tree it stands. What has only one meaning is
// put right (see Normal): empty paragraphs, the order of marks, spaces.
func Parse(data []byte) (Document, error) {
	if len(data) > MaxBytes {
		return Document{}, fmt.Errorf("body: %d bytes of JSON are more than %d", len(data), MaxBytes)
	}
	var root struct {
		Type    string            `json:"type"`
		Version int               `json:"version"`
		Content []json.RawMessage `json:"content"`
	}
	if err := strict(data, &root); err != nil {
		return Document{}, fmt.Errorf("body: document: %w", err)
	}
	if root.Type != "doc" {
		return Document{}, fmt.Errorf(`body: document: type %q, want "doc"`, root.Type)
	}
	if root.Version != Version {
		return Document{}, fmt.Errorf("body: document: version %d, want %d", root.Version, Version)
	}
	d := decoder{}
	content, err := d.nodes(root.Content, nil)
	if err != nil {
		return Document{}, err
	}
	doc := Document{Content: content}.Normal()
	if err := doc.Validate(); err != nil {
		return Document{}, err
	}
	return doc, nil
}

// strict decodes one JSON value and refuses unknown fields and trailing text.
func strict(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return fmt.Errorf("text after the end")
	}
	return nil
}

type jsonNode struct {
	Type    Kind              `json:"type"`
	Attrs   json.RawMessage   `json:"attrs"`
	Content []json.RawMessage `json:"content"`
	Text    string            `json:"text"`
	Marks   []jsonMark        `json:"marks"`
}

type jsonMark struct {
	Type  MarkKind `json:"type"`
	Attrs struct {
		Href  string `json:"href"`
		Title string `json:"title"`
	} `json:"attrs"`
}

type decoder struct{ count int }

func (d *decoder) nodes(raw []json.RawMessage, path Path) ([]Node, error) {
	nodes := make([]Node, len(raw))
	for i := range raw {
		n, err := d.node(raw[i], append(path, i))
		if err != nil {
			return nil, err
		}
		nodes[i] = n
	}
	return nodes, nil
}

func (d *decoder) node(raw json.RawMessage, path Path) (Node, error) {
	if d.count++; d.count > MaxNodes {
		return Node{}, fmt.Errorf("body: more than %d nodes", MaxNodes)
	}
	if len(path) > MaxDepth {
		return Node{}, fmt.Errorf("body: %v: deeper than %d", path, MaxDepth)
	}
	var j jsonNode
	if err := strict(raw, &j); err != nil {
		return Node{}, fmt.Errorf("body: %v: %w", path, err)
	}
	n := Node{Kind: j.Type, Text: j.Text}
	if err := n.setAttrs(j.Attrs); err != nil {
		return Node{}, fmt.Errorf("body: %v.attrs of %s: %w", path, j.Type, err)
	}
	for _, m := range j.Marks {
		n.Marks = append(n.Marks, Mark{Kind: m.Type, Href: m.Attrs.Href, Title: m.Attrs.Title})
	}
	var err error
	if len(j.Content) > 0 {
		n.Content, err = d.nodes(j.Content, path)
	}
	return n, err
}

// setAttrs reads the attributes that the kind of n has, and no others.
func (n *Node) setAttrs(raw json.RawMessage) error {
	if n.Kind == KindOrderedList {
		n.Start = 1
	}
	if len(raw) == 0 {
		return nil
	}
	switch n.Kind {
	case KindParagraph:
		return strict(raw, &struct{ Align *Align }{&n.Align})
	case KindHeading:
		return strict(raw, &struct {
			Level *int
			Align *Align
		}{&n.Level, &n.Align})
	case KindOrderedList:
		return strict(raw, &struct{ Start *int }{&n.Start})
	case KindTable:
		return strict(raw, &struct{ Caption *string }{&n.Caption})
	case KindTableHeader, KindTableCell:
		return strict(raw, &struct{ Colspan, Rowspan *int }{&n.Colspan, &n.Rowspan})
	case KindCodeBlock:
		return strict(raw, &struct{ Language *string }{&n.Language})
	case KindImage:
		return strict(raw, &struct {
			Src, Alt, Caption *string
			Width, Height     *int
		}{&n.Src, &n.Alt, &n.Caption, &n.Width, &n.Height})
	}
	return strict(raw, &struct{}{})
}
