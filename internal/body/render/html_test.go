package render_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/terminalcheck"
)

// TestHTML compares short documents with their pages on the terminals. "*" is the page of
// terminals that are not named.
func TestHTML(t *testing.T) {
	t.Parallel()
	right := paragraph("落款")
	right.Align = body.AlignRight
	merged := body.Cell(paragraph("甲"))
	merged.Colspan, merged.Rowspan = 2, 3
	o := render.Options{BaseURL: terminalcheck.Site}
	for name, c := range map[string]struct {
		block body.Node
		want  map[string]string
	}{
		"escaping":  {paragraph(`a<b> & "c"`), map[string]string{"WEB": `<p>a&lt;b&gt; &amp; "c"</p>`}},
		"alignment": {right, map[string]string{"WEB": `<p style="text-align:right">落款</p>`, "FEED": `<p>落款</p>`}},
		"nested marks": {body.Paragraph(text("a", body.Strong()), text("b", body.Strong(), body.Em()), body.HardBreak(), text("c", body.Strong())),
			map[string]string{"WEB": `<p><strong>a<em>b</em><br>c</strong></p>`, "MINI_PROGRAM": `<p style="margin:0 0 1em"><strong>a<em>b</em></strong><br><strong>c</strong></p>`}},
		"heading of level 1": {body.Heading(1, text("题")), map[string]string{"WEB": `<h2>题</h2>`, "FEED": `<h2>题</h2>`}},
		"heading of level 6": {body.Heading(6, text("题")), map[string]string{"WEB": `<h4>题</h4>`}},
		"own link": {body.Paragraph(text("公告", body.Link("/news/1", "题"))), map[string]string{"WEB": `<p><a href="/news/1" title="题">公告</a></p>`,
			"WAP": `<p><a href="/news/1">公告</a></p>`, "FEED": `<p><a href="https://portal.example.cn/news/1" title="题">公告</a></p>`, "MINI_PROGRAM": `<p style="margin:0 0 1em">公告</p>`}},
		"other link": {body.Paragraph(text("外站", body.Link("https://example.org/", ""))), map[string]string{
			"*": `<p><a href="https://example.org/" rel="nofollow noopener">外站</a></p>`, "MINI_PROGRAM": `<p style="margin:0 0 1em">外站</p>`,
			"OFFICIAL_ACCOUNT": `<section style="line-height:1.75"><p style="margin:0 0 1em;color:#333">外站[1]</p><section style="font-size:.9em;word-break:break-all"><p style="color:#666">[1] https://example.org/</p></section></section>`}},
		"list":     {body.OrderedList(4, body.ListItem(paragraph("甲"), paragraph("乙"))), map[string]string{"WEB": `<ol start="4"><li><p>甲</p><p>乙</p></li></ol>`}},
		"table":    {body.TableOf(body.Row(body.HeaderCell(paragraph("镇")), body.HeaderCell(paragraph("床位"))), body.Row(merged)), map[string]string{"WEB": `<table><thead><tr><th scope="col">镇</th><th scope="col">床位</th></tr></thead><tbody><tr><td colspan="2" rowspan="3">甲</td></tr></tbody></table>`}},
		"code":     {body.CodeBlock("go", "a < b"), map[string]string{"WEB": `<pre><code class="language-go">a &lt; b</code></pre>`, "MINI_PROGRAM": `<pre style="margin:0 0 1em;white-space:pre-wrap;word-break:break-all"><code>a &lt; b</code></pre>`}},
		"picture":  {body.Picture("/a.jpg", "图"), map[string]string{"WEB": `<figure><img src="/a.jpg" alt="图" loading="lazy" decoding="async"></figure>`, "WAP": `<figure><img src="/a.jpg" alt="图" loading="lazy"></figure>`, "FEED": `<figure><img src="https://portal.example.cn/a.jpg" alt="图" loading="lazy"></figure>`}},
		"quote":    {body.Quote(paragraph("引")), map[string]string{"WEB": `<blockquote><p>引</p></blockquote>`}},
		"the rule": {body.Rule(), map[string]string{"WEB": `<hr>`, "MINI_PROGRAM": `<hr>`}},
	} {
		for _, on := range terminal.All() {
			want, named := c.want[on.String()]
			if !named {
				want = c.want["*"]
			}
			if got := render.HTML(body.Doc(c.block), on, o); want != "" && got != want {
				t.Errorf("%s on %s:\n got %s\nwant %s", name, on, got, want)
			}
		}
	}
}

// TestLosses checks what each terminal cannot show of a link, a picture and an alignment,
// with and without a base URL.
func TestLosses(t *testing.T) {
	t.Parallel()
	right := paragraph("落款")
	right.Align = body.AlignRight
	d := body.Doc(body.Paragraph(text("公告", body.Link("/news/1", ""))), body.Picture("/a.jpg", "图"), right)
	for _, c := range []struct {
		on   terminal.Terminal
		base string
		want string
	}{
		{terminal.Web, "", ""}, {terminal.WAP, terminalcheck.Site, ""}, {terminal.App, "", ""},
		{terminal.MiniProgram, terminalcheck.Site, "LINK content[0].content[0]"},
		{terminal.MiniProgram, "", "LINK content[0].content[0], IMAGE content[1]"},
		{terminal.OfficialAccount, terminalcheck.Site, "LINK content[0].content[0]"},
		{terminal.OfficialAccount, "", "LINK content[0].content[0], IMAGE content[1]"},
		{terminal.Feed, terminalcheck.Site, "ALIGNMENT content[2]"},
		{terminal.Feed, "", "LINK content[0].content[0], IMAGE content[1], ALIGNMENT content[2]"},
	} {
		var got []string
		for _, l := range render.Losses(d, c.on, render.Options{BaseURL: c.base}) {
			got = append(got, fmt.Sprintf("%s %s", l.Kind, l.Path))
			if l.Reason.English == "" || l.Instead.English == "" || !han(l.Reason.Chinese) || !han(l.Instead.Chinese) {
				t.Errorf("%s: %+v does not explain itself", c.on, l)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s with base %q loses %q, want %q", c.on, c.base, got, c.want)
		}
	}
}

// han reports whether s contains a Chinese character.
func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
