package render_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/docgen"
	"github.com/tonggao/tonggao/internal/testkit/terminalcheck"
)

func paragraph(s string) body.Node { return body.Paragraph(body.Text(s)) }

func TestExcerpt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n     int
		texts []string
		want  string
	}{
		{4, []string{"一二三四五"}, "一二三四"},
		{9, []string{"一二三"}, "一二三"},
		{0, []string{"一"}, ""},
		{10, []string{"句号。", "下一段"}, "句号。下一段"},
		{20, []string{"one two", "three"}, "one two three"},
		{4, []string{"one two"}, "one"},
		{2, []string{"ae\u0301x"}, "a"},
		{3, []string{"好👩‍⚕️呀"}, "好"},
		{3, []string{"好👍🏽呀"}, "好👍🏽"},
		{2, []string{"好👍🏽呀"}, "好"},
		{2, []string{"好🇨🇳呀"}, "好"},
		{3, []string{"🇨🇳🇨🇳"}, "🇨🇳"},
	} {
		blocks := []body.Node{body.Picture("/a.jpg", "图"), body.CodeBlock("", "code")}
		for _, s := range c.texts {
			blocks = append(blocks, paragraph(s))
		}
		if got := render.Excerpt(body.Doc(blocks...), c.n); got != c.want {
			t.Errorf("%d of %q: got %q, want %q", c.n, c.texts, got, c.want)
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	items := make([]body.Node, 2000)
	rows := make([]body.Node, 1500)
	for i := range items {
		items[i] = body.ListItem(paragraph("第" + strings.Repeat("项", 20)))
	}
	for i := range rows {
		rows[i] = body.Row(body.Cell(paragraph("甲&amp;乙")), body.Cell(paragraph("<丙>")))
	}
	d := body.Doc(paragraph("开头"), body.OrderedList(3, items...), body.TableOf(rows...), paragraph(strings.Repeat("长文", 20_000)), body.Rule())
	whole := render.MiniProgram(d, render.Options{})
	for _, limit := range []int{3_000, 40_000, render.PartBytes} {
		var shown strings.Builder
		parts := render.Parts(whole, limit)
		for _, part := range parts {
			data := render.NodesJSON(part)
			faults, text := nodeFaults(data)
			if len(data) > limit || faults != nil {
				t.Fatalf("limit %d: %d bytes, %v", limit, len(data), faults)
			}
			shown.WriteString(text)
		}
		if _, want := nodeFaults(render.NodesJSON(whole)); shown.String() != want {
			t.Errorf("limit %d: the parts show another text", limit)
		}
		if limit < render.PartBytes && len(parts) < 4 {
			t.Errorf("limit %d: %d parts", limit, len(parts))
		}
	}
	second := render.Parts(render.MiniProgram(body.Doc(body.OrderedList(3, items...)), render.Options{}), 40_000)[1][0]
	if start := second.Attrs[len(second.Attrs)-1]; start.Name != "start" || start.Value == "3" || start.Value == "1" {
		t.Errorf("the list continues with %v", start)
	}
}

func TestNodesJSON(t *testing.T) {
	t.Parallel()
	nodes := render.MiniProgram(docgen.Article(3, 500), render.Options{BaseURL: terminalcheck.Site})
	data, err := json.Marshal(nodes)
	if err != nil || !json.Valid(render.NodesJSON(nodes)) {
		t.Fatal(err)
	}
	var a, b any
	if json.Unmarshal(data, &a) != nil || json.Unmarshal(render.NodesJSON(nodes), &b) != nil {
		t.Fatal("not JSON")
	}
}

func TestOfficialAccountLimit(t *testing.T) {
	t.Parallel()
	o := render.Options{BaseURL: terminalcheck.Site}
	for seed := range uint64(20) {
		d := docgen.Article(seed, 30_000)
		page := render.OfficialAccount(d, o)
		if n := utf8.RuneCountInString(page); n >= render.OfficialAccountCharacters || n < render.OfficialAccountCharacters-2_000 {
			t.Errorf("seed %d: %d characters", seed, n)
		}
		losses := render.Losses(d, terminal.OfficialAccount, o)
		last := losses[len(losses)-1]
		if last.Kind != render.LostLength || !strings.Contains(page, "阅读原文") {
			t.Errorf("seed %d: %v", seed, last)
		}
		if want := terminalcheck.DocumentText(d, losses); terminalcheck.HTMLText(page) != want {
			t.Errorf("seed %d: what is shown is not what Losses leaves", seed)
		}
		if faults := pageFaults(terminal.OfficialAccount, page, terminalcheck.Site); faults != nil {
			t.Errorf("seed %d: %v", seed, faults)
		}
	}
}

// TestOfficialAccountParts divides long articles: each part is accepted, and together they
// show the text.
func TestOfficialAccountParts(t *testing.T) {
	t.Parallel()
	o := render.Options{BaseURL: terminalcheck.Site}
	rows := make([]body.Node, 1_500)
	for i := range rows {
		rows[i] = body.Row(body.Cell(paragraph("甲")), body.Cell(paragraph("乙丙")))
	}
	documents := []body.Document{running(docgen.Article(1, 60_000)), running(docgen.Article(2, 100)),
		body.Doc(body.TableOf(rows...), paragraph("尾")), body.Doc(paragraph(strings.Repeat("长文没有标点", 8_000)))}
	for i, d := range documents {
		parts := render.OfficialAccountParts(d, o)
		var shown strings.Builder
		for n, part := range parts {
			if faults := pageFaults(terminal.OfficialAccount, part, terminalcheck.Site); faults != nil {
				t.Errorf("document %d, part %d: %v", i, n, faults)
			}
			text := terminalcheck.HTMLText(part)
			if n < len(parts)-1 {
				text = strings.Replace(text, "（未完，接下篇。）", "", 1)
			}
			shown.WriteString(text)
		}
		if want := terminalcheck.DocumentText(d, nil); shown.String() != want {
			t.Errorf("document %d: %d parts show another text", i, len(parts))
		}
		if short := i == 1; short != (len(parts) == 1) {
			t.Errorf("document %d: %d parts", i, len(parts))
		}
	}
	for n, part := range render.OfficialAccountParts(documents[0], o)[1:] {
		if !strings.HasPrefix(part, `<section style="line-height:1.75"><h`) {
			t.Errorf("part %d starts with %.100s", n+1, part)
		}
	}
}

// running returns the paragraphs and headings of a document, whose forms need no footnotes.
func running(d body.Document) body.Document {
	return body.Doc(slices.DeleteFunc(slices.Clone(d.Content), func(n body.Node) bool {
		return n.Kind != body.KindParagraph && n.Kind != body.KindHeading
	})...)
}

func TestOptionsImage(t *testing.T) {
	t.Parallel()
	o := render.Options{BaseURL: terminalcheck.Site, Image: func(src string) string { return strings.Replace(src, "/media/", "/media/480/", 1) }}
	d := body.Doc(body.Picture("/media/a.jpg", "图"))
	for on, want := range map[terminal.Terminal]string{
		terminal.WAP: `src="/media/480/a.jpg"`, terminal.MiniProgram: `src="https://portal.example.cn/media/480/a.jpg"`,
		terminal.OfficialAccount: `src="https://portal.example.cn/media/480/a.jpg"`, terminal.Feed: `src="https://portal.example.cn/media/480/a.jpg"`,
	} {
		if page := render.HTML(d, on, o); !strings.Contains(page, want) {
			t.Errorf("%v: %s", on, page)
		}
	}
}

func TestLossesOfPlainArticle(t *testing.T) {
	t.Parallel()
	d := body.Doc(paragraph("导语。"), body.Heading(2, body.Text("小标题")), paragraph("正文“引文”。"), paragraph("（根据公开信息整理）"))
	for _, on := range terminal.All() {
		if losses := render.Losses(d, on); losses != nil {
			t.Errorf("%v: %v", on, losses)
		}
	}
}
