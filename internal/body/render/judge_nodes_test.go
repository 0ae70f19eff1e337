package render_test

import (
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/terminalcheck"
)

// maxPart is half of the limit of one setData call.
const maxPart = 500_000

// nodeFaults returns what rich-text would not accept in an array of nodes, given as JSON, and
// the text that it shows.
func nodeFaults(data []byte) (faults []string, shown string) {
	c := checker{terminal: terminal.MiniProgram}
	if len(data) > maxPart {
		c.fault("%d bytes in one part", len(data))
	}
	var nodes []any
	if err := json.Unmarshal(data, &nodes); err != nil {
		return []string{err.Error()}, ""
	}
	var text strings.Builder
	c.nodes(nodes, &text)
	return c.faults, terminalcheck.Squeeze(text.String())
}

func (c *checker) nodes(nodes []any, text *strings.Builder) {
	for _, item := range nodes {
		n, ok := item.(map[string]any)
		if !ok {
			c.fault("%v is not a node", item)
			continue
		}
		switch n["type"] {
		case "text":
			s, ok := n["text"].(string)
			if !ok || len(n) != 2 {
				c.fault("%v is not a text node", n)
			}
			text.WriteString(html.UnescapeString(s)) // the component decodes entities
		case "node", nil:
			c.element(n, text)
		default:
			c.fault("type %v", n["type"])
		}
	}
}

func (c *checker) element(n map[string]any, text *strings.Builder) {
	name, _ := n["name"].(string)
	if !slices.Contains(strings.Fields(miniTags), name) {
		c.fault("<%s> is removed with its children", name)
	}
	for key := range n {
		if !slices.Contains([]string{"type", "name", "attrs", "children"}, key) {
			c.fault("node key %s", key)
		}
	}
	t := html.Token{Data: name}
	attrs, _ := n["attrs"].(map[string]any)
	for key, value := range attrs {
		s, ok := value.(string)
		if !ok {
			c.fault("attribute %s is no string", key)
		}
		if key == "class" && strings.Contains(s, "wx-rich-text") {
			c.fault("class %s belongs to the component", s)
		}
		t.Attr = append(t.Attr, html.Attribute{Key: key, Val: s})
	}
	c.attributes(t)
	children, _ := n["children"].([]any)
	if (name == "br" || name == "img" || name == "hr") && children != nil {
		c.fault("<%s> has children", name)
	}
	c.nodes(children, text)
}
