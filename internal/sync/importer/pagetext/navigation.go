package pagetext

import (
	"regexp"
	"slices"
	"strings"
)

// foot matches the first line of the foot of a page. Its words count if they are alone on
// a line, some also with a colon and more: a paragraph may begin with them.
var foot = regexp.MustCompile(`(?i)^(?:打赏|分享|非法信息举报|违规举报|删稿|返回列表)(?:` + colon + `)?$` +
	`|^(?:免责声明|版权声明|版权所有|分享到|上一[篇条]|下一[篇条]|相关(?:评论|阅读|文章|新闻|推荐)|推荐阅读|热门推荐)(?:` + colon + `.*)?$` +
	`|^\d+\s*条?相关评论$|^[(\x{FF08}]c[)\x{FF09}]\s*\d{4}|^©|^copyright\b|^版权所有\s*[(\x{FF08}©]|all rights reserved`)

var toolbar = []string{"放大字体", "缩小字体", "字体", "字号", "大", "中", "小", "大中小", "收藏", "打印", "分享", "分享到",
	"复制链接", "我要评论", "投稿", "微信", "微博", "QQ空间", "打印本页", "关闭窗口", "关闭本页", "返回顶部", "举报", "关键词", "顶部", "上一页", "下一页"}

// isToolbar reports whether a line has only the buttons of a page.
func isToolbar(text string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return strings.ContainsRune(" |\uff5c[]【】()\uff08\uff09:\uff1a+-", r)
	})
	return !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(toolbar, word) })
}

// isFoot reports whether the foot of the page begins at a line.
func isFoot(text string) bool { return foot.MatchString(text) }
