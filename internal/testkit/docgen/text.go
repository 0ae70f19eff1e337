package docgen

import (
	"strings"

	"github.com/tonggao/tonggao/internal/body"
)

// phrases are pieces of text: Chinese, Latin, and syntax of the various forms.
var phrases = []string{
	"清溪镇养老服务中心", "本周正式启用", "“四方共议”", "（摘自内部简报）", "第一，", "记者从现场了解到", "3个工作日内", "全镇12个村",
	"长者食堂", "志愿服务队", "《居家照护手册》", "——", "……", "电话：0000-1234567", "１２３", "👩‍⚕️", "👍🏽", "🇨🇳", "e\u0301", "𠮷野家", "a", "I/O",
	"hello world", "1. 不是列表", "2) 也不是", "- 不是", "+ 不是", "# 不是标题", "> 不是引用", "*不是强调*", "**也不是**", "_x_y_", "`code`", "``",
	"~~x~~", "a|b", "| - |", "|---|", "---", "===", ":-:", "![x](y)", "[x]: /y", "[x](y)", "[^1]", "!", "<b>", "</p>", "<script>alert(1)</script>", "<!--", "-->", "]]>", "&amp;", "&lt;", "&#65;", "&copy",
	"\\", "\\\\", "\\*", "'\"", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "{{.}}", "${x}", "%3Cb%3E", "https://example.org/a_b_c", "a@example.org", "www.example.org", "C#", "C++", "x<y>z", "1 < 2 && 3 > 2", "\u3000", " ", "　　",
}

var addresses = []string{
	"/media/a1.jpg", "/media/2026/封面 图.png", "https://img.example.org/b.png?x=1&y=2", "http://old.example.org/c.gif",
	"https://example.org/d_(1)_*e*.webp", "https://例子.example.org/图.jpg", "/a?b=c&copy;d", "//cdn.example.org/e.jpg",
}

var links = []string{
	"/article/123", "https://example.org/", "http://example.org/a?b=c&d=e#f", "mailto:desk@example.org", "tel:0000-1234567",
	"https://example.org/路径/[x]|y", "https://example.org/&amp;", "https://mp.weixin.qq.com/s/abcDEF", "https://portal.example.cn/news/1",
}

var labels = []string{"一、", "第三条", "（二）", "①", "A.", "1.1", "3.", "iv)", "*", "[x]"}

var recordings = []string{"/media/k.mp4", "https://v.example.org/现场 1.mp4?x=1&y=2", "http://old.example.org/a_b.mp3"}

var players = []string{"https://player.bilibili.com/player.html?bvid=BV1xx411c7mD&page=1", "https://www.youtube.com/embed/abcdef12345",
	"https://v.qq.com/txp/iframe/player.html?vid=a0123abcdef", "https://video.example.org/player?id=1&a=b", "/player/1"}

func (g generator) text() string {
	var b strings.Builder
	for range 1 + g.IntN(3) {
		b.WriteString(phrases[g.IntN(len(phrases))])
	}
	return b.String()
}

func (g generator) inlines() []body.Node {
	nodes := []body.Node{body.Text(phrases[g.IntN(10)])}
	if g.IntN(2) == 0 {
		nodes = nil
	}
	for range 1 + g.IntN(5) {
		if g.IntN(10) == 0 {
			nodes = append(nodes, body.HardBreak())
			continue
		}
		nodes = append(nodes, body.Text(g.text(), g.marks()...))
		if g.IntN(12) == 0 {
			nodes = append(nodes, g.leaf())
		}
	}
	return append(nodes, body.Text(phrases[g.IntN(8)]))
}

// leaf returns an inline that is not a text.
func (g generator) leaf() body.Node {
	switch g.IntN(3) {
	case 0:
		return body.Ruby(phrases[g.IntN(len(phrases))], phrases[g.IntN(len(phrases))], g.marks()...)
	case 1:
		n := body.InlineImage(addresses[g.IntN(len(addresses))], "", g.marks()...)
		if g.IntN(2) == 0 {
			n.Alt = g.text()
		}
		return n
	}
	return body.Footnote(body.Text(g.text(), g.marks()...), body.HardBreak(), body.Text(phrases[g.IntN(8)]))
}

func (g generator) marks() []body.Mark {
	var marks []body.Mark
	for g.IntN(2) == 0 && len(marks) < 3 {
		switch g.IntN(9) {
		case 0, 1:
			title := ""
			if g.IntN(3) == 0 {
				title = g.text()
			}
			marks = append(marks, body.Link(links[g.IntN(len(links))], title))
		case 2, 3:
			marks = append(marks, body.Strong())
		case 4:
			marks = append(marks, body.Em())
		case 5:
			marks = append(marks, body.Underline())
		case 6:
			marks = append(marks, body.Strike())
		case 7:
			marks = append(marks, []body.Mark{body.Sub(), body.Sup()}[g.IntN(2)])
		case 8:
			marks = append(marks, body.Code())
		}
	}
	return marks
}

func (g generator) code() string {
	lines := []string{"package main", "", "\tfmt.Println(\"<你好>\")", "```", "    x := `a`", "~~~~", "<td>&nbsp;</td>", "- a", "</code></pre>", "a  ", "|---|"}
	var b strings.Builder
	for range 1 + g.IntN(6) {
		b.WriteString(lines[g.IntN(len(lines))] + "\n")
	}
	return b.String() + "end"
}
