package render_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// format is the format of an input.
type format uint8

// The formats that bodies are read from.
const (
	inHTML format = iota
	inMarkdown
	inJSON // a document
)

// hostileInput generates an input of the known classes of attacks: mutation XSS, attributes
// that end early, addresses that hide their scheme, DOM clobbering. It does not depend on
// how they are parsed or rendered. The same seed gives the same input; half of them are
// HTML, a quarter Markdown, a quarter documents.
func hostileInput(seed uint64) (format, string) {
	m := maker{rand.New(rand.NewPCG(seed, 20261123))}
	switch seed % 4 {
	case 0:
		return inMarkdown, m.markdown()
	case 1:
		return inJSON, m.tree()
	}
	return inHTML, m.html()
}

type maker struct{ *rand.Rand }

func (m maker) of(list []string) string { return list[m.IntN(len(list))] }

// fill replaces the placeholders of a template.
func (m maker) fill(template string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(template, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		hole, rest, _ := strings.Cut(after, "}")
		out.WriteString(m.hole(hole))
		template = rest
	}
}

func (m maker) hole(name string) string {
	switch name {
	case "js":
		return m.fill(m.of(payloads))
	case "url":
		return m.address()
	case "tag":
		return m.of(containers)
	case "raw":
		return m.of(rawTexts)
	case "on":
		return m.of(handlers)
	case "blank":
		return m.of(blanks)
	case "name":
		return m.of(clobbered)
	case "css":
		return m.fill(m.of(styles))
	case "long":
		return strings.Repeat(m.of([]string{"A", "<", "&", "图", "\"", "x=1 "}), 1<<(4+m.IntN(9)))
	}
	return m.of([]string{"甲", "乙丙", "a b", "&amp;", "　", "。"})
}

// address returns an address, often with its scheme hidden in a way that parsers disagree
// about.
func (m maker) address() string {
	address := m.of(addresses)
	switch m.IntN(6) {
	case 0:
		at := m.IntN(min(len(address), 10) + 1)
		address = address[:at] + m.of(blanks) + address[at:]
	case 1:
		address = m.entities(address)
	case 2:
		address = m.mixedCase(address)
	}
	return address
}

// entities writes some of the letters as character references: decimal, padded with zeros,
// and hexadecimal.
func (m maker) entities(s string) string {
	var out strings.Builder
	for _, c := range s {
		switch m.IntN(5) {
		case 0:
			out.WriteString("&#" + decimal(c) + ";")
		case 1:
			out.WriteString("&#000000" + decimal(c) + ";")
		case 2:
			out.WriteString("&#x" + hexadecimal(c) + ";")
		default:
			out.WriteRune(c)
		}
	}
	return out.String()
}

func (m maker) mixedCase(s string) string {
	return strings.Map(func(r rune) rune {
		if m.IntN(2) == 0 && r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// html combines, nests and damages classes of attacks.
func (m maker) html() string {
	var page strings.Builder
	for range 1 + m.IntN(4) {
		piece := m.fill(m.of(classes))
		for range m.IntN(3) {
			tag := m.of(containers)
			piece = "<" + tag + ">" + piece + m.of([]string{"", "</" + tag + ">", "</" + m.of(containers) + ">"})
		}
		page.WriteString(piece)
	}
	if m.IntN(3) > 0 {
		return page.String()
	}
	return m.damage(page.String())
}

// damage removes, doubles and replaces bytes.
func (m maker) damage(s string) string {
	b := []byte(s)
	for range 1 + m.IntN(4) {
		at := m.IntN(len(b))
		switch m.IntN(4) {
		case 0:
			b = append(b[:at:at], b[at+1:]...)
		case 1:
			b = append(b[:at+1:at+1], b[at:]...)
		case 2:
			b[at] = "<>\"'`=/&\x00\x0c!-"[m.IntN(12)]
		case 3:
			b = append(b[:at:at], append([]byte(m.of(rawTexts)), b[at:]...)...)
		}
		if len(b) == 0 {
			break
		}
	}
	return string(b)
}

func (m maker) markdown() string {
	var text strings.Builder
	for range 1 + m.IntN(4) {
		text.WriteString(m.fill(m.of(markdowns)))
		text.WriteString(m.of([]string{"\n\n", "\n", "", "\n\n- ", "\n> "}))
	}
	return text.String()
}

// tree returns a document with hostile texts and addresses; some are not valid documents.
func (m maker) tree() string {
	text := func() map[string]any {
		node := map[string]any{"type": "text", "text": m.fill(m.of(classes))}
		switch m.IntN(4) {
		case 0:
			node["marks"] = []any{map[string]any{"type": "link", "attrs": map[string]any{"href": m.address(), "title": m.fill(m.of(classes))}}}
		case 1:
			node["marks"] = []any{map[string]any{"type": m.of([]string{"strong", "code", "sup", "script"})}}
		}
		return node
	}
	block := func() map[string]any {
		switch m.IntN(6) {
		case 0:
			return map[string]any{"type": "image", "attrs": map[string]any{"src": m.address(), "alt": m.fill(m.of(classes)), "caption": m.fill(m.of(classes))}}
		case 1:
			return map[string]any{"type": "code_block", "attrs": map[string]any{"language": m.of(languages)},
				"content": []any{map[string]any{"type": "text", "text": m.fill(m.of(classes))}}}
		case 2:
			cell := map[string]any{"type": "table_cell", "content": []any{map[string]any{"type": "paragraph", "content": []any{text()}}}}
			row := map[string]any{"type": "table_row", "content": []any{cell, cell}}
			return map[string]any{"type": "table", "attrs": map[string]any{"caption": m.fill(m.of(classes))}, "content": []any{row}}
		case 3:
			return map[string]any{"type": "heading", "attrs": map[string]any{"level": 1 + m.IntN(7)}, "content": []any{text()}}
		}
		return map[string]any{"type": "paragraph", "content": []any{text(), text()}}
	}
	blocks := make([]any, 1+m.IntN(3))
	for i := range blocks {
		blocks[i] = block()
	}
	data, err := json.Marshal(map[string]any{"type": "doc", "version": 1, "content": blocks})
	if err != nil {
		panic(err) // maps of strings and numbers always marshal
	}
	return string(data)
}

func TestHostileInput(t *testing.T) {
	t.Parallel()
	forms, seen := map[format]int{}, map[string]bool{}
	for seed := range uint64(4_000) {
		form, input := hostileInput(seed)
		if again, same := hostileInput(seed); again != form || same != input {
			t.Fatalf("seed %d gives two inputs", seed)
		}
		forms[form]++
		seen[input] = true
	}
	if forms[inHTML] != 2_000 || forms[inMarkdown] != 1_000 || forms[inJSON] != 1_000 || len(seen) < 3_800 {
		t.Errorf("%v, %d different inputs", forms, len(seen))
	}
}
