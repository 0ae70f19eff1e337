package body

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Parse reads the JSON form strictly: anything that is not in the grammar is an error
// with the path of the node. Unambiguous deviations are normalised (see Normal): empty
// paragraphs, the order of marks, spaces.
func Parse(data []byte) (Document, error) {
	if len(data) > MaxBytes {
		return Document{}, fmt.Errorf("body: %d bytes of JSON are more than %d", len(data), MaxBytes)
	}
	if bytes.Count(data, []byte("{")) > 4*MaxNodes {
		return Document{}, fmt.Errorf("body: more than %d nodes", MaxNodes)
	}
	var root wireRoot
	if err := strict(data, &root); err != nil {
		return Document{}, locate(data, err)
	}
	if root.Type != "doc" {
		return Document{}, fmt.Errorf(`body: document: type %q, want "doc"`, root.Type)
	}
	if root.Version < 1 || root.Version > Version {
		return Document{}, fmt.Errorf("body: document: version %d, want 1 to %d", root.Version, Version)
	}
	doc := Document{Content: nodes(root.Content)}.Normal()
	if err := doc.Validate(); err != nil {
		return Document{}, err
	}
	return doc, nil
}

// Load reads the output of MarshalJSON from storage that the program alone writes. It
// does not validate, so that reading an article costs less than accepting one.
func Load(data []byte) (Document, error) {
	var root wireRoot
	if err := json.Unmarshal(data, &root); err != nil {
		return Document{}, fmt.Errorf("body: load: %w", err)
	}
	if root.Version < 1 || root.Version > Version {
		return Document{}, fmt.Errorf("body: load: version %d, want 1 to %d", root.Version, Version)
	}
	return Document{Content: nodes(root.Content)}, nil
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

// wireRoot, wireNode and wireMark decode the JSON form with encoding/json.
type wireRoot struct {
	Type    string     `json:"type"`
	Version int        `json:"version"`
	Content []wireNode `json:"content"`
}

type wireNode struct {
	Type    Kind       `json:"type"`
	Attrs   *wireAttrs `json:"attrs"`
	Content []wireNode `json:"content"`
	Text    string     `json:"text"`
	Marks   []wireMark `json:"marks"`
}

type wireAttrs struct {
	Level    int       `json:"level"`
	Align    Align     `json:"align"`
	Dir      Direction `json:"dir"`
	Start    *int      `json:"start"`
	Label    string    `json:"label"`
	Checked  *bool     `json:"checked"`
	Colspan  int       `json:"colspan"`
	Rowspan  int       `json:"rowspan"`
	Language string    `json:"language"`
	Src      string    `json:"src"`
	Alt      string    `json:"alt"`
	Poster   string    `json:"poster"`
	Caption  string    `json:"caption"`
	Width    int       `json:"width"`
	Height   int       `json:"height"`
}

type wireMark struct {
	Type  MarkKind `json:"type"`
	Attrs struct {
		Href  string `json:"href"`
		Title string `json:"title"`
	} `json:"attrs"`
}

func nodes(wires []wireNode) []Node {
	if len(wires) == 0 {
		return nil
	}
	out := make([]Node, len(wires))
	for i := range wires {
		out[i] = wires[i].node()
	}
	return out
}

func (w *wireNode) node() Node {
	n := Node{Kind: w.Type, Text: w.Text, Content: nodes(w.Content)}
	if n.Kind == KindTableHeader || n.Kind == KindTableCell {
		n.Colspan, n.Rowspan = 1, 1
	}
	if n.Kind == KindOrderedList {
		n.Start = 1
	}
	for _, m := range w.Marks {
		n.Marks = append(n.Marks, Mark{Kind: m.Type, Href: m.Attrs.Href, Title: m.Attrs.Title})
	}
	if a := w.Attrs; a != nil {
		n.Level, n.Align, n.Language = a.Level, a.Align, a.Language
		n.Src, n.Alt, n.Caption, n.Width, n.Height = a.Src, a.Alt, a.Caption, a.Width, a.Height
		n.Colspan, n.Rowspan = max(n.Colspan, a.Colspan), max(n.Rowspan, a.Rowspan)
		n.Dir, n.Label, n.Poster = a.Dir, a.Label, a.Poster
		if a.Start != nil {
			n.Start = *a.Start
		}
		if a.Checked != nil {
			n.Box = map[bool]Check{false: Unchecked, true: Checked}[*a.Checked]
		}
	}
	return n
}
