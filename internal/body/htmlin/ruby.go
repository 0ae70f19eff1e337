package htmlin

import "github.com/tonggao/tonggao/internal/body"

// startRuby ends the annotation that the start of another part of a ruby element ends.
func (b *builder) startRuby(name string) {
	if n := len(b.open); n > 0 && (name == "rt" || name == "rp" || name == "rb" || name == "rtc") {
		if last := b.open[n-1].name; last == "rt" || last == "rp" || last == "rb" {
			b.endInline(last)
		}
	}
}

// annotate gives the line since the last annotation the one that has ended. A base that is
// not a text keeps its form, with the annotation behind it.
func (b *builder) annotate() {
	reading := b.reading
	b.reading = ""
	from := min(b.ruby, len(b.line))
	base, text := b.line[from:], ""
	for _, n := range base {
		if n.Kind != body.KindText {
			text = ""
			break
		}
		text += n.Text
	}
	switch {
	case blank(reading):
	case blank(text):
		at := b.state()
		b.line = append(b.line, body.Text("（"+reading+"）", at.marks.list(at.link)...))
	default:
		b.line = append(b.line[:from:from], body.Ruby(text, reading, base[0].Marks...))
	}
	b.ruby = len(b.line)
}
