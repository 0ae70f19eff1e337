package article

import "github.com/tonggao/tonggao/ent"

// LabelTexts is what every terminal must say of a, in words: that somebody paid
// for it (互联网广告管理办法), that a machine wrote it (GB 45438-2025).
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
