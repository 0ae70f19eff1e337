package pagetext

import (
	"regexp"
	"slices"
	"strings"
)

var (
	label      = regexp.MustCompile(`^(?:[您你]?(?:现在|当前|目前)?(?:所在)?的?位置` + colon + `)?\s*(.+)$`)
	separators = []*regexp.Regexp{ // the first that a breadcrumb has cuts it: names may hold the later ones
		regexp.MustCompile(`\s*(?:»|›|→)\s*`),
		regexp.MustCompile(`\s*(?:->|>|\x{FF1E})\s*`),
		regexp.MustCompile(`\s*[/\x{FF0F}]\s*`),
	}
	homes = []string{"首页", "主页", "网站首页", "返回首页", "首頁", "主頁", "回首頁"}
	ends  = []string{"正文", "文章正文", "内容", "详情", "文章详情", "內容", "詳情"}
)

// crumbs returns the categories that a breadcrumb names; false if text is not one. A
// label alone is not a breadcrumb: portals also label the choice of a region 当前位置.
func crumbs(text string) ([]string, bool) {
	rest := label.FindStringSubmatch(text)[1]
	path := []string{rest}
	for _, separator := range separators {
		if cut := separator.Split(rest, -1); len(cut) > 1 {
			path = cut
			break
		}
	}
	home, labelled := slices.Contains(homes, path[0]), rest != text
	if !home && (!labelled || len(path) < 2) || home && !labelled && len(path) < 2 {
		return nil, false
	}
	path = slices.DeleteFunc(path, func(s string) bool { return strings.TrimSpace(s) == "" })
	if len(path) > 0 && home {
		path = path[1:]
	}
	if n := len(path); n > 0 && slices.Contains(ends, path[n-1]) {
		path = path[:n-1]
	}
	return path, true
}
