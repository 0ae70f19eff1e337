package body

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
)

// MarshalJSON returns the canonical form: equal documents have equal bytes.
// (json.Marshal still escapes <, > and & in it; AppendJSON does not.)
func (d Document) MarshalJSON() ([]byte, error) { return d.AppendJSON(nil), nil }

// UnmarshalJSON implements json.Unmarshaler with Parse.
func (d *Document) UnmarshalJSON(data []byte) (err error) {
	*d, err = Parse(data)
	return err
}

// Hash returns 32 hexadecimal digits of the SHA-256 of the canonical form.
func Hash(d Document) string {
	sum := sha256.Sum256(d.AppendJSON(nil))
	return hex.EncodeToString(sum[:16])
}

// AppendJSON appends the canonical form to b.
func (d Document) AppendJSON(b []byte) []byte {
	b = fmt.Appendf(b, `{"type":"doc","version":%d`, version(d.Content))
	b = appendContent(b, d.Content)
	return append(b, '}')
}

// MarshalJSON returns the canonical form of one node.
func (n Node) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

func appendContent(b []byte, nodes []Node) []byte {
	if len(nodes) == 0 {
		return b
	}
	b = append(b, `,"content":[`...)
	for i, n := range nodes {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNode(b, n)
	}
	return append(b, ']')
}

func appendNode(b []byte, n Node) []byte {
	b = append(b, `{"type":`...)
	b = appendString(b, string(n.Kind))
	b = appendAttrs(b, n)
	b = appendContent(b, n.Content)
	if n.Kind == KindText || n.Kind == KindRuby {
		b = append(b, `,"text":`...)
		b = appendString(b, n.Text)
	}
	b = appendMarks(b, n.Marks)
	return append(b, '}')
}

func appendMarks(b []byte, marks []Mark) []byte {
	if len(marks) == 0 {
		return b
	}
	b = append(b, `,"marks":[`...)
	for i, m := range marks {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"type":`...)
		b = appendString(b, string(m.Kind))
		a := attrs{b: b}
		a.text("href", m.Href)
		a.text("title", m.Title)
		b = append(a.end(), '}')
	}
	return append(b, ']')
}

func appendAttrs(b []byte, n Node) []byte {
	a := attrs{b: b}
	a.number("level", n.Level, 0)
	a.text("align", string(n.Align))
	a.text("dir", string(n.Dir))
	if n.Kind == KindOrderedList {
		a.number("start", n.Start, 1)
	}
	a.text("label", n.Label)
	if n.Box != NoBox {
		a.key("checked")
		a.b = strconv.AppendBool(a.b, n.Box == Checked)
	}
	a.number("colspan", max(1, n.Colspan), 1)
	a.number("rowspan", max(1, n.Rowspan), 1)
	a.text("language", n.Language)
	a.text("src", n.Src)
	a.text("alt", n.Alt)
	a.text("poster", n.Poster)
	a.text("caption", n.Caption)
	a.number("width", n.Width, 0)
	a.number("height", n.Height, 0)
	return a.end()
}

// attrs writes ,"attrs":{…}, or nothing where every attribute has its default.
type attrs struct {
	b    []byte
	open bool
}

func (a *attrs) key(name string) {
	if a.open {
		a.b = append(a.b, ',')
	} else {
		a.b = append(a.b, `,"attrs":{`...)
		a.open = true
	}
	a.b = append(append(append(a.b, '"'), name...), `":`...)
}

func (a *attrs) text(name, value string) {
	if value != "" {
		a.key(name)
		a.b = appendString(a.b, value)
	}
}

func (a *attrs) number(name string, value, byDefault int) {
	if value != byDefault {
		a.key(name)
		a.b = strconv.AppendInt(a.b, int64(value), 10)
	}
}

func (a *attrs) end() []byte {
	if a.open {
		return append(a.b, '}')
	}
	return a.b
}

// appendString appends a JSON string without escaping Chinese, <, > and &.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
		from = i + 1
	}
	return append(append(b, s[from:]...), '"')
}

var (
	_ json.Marshaler   = Document{}
	_ json.Unmarshaler = (*Document)(nil)
)
