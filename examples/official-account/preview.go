package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
)

//go:embed preview.html
var layout string

var page = template.Must(template.New("preview").Parse(layout))

// preview is the article on a phone. Its content is safe to embed because keep removes
// everything active.
func preview(a *article, content string, remarks []string) ([]byte, error) {
	by := a.Publisher.Name
	if a.Author != nil {
		by = *a.Author
	}
	var b bytes.Buffer
	err := page.Execute(&b, map[string]any{"Title": a.Title, "By": by, "Date": a.PublishedAt.Format("2006年1月2日 15:04"),
		"Content": template.HTML(content), "Source": a.URL, "Remarks": remarks})
	return b.Bytes(), err
}

// report returns everything to know before sending the article, one line each.
func report(a *article, lost, over []string) (lines []string) {
	for _, l := range a.Body.Losses {
		lines = append(lines, fmt.Sprintf("服务器已替换：%s（%s）→ %s", l.Path, l.Reason, l.Instead))
	}
	for _, line := range lost {
		lines = append(lines, "平台会过滤："+line)
	}
	for _, line := range over {
		lines = append(lines, "发稿之前："+line)
	}
	if lines == nil {
		lines = []string{"没有损失，也没有超限。"}
	}
	return lines
}
