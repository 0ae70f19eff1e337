package render

import (
	"strings"

	"github.com/tonggao/tonggao/internal/body"
)

// labelled is the document with a first line that says the labels, so that every
// form of it shows them and none can lose them.
func (o Options) labelled(d body.Document) body.Document {
	if len(o.Labels) == 0 {
		return d
	}
	line := body.Paragraph(body.Text("【" + strings.Join(o.Labels, "】【") + "】"))
	d.Content = append([]body.Node{line}, d.Content...)
	return d
}

// first is the options of a form whose options may be left out.
func first(options []Options) Options {
	if len(options) > 0 {
		return options[0]
	}
	return Options{}
}
