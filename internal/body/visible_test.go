package body_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/tools/txtar"

	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/testkit/effort"
)

// sight is what a reader of a page sees: the text in order, and the addresses of pictures,
// links and players. It is read with the tree construction of golang.org/x/net/html and
// knows nothing of package htmlin.
type sight struct {
	text      strings.Builder
	controls  []string // the texts of buttons and fields
	addresses []string
	alts      map[string]string // what emoticons may be instead of a picture, by address
	alt       string            // of the element
}

func look(page string) *sight {
	root, err := html.Parse(strings.NewReader("<!doctype html>" + page))
	if err != nil {
		panic(err) // a string always parses
	}
	s := &sight{alts: map[string]string{}}
	s.node(root, false)
	return s
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (s *sight) node(n *html.Node, drawn bool) {
	if n.Type == html.TextNode && !drawn {
		s.text.WriteString(n.Data)
	}
	if n.Type == html.ElementNode {
		hidden := slices.ContainsFunc(n.Attr, func(a html.Attribute) bool {
			return a.Key == "hidden" || a.Key == "style" && hiding(strings.ReplaceAll(a.Val, " ", ""))
		})
		switch n.Data {
		case "head", "script", "style", "template", "noscript", "rp", "title":
			return
		case "svg":
			drawn = true
		case "text", "foreignObject":
			drawn = false
		}
		if hidden {
			return
		}
		if s.element(n) {
			return
		}
	}
	for child := range n.ChildNodes() {
		s.node(child, drawn)
	}
}

// hiding reports whether a style hides an element, or marks the bullet of Word's lists.
func hiding(style string) bool {
	style = strings.ToLower(style)
	return strings.Contains(style, "display:none") || strings.Contains(style, "mso-list:ignore")
}

// element notes the address of an element, and reports whether its content is not shown.
func (s *sight) element(n *html.Node) bool {
	add := func(names ...string) {
		for _, name := range names {
			value, _, _ := strings.Cut(attribute(n, name), " ")
			if strings.HasPrefix(value, "https://") {
				s.addresses = append(s.addresses, value)
				s.alts[value] = s.alt
				return
			}
		}
	}
	switch n.Data {
	case "a":
		add("href")
	case "img":
		if attribute(n, "width") == "1" && attribute(n, "height") == "1" {
			return true // it counts readers
		}
		s.alt = attribute(n, "alt")
		add("data-src", "src", "srcset")
		s.alt = ""
	case "video", "audio", "iframe", "embed":
		add("src")
		for child := range n.Descendants() {
			if child.Data == "source" {
				n = child
				add("src")
			}
		}
		return true
	case "button", "select", "textarea":
		inner := &sight{alts: map[string]string{}}
		for child := range n.ChildNodes() {
			inner.node(child, false)
		}
		s.controls = append(s.controls, squeeze(inner.text.String()))
		return true
	}
	return false
}

func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, s)
}

// treeNode is a node of the JSON form.
type treeNode struct {
	Type    string
	Attrs   struct{ Label, Alt, Caption string }
	Content []treeNode
	Text    string
}

// speech is the text of a document in the order of a page.
type speech struct {
	text, notes strings.Builder
	footnotes   int
}

// say adds the strings of a node; footnotes follow at the end, with the sign of a link back.
func (s *speech) say(n treeNode, b *strings.Builder) {
	if n.Type == "footnote" {
		s.footnotes++
		fmt.Fprintf(b, "[%d]", s.footnotes)
		fmt.Fprintf(&s.notes, "^[%d]", s.footnotes)
		for _, child := range n.Content {
			s.say(child, &s.notes)
		}
		return
	}
	b.WriteString(n.Attrs.Label)
	if n.Type == "table" {
		b.WriteString(n.Attrs.Caption)
	}
	b.WriteString(n.Text + n.Attrs.Alt)
	for _, child := range n.Content {
		s.say(child, b)
	}
	b.WriteString(n.Attrs.Caption) // of a table, on either side
}

// saidBy returns the text of a document, given as JSON.
func saidBy(document []byte) string {
	var root treeNode
	if err := json.Unmarshal(document, &root); err != nil {
		return err.Error()
	}
	var s speech
	s.say(root, &s.text)
	return squeeze(s.text.String() + s.notes.String())
}

// lostFrom returns what a reader of the page sees that is neither in the document nor in
// the notes: the first character out of order, or an address.
func lostFrom(page string) string {
	d, notes, err := htmlin.Read(page, "")
	if err != nil {
		return err.Error()
	}
	document := d.AppendJSON(nil)
	seen, said := look(page), saidBy(document)
	var noted strings.Builder
	for _, n := range notes {
		noted.WriteString(" " + squeeze(n.Detail))
	}
	rest := said
	for at, char := range squeeze(seen.text.String()) {
		_, after, found := strings.Cut(rest, string(char))
		if !found {
			text := squeeze(seen.text.String())
			return fmt.Sprintf("%q is lost after %q", string(char), text[max(0, at-40):at])
		}
		rest = after
	}
	for _, address := range seen.addresses {
		if alt := squeeze(seen.alts[address]); alt != "" && strings.Contains(said, alt) {
			continue
		}
		if !strings.Contains(string(document), `"`+address+`"`) && !strings.Contains(noted.String(), " "+address) {
			return fmt.Sprintf("address %q is lost", address)
		}
	}
	for _, text := range seen.controls {
		if !strings.Contains(noted.String(), text) {
			return fmt.Sprintf("control %q is lost", text)
		}
	}
	return ""
}

// TestEverythingVisibleIsRead checks generated pages; TONGGAO_TEST_EFFORT=100 checks 100,000.
func TestEverythingVisibleIsRead(t *testing.T) {
	t.Parallel()
	for seed := range uint64(effort.N(1_000)) {
		page := pageOf(seed)
		if lost := lostFrom(page); lost != "" {
			d, notes, _ := htmlin.Read(page, "")
			t.Fatalf("seed %d: %s\n%s\n%s\n%v", seed, lost, page, d.AppendJSON(nil), notes)
		}
	}
}

// TestEverythingVisibleOfFixturesIsRead checks the HTML of testdata: the inputs of the
// golden cases, and pages in the manner of editors and portals.
func TestEverythingVisibleOfFixturesIsRead(t *testing.T) {
	t.Parallel()
	golden, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("testdata/pages/*.html")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, name := range slices.Concat(golden, pages) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".txtar") {
			input := txtar.Parse(data).Files[0]
			if input.Name != "input.html" {
				continue
			}
			data = input.Data
		}
		count++
		if lost := lostFrom(string(data)); lost != "" {
			t.Errorf("%s: %s", name, lost)
		}
	}
	if count < 60 {
		t.Errorf("only %d pages", count)
	}
}
