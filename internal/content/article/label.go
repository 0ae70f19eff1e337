package article

import "github.com/tonggao/tonggao/ent"

// LabelTexts returns the labels that every terminal must show with a: that it is an
// advertisement (互联网广告管理办法), that a machine wrote it (GB 45438-2025).
func LabelTexts(a *ent.Article) []string {
	texts := []string{}
	if a.AiGenerated {
		texts = append(texts, "本文由人工智能生成")
	}
	if a.Sponsored {
		texts = append(texts, "广告")
	}
	return texts
}
