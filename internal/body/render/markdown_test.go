package render_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
)

func text(s string, marks ...body.Mark) body.Node { return body.Text(s, marks...) }

// blocks are documents of one or two blocks, with their forms as Markdown and as text.
var blocks = map[string]struct {
	blocks         []body.Node
	markdown, text string
}{
	"empty":                   {nil, "", ""},
	"paragraphs":              {[]body.Node{paragraph("第一段。"), paragraph("第二段。")}, "第一段。\n\n第二段。\n", "第一段。\n\n第二段。"},
	"hard break":              {[]body.Node{body.Paragraph(text("甲"), body.HardBreak(), text("乙"))}, "甲\\\n乙\n", "甲\n乙"},
	"heading":                 {[]body.Node{body.Heading(3, text("C# 简介"))}, "### C\\# 简介\n", "C# 简介"},
	"strong and em":           {[]body.Node{body.Paragraph(text("重点", body.Strong()), text("和"), text("语气", body.Em()))}, "**重点**和*语气*\n", "重点和语气"},
	"strong next to a quote":  {[]body.Node{body.Paragraph(text("他说"), text("“好”", body.Strong()), text("。"))}, "他说<strong>“好”</strong>。\n", "他说“好”。"},
	"strike":                  {[]body.Node{body.Paragraph(text("旧价", body.Strike()))}, "~~旧价~~\n", "旧价"},
	"underline, sub and sup":  {[]body.Node{body.Paragraph(text("a", body.Underline()), text("2", body.Sub()), text("3", body.Sup()))}, "<u>a</u><sub>2</sub><sup>3</sup>\n", "a23"},
	"code":                    {[]body.Node{body.Paragraph(text("a`b", body.Code()))}, "``a`b``\n", "a`b"},
	"link":                    {[]body.Node{body.Paragraph(text("通知", body.Link("/news/1", `标"题"`)))}, "[通知](/news/1 \"标\\\"题\\\"\")\n", "通知"},
	"exclamation before link": {[]body.Node{body.Paragraph(text("快看!"), text("通知", body.Link("/news/1", "")))}, "快看\\![通知](/news/1)\n", "快看!通知"},
	"syntax at line start":    {[]body.Node{paragraph("# 不是标题"), paragraph("1. 不是列表"), paragraph("- 不是列表")}, "\\# 不是标题\n\n1\\. 不是列表\n\n\\- 不是列表\n", "# 不是标题\n\n1. 不是列表\n\n- 不是列表"},
	"syntax inside":           {[]body.Node{paragraph("a*b_c [d] <e> `f` g|h \\ &amp;")}, "a\\*b\\_c \\[d\\] \\<e\\> \\`f\\` g\\|h \\\\ \\&amp;\n", "a*b_c [d] <e> `f` g|h \\ &amp;"},
	"bullet list":             {[]body.Node{body.BulletList(body.ListItem(paragraph("甲")), body.ListItem(paragraph("乙"), body.OrderedList(3, body.ListItem(paragraph("丙")))))}, "- 甲\n- 乙\n\n  3. 丙\n", "• 甲\n• 乙\n  3. 丙"},
	"two lists":               {[]body.Node{body.BulletList(body.ListItem(paragraph("甲"))), body.BulletList(body.ListItem(paragraph("乙")))}, "- 甲\n\n* 乙\n", "• 甲\n\n• 乙"},
	"ordered lists":           {[]body.Node{body.OrderedList(9, body.ListItem(paragraph("甲")), body.ListItem(paragraph("乙"))), body.OrderedList(1, body.ListItem(paragraph("丙")))}, "9. 甲\n10. 乙\n\n1) 丙\n", "9. 甲\n10. 乙\n\n1. 丙"},
	"quote":                   {[]body.Node{body.Quote(paragraph("甲"), paragraph("乙"))}, "> 甲\n>\n> 乙\n", "甲\n\n乙"},
	"image":                   {[]body.Node{body.Picture("/media/a.jpg", "晨练")}, "![晨练](/media/a.jpg)\n", "[图片：晨练]"},
	"image without text":      {[]body.Node{body.Picture("/media/a.jpg", ""), paragraph("甲")}, "![](/media/a.jpg)\n\n甲\n", "甲"},
	"code block":              {[]body.Node{body.CodeBlock("go", "a := `b`\n```")}, "````go\na := `b`\n```\n````\n", "a := `b`\n```"},
	"rule":                    {[]body.Node{paragraph("甲"), body.Rule(), paragraph("乙")}, "甲\n\n___\n\n乙\n", "甲\n\n———\n\n乙"},
	"table": {[]body.Node{body.TableOf(
		body.Row(body.HeaderCell(paragraph("镇")), body.HeaderCell(paragraph("床位"))),
		body.Row(body.Cell(paragraph("清溪")), body.Cell(body.Paragraph(text("12"), body.HardBreak(), text("张")))),
		body.Row(body.Cell(), body.Cell(body.Picture("/a.jpg", "图"))))},
		"| 镇 | 床位 |\n| --- | --- |\n| 清溪 | 12<br>张 |\n|  | ![图](/a.jpg) |\n", "镇\t床位\n清溪\t12 张\n\t[图片：图]"},
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	for name, c := range blocks {
		if got := render.Markdown(body.Doc(c.blocks...)); got != c.markdown {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.markdown)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for name, c := range blocks {
		if got := render.Text(body.Doc(c.blocks...)); got != c.text {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.text)
		}
	}
}

// TestMarkdownTablesAsHTML has tables that Markdown cannot represent.
func TestMarkdownTablesAsHTML(t *testing.T) {
	t.Parallel()
	cell := body.Cell(paragraph("甲"))
	wide := cell
	wide.Colspan = 2
	captioned := body.TableOf(body.Row(cell, cell), body.Row(cell, cell))
	captioned.Caption = "价目"
	for name, table := range map[string]body.Node{
		"merged cells":      body.TableOf(body.Row(cell, cell), body.Row(wide)),
		"a caption":         captioned,
		"a header column":   body.TableOf(body.Row(body.HeaderCell(paragraph("乙")), cell), body.Row(body.HeaderCell(paragraph("丙")), cell)),
		"a list in a cell":  body.TableOf(body.Row(cell, cell), body.Row(cell, body.Cell(body.BulletList(body.ListItem(paragraph("丁")))))),
		"a pipe in code":    body.TableOf(body.Row(cell, cell), body.Row(cell, body.Cell(body.Paragraph(text("a|b", body.Code()))))),
		"two paragraphs":    body.TableOf(body.Row(cell, cell), body.Row(cell, body.Cell(paragraph("a"), paragraph("b")))),
		"rows of two sizes": body.TableOf(body.Row(cell, cell), body.Row(cell, cell, cell)),
	} {
		if got := render.Markdown(body.Doc(table)); len(got) < 7 || got[:6] != "<table" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestLabels checks that labels are in the first line of every form.
func TestLabels(t *testing.T) {
	t.Parallel()
	d, o := body.Doc(paragraph("正文")), render.Options{Labels: []string{"广告", "合作"}}
	if got, want := render.Markdown(d, o), "【广告】【合作】\n\n正文\n"; got != want {
		t.Errorf("Markdown %q", got)
	}
	if got, want := render.Text(d, o), "【广告】【合作】\n\n正文"; got != want {
		t.Errorf("text %q", got)
	}
	if len(d.Content) != 1 {
		t.Error("the document has changed")
	}
}
