package body_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// pageOf returns the HTML of a seed, as editors and old portals write it: nested and partly
// unclosed elements, hidden parts, players, pictures that load late, controls, drawings,
// code that ends itself. All addresses are complete.
func pageOf(seed uint64) string {
	p := &pageGenerator{Rand: rand.New(rand.NewPCG(seed, 14))}
	var b strings.Builder
	for range 1 + p.IntN(6) {
		b.WriteString(p.block(0))
	}
	return b.String()
}

type pageGenerator struct {
	*rand.Rand
	count int // of texts and addresses
}

// words returns a text that occurs once.
func (p *pageGenerator) words() string {
	p.count++
	return fmt.Sprintf("%s%d%s", []string{"街坊", "床位", "云渡", "饭堂", "Wifi ", "“引文”", "a&lt;b"}[p.IntN(7)], p.count,
		[]string{"。", "，", "：", "", " ", "！"}[p.IntN(6)])
}

func (p *pageGenerator) address(kind string) string {
	p.count++
	return fmt.Sprintf("https://example.org/%s/%d", kind, p.count)
}

func (p *pageGenerator) pick(forms ...func() string) string { return forms[p.IntN(len(forms))]() }

func (p *pageGenerator) blocks(depth int) string {
	var b strings.Builder
	for range 1 + p.IntN(3) {
		b.WriteString(p.block(depth))
	}
	return b.String()
}

func (p *pageGenerator) block(depth int) string {
	if depth > 4 {
		return "<p>" + p.line(depth) + "</p>"
	}
	wrap := func(open, end string) func() string {
		return func() string { return open + p.blocks(depth+1) + end }
	}
	text := func(open, end string) func() string {
		return func() string { return open + p.line(depth+1) + end }
	}
	return p.pick(text("<p>", "</p>"), text("<p>", "</p>"), text("<p>", ""), text("<div>", "</div>"), text("<h2>", "</h2>"), text("", ""),
		wrap("<div>", "</div>"), wrap("<section style=\"font-size:16px\">", "</section>"), wrap("<blockquote>", "</blockquote>"),
		p.list(depth), p.table(depth), p.media, p.picture, p.figure, p.hidden(depth),
		func() string { return "<pre>" + p.words() + "\n  " + p.words() + "</pre>" },
		func() string { return "<script type=\"text/javascript\"/>var a = \"<p>代码</p>\";</script>" },
		func() string { return "<style>p{color:red}</style>" },
		func() string {
			return "<svg viewBox=\"0 0 9 9\"><foreignObject><p>" + p.words() + "</p></foreignObject><text>" + p.words() + "</text></svg>"
		},
		func() string { return "<dl><dt>" + p.words() + "<dd>" + p.words() + "</dl>" })
}

func (p *pageGenerator) list(depth int) func() string {
	return func() string {
		tag := []string{"ul", "ol", "ol type=A", "ol reversed", "ol start=4"}[p.IntN(5)]
		var b strings.Builder
		b.WriteString("<" + tag + ">")
		for range 1 + p.IntN(3) {
			b.WriteString("<li>" + p.line(depth+1))
			if p.IntN(4) == 0 {
				b.WriteString(p.block(depth + 1))
			}
			b.WriteString([]string{"</li>", ""}[p.IntN(2)])
		}
		return b.String() + "</" + tag[:2] + ">"
	}
}

func (p *pageGenerator) table(depth int) func() string {
	return func() string {
		var b strings.Builder
		b.WriteString([]string{"<table>", "<table><caption>" + p.words() + "</caption>"}[p.IntN(2)])
		columns := 1 + p.IntN(3)
		for row := range 1 + p.IntN(3) {
			b.WriteString("<tr>")
			for range columns {
				tag := "td"
				if row == 0 && p.IntN(2) == 0 {
					tag = "th"
				}
				content := p.line(depth + 1)
				if p.IntN(6) == 0 {
					content = p.block(depth + 2)
				}
				b.WriteString("<" + tag + ">" + content + []string{"</" + tag + ">", ""}[p.IntN(2)])
			}
			b.WriteString("</tr>")
		}
		return b.String() + "</table>"
	}
}

func (p *pageGenerator) media() string {
	return p.pick(
		func() string { return `<iframe src="` + p.address("player") + `"></iframe>` },
		func() string { return `<iframe src="` + p.address("player") + `" title="现场"/></iframe>` },
		func() string {
			return `<video controls src="` + p.address("video") + `"><span>浏览器不支持</span></video>`
		},
		func() string { return `<audio><source src="` + p.address("audio") + `"></audio>` },
		func() string {
			return `<video poster="` + p.address("poster") + `"><source src="` + p.address("video") + `"></video>`
		},
		func() string { return `<object><embed src="` + p.address("player") + `"></object>` })
}

func (p *pageGenerator) picture() string {
	return p.pick(
		func() string { return `<img src="` + p.address("picture") + `" alt="` + p.words() + `">` },
		func() string {
			return `<a href="` + p.address("link") + `"><img src="` + p.address("picture") + `"></a>`
		},
		func() string {
			return `<img data-src="` + p.address("picture") + `" src="data:image/gif;base64,R0lGOD">`
		},
		func() string { return `<img src="data:image/png;base64,AAAA" alt="` + p.words() + `">` },
		func() string { return `<img src="` + p.address("picture") + `" width="20" height="20">` },
		func() string { return `<img srcset="` + p.address("picture") + ` 1x" alt="图">` })
}

func (p *pageGenerator) figure() string {
	b := "<figure>" + p.picture()
	for range p.IntN(3) {
		b += p.picture()
	}
	return b + "<figcaption>" + p.words() + "</figcaption></figure>"
}

// hidden returns something invisible around or between what is visible.
func (p *pageGenerator) hidden(depth int) func() string {
	return func() string {
		return p.pick(
			func() string { return `<div style="display:none">` + p.blocks(depth+2) + "</div>" },
			func() string { return p.words() + `<span hidden><p>` + p.words() + "</p></span>" },
			func() string {
				return "<div>" + p.words() + "<template><div>模板</div></template>" + p.words() + "</div>"
			},
			func() string { return p.words() + "<button><div>" + p.words() + "</div></button>" },
			func() string { return "<select><option>" + p.words() + "</option></select>" },
			func() string { return "<textarea>" + p.words() + "</textarea>" },
			func() string { return `<noscript><p>` + p.words() + "</p></noscript>" })
	}
}

// line returns inline content.
func (p *pageGenerator) line(depth int) string {
	var b strings.Builder
	for range 1 + p.IntN(4) {
		b.WriteString(p.pick(p.words, p.words, p.words,
			func() string { return "<b>" + p.words() + "</b>" },
			func() string { return "<span style=\"font-weight:bold\">" + p.words() + "</span>" },
			func() string { return `<a href="` + p.address("link") + `">` + p.words() + "</a>" },
			func() string { return "<br>" + p.words() },
			func() string { return "<ruby>" + p.words() + "<rp>(</rp><rt>" + p.words() + "</rt><rp>)</rp></ruby>" },
			func() string { return `<span style="display:none">` + p.words() + "</span>" },
			func() string { return "<code>" + p.words() + "</code>" },
			func() string {
				if depth > 3 {
					return p.words()
				}
				return p.picture()
			}))
	}
	return b.String()
}
