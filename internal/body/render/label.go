package render

import (
	"strings"

	"github.com/tonggao/tonggao/internal/body"
)

// withLabels returns the document with the labels in its first line, so that every form
// contains them.
func (o Options) withLabels(d body.Document) body.Document {
	if len(o.Labels) == 0 {
		return d
	}
	line := body.Paragraph(body.Text("【" + strings.Join(o.Labels, "】【") + "】"))
	d.Content = append([]body.Node{line}, d.Content...)
	return d
}

// first returns the first of optional options.
func first(options []Options) Options {
	if len(options) > 0 {
		return options[0]
	}
	return Options{}
}
