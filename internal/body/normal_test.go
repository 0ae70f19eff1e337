package body_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/testkit/docgen"
	"github.com/tonggao/tonggao/internal/testkit/effort"
)

// TestNormalForm shows documents as Markdown, which has their spaces, breaks and marks.
func TestNormalForm(t *testing.T) {
	t.Parallel()
	text, strong := body.Text, body.Strong()
	for name, c := range map[string]struct {
		inlines []body.Node
		want    string
	}{
		"spaces at the ends":                   {[]body.Node{text("  a \t b\u00a0 ")}, "a b"},
		"a line end between Chinese":           {[]body.Node{text("中文\n中文，\n“引”")}, "中文中文，“引”"},
		"a line end next to Latin":             {[]body.Node{text("中文\nabc\ndef\n中")}, "中文 abc def 中"},
		"a line end and a space":               {[]body.Node{text("中 \n 文")}, "中 文"},
		"an ideographic space stays":           {[]body.Node{text("姓名 　 张某")}, "姓名　张某"},
		"an indent goes":                       {[]body.Node{text("　　段首")}, "段首"},
		"spaces move out of marks":             {[]body.Node{text("a"), text(" b ", strong), text("c")}, "a **b** c"},
		"a space between equal marks has them": {[]body.Node{text("a", strong), text(" "), text("b", strong)}, "**a b**"},
		"one space of two texts":               {[]body.Node{text("a "), text(" b", strong)}, "a **b**"},
		"breaks at the ends and in runs":       {[]body.Node{body.HardBreak(), text("a"), body.HardBreak(), text(" "), body.HardBreak(), text("b"), body.HardBreak()}, "a\\\nb"},
		"invisible characters":                 {[]body.Node{text("零\u200b宽\ufeff\u202e反\u0007")}, "零宽反"},
		"emoji keep their joiners":             {[]body.Node{text("👩‍⚕️")}, "👩‍⚕️"},
		"bytes that are no UTF-8":              {[]body.Node{text("a\xff\xfeb")}, "ab"},
		"texts with equal marks join":          {[]body.Node{text("a", strong), text("b", strong), text("c")}, "**ab**c"},
		"nothing":                              {[]body.Node{text(" \u3000\u00a0\u200b"), body.HardBreak()}, ""},
	} {
		d := body.Doc(body.Paragraph(c.inlines...))
		if got := render.Markdown(d); got != c.want && got != c.want+"\n" {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if err := d.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNormalIsIdempotent(t *testing.T) {
	t.Parallel()
	for seed := range uint64(effort.N(500)) {
		d := docgen.Document(seed)
		if body.Hash(d.Normal()) != body.Hash(d) {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestNormalRemovesEmptyBlocks(t *testing.T) {
	t.Parallel()
	empty := body.Paragraph(body.Text(" "))
	d := body.Doc(empty, body.Heading(2), body.Quote(empty), body.BulletList(body.ListItem(empty), body.ListItem()),
		body.TableOf(body.Row(body.Cell(), body.Cell(empty))), body.CodeBlock("go", "\n \n"))
	if !d.Empty() {
		t.Errorf("%s", d.AppendJSON(nil))
	}
	d = body.Doc(body.TableOf(body.Row(body.Cell(), body.Cell(body.Paragraph(body.Text("格"))))))
	if len(d.Content[0].Content[0].Content) != 2 {
		t.Errorf("an empty cell next to a full one was removed: %s", d.AppendJSON(nil))
	}
}
