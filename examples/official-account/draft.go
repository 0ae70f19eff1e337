package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The platform's limits, from its change log of 2025-12-19, in characters unless
// named bytes.
const (
	titleCharacters   = 32
	authorCharacters  = 16
	digestCharacters  = 128
	contentCharacters = 20_000  // exclusive
	contentBytes      = 1 << 20 // exclusive
	sourceURLBytes    = 1024
)

// draft is an article of a call to draft/add.
type draft struct {
	ArticleType  string `json:"article_type"`
	Title        string `json:"title"`
	Author       string `json:"author"`
	Digest       string `json:"digest"`
	Content      string `json:"content"`
	SourceURL    string `json:"content_source_url"`
	ThumbMediaID string `json:"thumb_media_id"`
	Comments     int    `json:"need_open_comment"`
	FansOnly     int    `json:"only_fans_can_comment"`
}

// draftsOf returns a draft for each part of the article: most have one. A lead that exceeds
// the digest is cut, since the text contains it too; other fields that are too long have to
// be shortened by people.
func draftsOf(a *article, thumb string) (drafts []draft) {
	parts := a.Body.OfficialAccountParts
	for i, part := range parts {
		d := draft{ArticleType: "news", Title: a.Title, Digest: first(a.Lead, digestCharacters), Content: part, ThumbMediaID: thumb}
		if len(parts) > 1 {
			d.Title = fmt.Sprintf("%s（%d/%d）", a.Title, i+1, len(parts))
		}
		if a.Author != nil {
			d.Author = *a.Author
		}
		if a.URL != nil && strings.HasPrefix(*a.URL, "http") {
			d.SourceURL = *a.URL
		}
		if a.CommentsOpen {
			d.Comments = 1
		}
		drafts = append(drafts, d)
	}
	return drafts
}

// first returns the first n characters of s, with an ellipsis if it was cut.
func first(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// overLimits returns the limits that the draft exceeds and the fields that are missing.
func (d draft) overLimits() (over []string) {
	check := func(what string, count, most int, unit string) {
		if count > most {
			over = append(over, fmt.Sprintf("%s %d %s，最多 %d，请改短", what, count, unit, most))
		}
	}
	check("标题", utf8.RuneCountInString(d.Title), titleCharacters, "字")
	check("作者", utf8.RuneCountInString(d.Author), authorCharacters, "字")
	check("摘要", utf8.RuneCountInString(d.Digest), digestCharacters, "字")
	check("正文", utf8.RuneCountInString(d.Content), contentCharacters-1, "个字符")
	check("正文", len(d.Content), contentBytes-1, "字节")
	check("阅读原文的地址", len(d.SourceURL), sourceURLBytes, "字节")
	if d.SourceURL == "" {
		over = append(over, "没有“阅读原文”：在站点设置里给出完整的文章地址")
	}
	if d.ThumbMediaID == "" {
		over = append(over, "没有封面：先用 material/add_material 上传，再以 --thumb 给出 media_id")
	}
	return over
}

// writeDrafts writes the body of the call. The platform requires Chinese and markup as
// they are, without \u escapes.
func writeDrafts(w io.Writer, drafts []draft) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(map[string][]draft{"articles": drafts})
}
