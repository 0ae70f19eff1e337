package body_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/htmlin"
	"github.com/tonggao/tonggao/internal/body/mdin"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// TestNothingIsDroppedFromHTML reads HTML as editors and portals produce it, of kinds that
// lost something. What is wanted is the document as Markdown, and the notes.
func TestNothingIsDroppedFromHTML(t *testing.T) {
	t.Parallel()
	const figure = `<figure><%s controls="" preload="none"></%s></figure>`
	for name, c := range map[string]struct{ html, markdown, notes string }{
		"text before a hidden paragraph":      {`<ul><li>第一条：床位补贴<span style="display:none"><p>提示</p></span></li><li>第二条：护理补贴</li></ul>`, "- 第一条：床位补贴\n- 第二条：护理补贴", ""},
		"text around a hidden block":          {`<div>街坊<div style="display:none"><div>提示</div></div>排队</div>`, "街坊排队", ""},
		"text before a player":                {`<div>看开张现场<video controls src="https://media.example/k.mp4"><p>浏览器不支持</p></video>街坊排起长队。</div>`, "看开张现场\n\n" + fmt.Sprintf(figure, `video src="https://media.example/k.mp4"`, "video") + "\n\n街坊排起长队。", ""},
		"text before a button":                {`<table><tr><th>街道</th><th>床位</th></tr><tr><td>江南</td><td>120<button><div>展开</div></button></td></tr></table>`, "| 街道 | 床位 |\n| --- | --- |\n| 江南 | 120 |", "CONTROL 展开 content[0]"},
		"text before a template":              {`<h2>三项办法<template><div>模板</div></template></h2><p>正文。</p>`, "## 三项办法\n\n正文。", ""},
		"a script that ends itself":           {`<p>第一段。</p><script type="text/javascript"/>var a = 1;</script><p>第二段。</p>`, "第一段。\n\n第二段。", ""},
		"a style that ends itself":            {`<p>第一段。</p><style/>p{color:red}</style><p>第二段。</p>`, "第一段。\n\n第二段。", ""},
		"a frame that ends itself":            {`<p>第一段。</p><iframe src="https://media.example/player"/><p>第二段 <b>粗</b>。</p>`, "第一段。\n\n" + iframe("https://media.example/player", "") + "\n\n第二段 **粗**。", ""},
		"a frame":                             {`<p>现场视频：</p><iframe src="https://v.example/player.html?vid=abc" title="开张现场"></iframe><p>完。</p>`, "现场视频：\n\n" + iframe("https://v.example/player.html?vid=abc", "开张现场") + "\n\n完。", ""},
		"a frame of one pixel":                {`<p>文</p><iframe src="https://count.example/x" width="1" height="1"></iframe>`, "文", ""},
		"players":                             {`<video src="https://v.example/k.mp4" poster="https://v.example/k.jpg"></video><audio><source src="https://v.example/k.mp3"></audio>`, fmt.Sprintf(figure, `video src="https://v.example/k.mp4" poster="https://v.example/k.jpg"`, "video") + "\n\n" + fmt.Sprintf(figure, `audio src="https://v.example/k.mp3"`, "audio"), ""},
		"a player of the platform":            {`<p>录音</p><mpvoice name="采访"></mpvoice>`, "录音", "PLAYER 采访 content[0]"},
		"the picture in a noscript":           {`<p>院子：</p><img class="lazy" src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP"><noscript><img src="https://img.example/yard.jpg" alt="院子"></noscript>`, "院子：\n\n![院子](https://img.example/yard.jpg)", ""},
		"the picture in a noscript, replaced": {`<img src="/img/loading.gif" alt="院子"><noscript><img src="https://img.example/yard.jpg"></noscript>`, "![院子](https://img.example/yard.jpg)", ""},
		"sets of pictures":                    {`<img srcset="https://img.example/s.jpg 480w, https://img.example/l.jpg 1200w" alt="院子"><picture><source srcset="https://img.example/x.webp" type="image/webp"><img alt="树"></picture>`, "![院子](https://img.example/l.jpg)\n\n![树](https://img.example/x.webp)", ""},
		"late pictures":                       {`<img data-srcset="https://img.example/1.jpg 480w" src="/l.gif"><img data-lazyload="https://img.example/2.jpg" src="/l.gif"><img data-echo="https://img.example/3.jpg" src="/l.gif"><img data-backsrc="https://img.example/4.jpg" src="/l.gif"><img data-lazy="https://img.example/5.jpg" src="/l.gif"><img data-url="https://img.example/6.jpg">`, "![](https://img.example/1.jpg)\n\n![](https://img.example/2.jpg)\n\n![](https://img.example/3.jpg)\n\n![](https://img.example/4.jpg)\n\n![](https://img.example/5.jpg)\n\n![](https://img.example/6.jpg)", ""},
		"a picture that is data":              {`<p>甲</p><p><img src="data:image/png;base64,AAAA" alt="院子"></p>`, "甲\n\n院子", "PICTURE data:image/png content[1]"},
		"hosts":                               {`<p><a href="https://yun_du.example.com/a">下划线</a>，<a href="https://r3---sn-ab.example.com/v">三横</a>，<a href="mailto://desk@example.com">邮箱</a></p><img src="https://img_cdn.example.com/yard.jpg" alt="院子">`, "[下划线](https://yun_du.example.com/a)，[三横](https://r3---sn-ab.example.com/v)，[邮箱](mailto:desk@example.com)\n\n![院子](https://img_cdn.example.com/yard.jpg)", ""},
		"a relative link":                     {`<p>见<a href="news/1.html">通知</a></p>`, "见通知", "LINK news/1.html content[0]"},
		"a link around a picture":             {`<a href="https://example.org/big.jpg"><img src="https://example.org/s.jpg"></a>`, "![](https://example.org/s.jpg)", "LINK https://example.org/big.jpg content[0]"},
		"code of WeChat":                      {`<section class="code-snippet__fix"><ul class="code-snippet__line-index"><li></li><li></li></ul><pre class="code-snippet__js" data-lang="go"><code><span class="code-snippet_outer">a := 1</span></code><code><span class="code-snippet_outer">b := 2</span></code></pre></section>`, "```go\na := 1\nb := 2\n```", ""},
		"a drawing with text":                 {`<section><svg viewBox="0 0 100 100"><foreignObject><p>点开看的正文</p></foreignObject><text>标题字</text></svg></section><p>后文。</p>`, "点开看的正文\n\n标题字\n\n后文。", "DRAWING  content[0]"},
		"a drawing that does not end":         {`<svg><g><p>前文</p><p>后文</p>`, "前文\n\n后文", "DRAWING  content[0]"},
		"a box with a background":             {`<section style="background-image:url(&quot;https://img.example/bg.jpg&quot;);height:300px"></section><p>后文。</p>`, "![](https://img.example/bg.jpg)\n\n后文。", ""},
		"a text with a background":            {`<section style="background:url(//img.example/bg.jpg)"><p>前文</p></section>`, "前文", "PICTURE https://img.example/bg.jpg content[0]"},
		"a formula":                           {`<p>设 <math><mi>x</mi><mo>=</mo><mn>1</mn><annotation>x=1</annotation></math></p>`, "设 x=1", "FORMULA  content[0]"},
		"pictures of formulas":                {`<p>设 <img class="math-tex" src="https://img.example/x.png" alt="x" width="12" height="12"> 为床位数</p>`, `设 <img src="https://img.example/x.png" alt="x" width="12" height="12" class="inline" loading="lazy"> 为床位数`, ""},
		"emoticons of WeChat":                 {`<p>好<img src="https://res.example/smile.png" class="icon_emotion_single icon_smile" alt="[微笑]" width="20">呀<img class="wxemoji" alt="[玫瑰]" src="https://e.example/r.png">。</p>`, `好<img src="https://res.example/smile.png" alt="[微笑]" class="inline" loading="lazy">呀<img src="https://e.example/r.png" alt="[玫瑰]" class="inline" loading="lazy">。`, ""},
		"values of items":                     {`<ol><li value="3">第三条</li><li>第四条</li></ol>`, "3. 第三条\n4. 第四条", ""},
		"a list backwards":                    {`<ol reversed><li>季军</li><li>亚军</li><li>冠军</li></ol>`, marked("3. ", "季军", "2. ", "亚军", "1. ", "冠军"), ""},
		"Chinese numbers":                     {`<ol style="list-style-type:cjk-ideographic"><li>总则</li><li>床位</li></ol>`, marked("一、", "总则", "二、", "床位"), ""},
		"letters":                             {`<ol type="A"><li>甲</li><li>乙</li></ol>`, marked("A. ", "甲", "B. ", "乙"), ""},
		"numbers of Word":                     {`<p style="mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">第一条<span>&nbsp;</span></span>总则</p><p style="mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">（二）</span>床位</p>`, marked("第一条", "总则", "（二）", "床位"), ""},
		"boxes":                               {`<ul><li><input type="checkbox" checked> 已办</li><li><input type="checkbox"> 待办</li></ul>`, "- [x] 已办\n- [ ] 待办", ""},
		"the flag of England":                 {"<p>🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F 队夺冠</p>", "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F 队夺冠", ""},
		"footnotes of Word":                   {`<p>增加一成<a href="#_ftn1" name="_ftnref1"><sup>[1]</sup></a>。</p><hr><div id="ftn1"><p><a href="#_ftnref1" name="_ftn1">[1]</a> 见公报。</p></div>`, "增加一成[^1]。\n\n___\n\n[^1]: 见公报。", ""},
		"footnotes of WordPress":              {`<p>增加一成<sup data-fn="a1"><a href="#a1" id="a1-link">1</a></sup>。</p><ol class="wp-block-footnotes"><li id="a1">见公报。 <a href="#a1-link">↩︎</a></li></ol>`, "增加一成[^1]。\n\n[^1]: 见公报。", ""},
		"a table of contents is no footnote":  {`<p><a id="t1" href="#c1">第一章</a></p><h2 id="c1">第一章 <a href="#t1">返回目录</a></h2><p>正文</p>`, "第一章\n\n## 第一章 返回目录\n\n正文", ""},
		"a gallery":                           {`<figure class="wp-block-gallery"><figure><img src="/1.jpg"></figure><figure><img src="/2.jpg"></figure><figcaption>合影</figcaption></figure>`, `<figure><figure><img src="/1.jpg" alt="" loading="lazy"></figure><figure><img src="/2.jpg" alt="" loading="lazy"></figure><figcaption>合影</figcaption></figure>`, ""},
		"a file":                              {`<div class="wp-block-file"><a href="https://example.org/a.pdf">申请表</a><a href="https://example.org/a.pdf" class="wp-block-file__button" download>下载</a></div>`, `<p><a href="https://example.org/a.pdf" download="" rel="nofollow noopener">申请表下载</a></p>`, ""},
		"a field":                             {`<p>姓名<input type="text" placeholder="请填写"></p><select><option>一号</option></select>`, "姓名", "CONTROL 请填写 content[0]\nCONTROL 一号 content[0]"},
	} {
		d, notes, err := htmlin.Read(c.html, "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := strings.TrimSuffix(render.Markdown(d), "\n"); got != c.markdown {
			t.Errorf("%s\n got %s\nwant %s", name, got, c.markdown)
		}
		if got := notesText(notes); got != c.notes {
			t.Errorf("%s: notes %q, want %q", name, got, c.notes)
		}
	}
}

func iframe(src, title string) string {
	if title != "" {
		title = ` title="` + title + `"`
	}
	return `<figure><iframe src="` + src + `"` + title + ` loading="lazy" sandbox="" allowfullscreen=""></iframe></figure>`
}

// marked returns the Markdown of a list of labels and texts.
func marked(parts ...string) string {
	var lines []string
	for i := 0; i < len(parts); i += 2 {
		lines = append(lines, `- <span class="list-marker">`+parts[i]+"</span>"+parts[i+1])
	}
	return strings.Join(lines, "\n")
}

func notesText(notes []body.Note) string {
	var lines []string
	for _, n := range notes {
		lines = append(lines, fmt.Sprintf("%s %s %s", n.Kind, n.Detail, n.Path))
	}
	return strings.Join(lines, "\n")
}

// TestNothingIsDroppedFromMarkdown does the same for Markdown.
func TestNothingIsDroppedFromMarkdown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, markdown string }{
		"footnotes without a space":     {"去年床位增加了一成[^1]，多在城区[^2]。\n\n[^1]: 数据来自云渡市民政局年度公报。\n[^2]: 见第三章。", "去年床位增加了一成[^1]，多在城区[^2]。\n\n[^1]: 数据来自云渡市民政局年度公报。\n\n[^2]: 见第三章。"},
		"a footnote of two paragraphs":  {"甲[^注]。\n\n[^注]: 第一段\n\n    第二段\n\n乙", "甲[^1]。\n\n乙\n\n[^1]: 第一段<br>第二段"},
		"a footnote that is used twice": {"甲[^1]乙[^1]\n\n[^1]: 注", "甲[^1]乙[^1]\n\n[^1]: 注"},
		"a footnote that is not used":   {"甲\n\n[^1]: 没有人引用", "甲\n\n\\[^1\\]:\n\n没有人引用"},
		"a label that is no address":    {"[注]: 本文数据截至八月底\n\n正文。", "\\[注\\]: 本文数据截至八月底\n\n正文。"},
		"a definition of a link":        {"见[通知][1]\n\n[1]: https://example.org/1", "见[通知](https://example.org/1)"},
		"hosts in Chinese":              {"见[新闻](https://云渡.中国/news/1)与<https://云渡.中国/2>。\n\n![院子](https://图.云渡.中国/yard.jpg)", "见[新闻](https://xn--9kq628e.xn--fiqs8s/news/1)与[https://云渡.中国/2](https://xn--9kq628e.xn--fiqs8s/2)。\n\n![院子](https://xn--wcs.xn--9kq628e.xn--fiqs8s/yard.jpg)"},
		"a player":                      {"现场视频：\n\n<iframe src=\"https://v.example/player.html?vid=abc\"></iframe>\n", "现场视频：\n\n" + iframe("https://v.example/player.html?vid=abc", "")},
		"boxes":                         {"- [x] 已办\n- [ ] 待办", "- [x] 已办\n- [ ] 待办"},
		"emphasis next to “”":           {"他说**“好。”**A", "他说<strong>“好。”</strong>A"},
	} {
		d, err := mdin.Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := strings.TrimSuffix(render.Markdown(d), "\n"); got != c.markdown {
			t.Errorf("%s\n got %s\nwant %s", name, got, c.markdown)
		}
	}
}

// TestLongBlocks reads blocks of many rows, items and lines without an empty line, and
// what is written of them.
func TestLongBlocks(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"table":     "| 名称 | 地址 |\n| --- | --- |\n" + strings.Repeat("| [服务站](https://example.org/1) | 江南路1号，**公交**可达 |\n", 1_000),
		"list":      strings.Repeat("- 云渡社区的一项便民服务，可[在线预约](https://example.org/a)\n", 1_000),
		"numbers":   strings.Repeat("1. 云渡社区的一项便民服务，可[在线预约](https://example.org/a)\n", 1_000),
		"listing":   "```\n" + strings.Repeat("if a[0](b) { c[1](d) } // a line of a log\n", 3_000) + "```\n",
		"paragraph": strings.Repeat("云渡街道第一家长者饭堂开张，六十岁以上的街坊凭卡八元一餐。", 1_000),
		"quotes":    strings.Repeat("> 云渡街道第一家长者饭堂开张，**凭卡**八元一餐。\n", 1_000),
	} {
		d, err := mdin.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if again, err := mdin.Parse(render.Markdown(d)); err != nil || body.Hash(again) != body.Hash(d) {
			t.Errorf("%s does not read back: %v", name, err)
		}
		page := render.HTML(d, terminal.Web, render.Options{})
		fromHTML, err := htmlin.Parse(page)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := mdin.Parse(render.Markdown(fromHTML)); err != nil || body.Hash(again) != body.Hash(d) {
			t.Errorf("%s does not read back from HTML: %v", name, err)
		}
	}
}

func TestRightToLeft(t *testing.T) {
	t.Parallel()
	d, err := htmlin.Parse("<p dir=\"rtl\">ئۇيغۇرچە خەۋەر 2025</p><p>价格 (\u200fئۇيغۇر\u200f) 12</p><ul dir=\"auto\"><li>خەۋەر</li></ul>")
	if err != nil {
		t.Fatal(err)
	}
	for on, want := range map[terminal.Terminal]string{
		terminal.Web:             `<p dir="rtl">`,
		terminal.WAP:             `<p dir="rtl">`,
		terminal.App:             `<ul dir="rtl">`,
		terminal.Feed:            `<p dir="rtl">`,
		terminal.MiniProgram:     `direction:rtl`,
		terminal.OfficialAccount: `direction:rtl`,
	} {
		if page := render.HTML(d, on, render.Options{}); !strings.Contains(page, want) || !strings.Contains(page, "(\u200fئۇيغۇر\u200f)") {
			t.Errorf("%v: %s", on, page)
		}
	}
}
