package pagetext

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/instant"
)

// The marks by which a page is read. Portals write colons and brackets in full
// and in half width.
var (
	breadcrumb = regexp.MustCompile(`^(?:您?(?:现在|当前)?的?位置|当前位置)\s*[:\x{FF1A}]\s*(.+)$`)
	separator  = regexp.MustCompile(`\s*(?:»|›|→|->|>|\x{FF1E})\s*`)
	date       = regexp.MustCompile(`(?:发布(?:日期|时间)|日期|时间)\s*[:\x{FF1A}]\s*(\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?)`)
	fact       = regexp.MustCompile(`(浏览次数|浏览|阅读|点击|发布人|发布者|IP|评论|来源|作者|编辑)\s*[:\x{FF1A}]\s*(\S+)`)
	furniture  = regexp.MustCompile(`^(?:打赏|免责声明|非法信息举报|违规举报|删稿|相关(?:评论|阅读|文章|新闻)|\d+\s*相关评论|分享到?|上一篇|下一篇|[(\x{FF08}][cC][)\x{FF09}]|©|Copyright|版权所有|All Rights Reserved)`)
	byline     = regexp.MustCompile(`^[(\x{FF08}]\s*文\s*[/\x{FF0F}]\s*([^(\x{FF08}/\x{FF0F})\x{FF09}]+)`)
	sources    = []*regexp.Regexp{
		regexp.MustCompile(`[(\x{FF08}]\s*根据(.{1,40}?)(?:发布的?)?(?:信息|消息|资料|材料)?(?:综合)?整理\s*[)\x{FF09}]\s*$`),
		regexp.MustCompile(`[(\x{FF08}]\s*(?:文章)?来源\s*[:\x{FF1A}]\s*([^)\x{FF09}]{1,40})[)\x{FF09}]\s*$`),
		regexp.MustCompile(`[(\x{FF08}]\s*([^)\x{FF09}]{1,40}?)\s*供稿\s*[)\x{FF09}]\s*$`),
		regexp.MustCompile(`^(?:文章)?来源\s*[:\x{FF1A}]\s*(\S{1,40})$`),
		regexp.MustCompile(`^本文转(?:自|载自)\s*[:\x{FF1A}]?\s*([^,\x{FF0C}。]{1,40})[。]?$`),
	}
	sentenceEnd = "。!?;:,.…、”\"』」)》\uff01\uff1f\uff1b\uff1a\uff0c\uff09"
)

func (r *reader) page() (Page, error) {
	for _, step := range []func() error{r.breadcrumb, r.headline, r.facts, r.lead, r.body} {
		if err := step(); err != nil {
			return Page{}, err
		}
	}
	return r.found, nil
}

// fail says what was not found from the current line on.
func (r *reader) fail(reason string) error {
	number := 1
	if n := len(r.lines); n > 0 {
		number = r.lines[min(r.at, n-1)].number
	}
	return &Error{number, reason}
}

func (r *reader) breadcrumb() error {
	for i, l := range r.lines {
		m := breadcrumb.FindStringSubmatch(l.text)
		if m == nil {
			continue
		}
		r.at = i
		path := separator.Split(m[1], -1)
		path = slices.DeleteFunc(path, func(s string) bool {
			return s == "" || s == "首页" || s == "主页" || s == "正文" || s == "文章正文" || s == "详情"
		})
		if len(path) == 0 || len(path) > 6 {
			return r.fail("the breadcrumb names no category; it looks like 当前位置: 首页 » 行业新闻 » 行业动态 » 正文")
		}
		r.found.CategoryPath = path
		r.at++
		return nil
	}
	return r.fail("there is no breadcrumb; an article page has a line like 当前位置: 首页 » 行业新闻 » 正文")
}

func (r *reader) headline() error {
	if r.at >= len(r.lines) {
		return r.fail("the page ends after the breadcrumb; the headline is missing")
	}
	title := r.lines[r.at].text
	if date.MatchString(title) {
		return r.fail("the headline is missing; it stands between the breadcrumb and the line with 发布日期")
	}
	if utf8.RuneCountInString(title) > 200 {
		return r.fail("the headline has more than 200 characters")
	}
	r.found.Title = title
	r.at++
	return nil
}

// farthestFacts is how many lines below the headline the facts may stand.
const farthestFacts = 5

func (r *reader) facts() error {
	for i := r.at; i < min(r.at+farthestFacts, len(r.lines)); i++ {
		m := date.FindStringSubmatch(r.lines[i].text)
		if m == nil {
			continue
		}
		r.at = i
		at, ok := parseDate(m[1])
		if !ok {
			return r.fail("the date " + strconv.Quote(m[1]) + " is none; it looks like 2019-10-10 17:45:07")
		}
		r.found.PublishedAt = at
		for r.at < len(r.lines) && r.readFacts(r.lines[r.at].text) {
			r.at++
		}
		return nil
	}
	return r.fail("there is no date below the headline; it looks like 发布日期:2019-10-10 17:45:07")
}

// readFacts takes what a line of facts says; false where it is none.
func (r *reader) readFacts(text string) bool {
	found := fact.FindAllStringSubmatch(text, -1)
	if len(found) == 0 && !date.MatchString(text) {
		return false
	}
	for _, m := range found {
		number, _ := strconv.Atoi(m[2])
		switch m[1] {
		case "浏览次数", "浏览", "阅读", "点击":
			r.found.Views = number
		case "评论":
			r.found.Comments = number
		case "发布人", "发布者":
			r.found.Publisher = m[2]
		case "IP":
			r.found.OriginIP = m[2]
		case "来源":
			r.found.Source.Name = m[2]
		case "作者", "编辑":
			r.setAuthor(m[2])
		}
	}
	return true
}

func (r *reader) setAuthor(name string) {
	if name = strings.TrimSpace(name); name != "匿名" && r.found.Author == "" {
		r.found.Author = name
	}
}

func parseDate(s string) (instant.Instant, bool) {
	s = strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(s)
	for _, layout := range []string{"2006-1-2 15:04:05", "2006-1-2 15:04", "2006-1-2"} {
		if t, err := time.ParseInLocation(layout, s, instant.Zone); err == nil {
			return instant.Of(t), true
		}
	}
	return 0, false
}

func (r *reader) lead() error {
	if r.at < len(r.lines) && r.lines[r.at].text == "导读" {
		if r.at++; r.at >= len(r.lines) {
			return r.fail("the page ends after 导读")
		}
		r.found.Lead = r.lines[r.at].text
		r.at++
	} else if r.at < len(r.lines) {
		if lead, ok := cutAny(r.lines[r.at].text, "导读:", "导读\uff1a", "【导读】", "[导读]"); ok {
			r.found.Lead = tidy(lead)
			r.at++
		}
	}
	return nil
}

func cutAny(s string, prefixes ...string) (string, bool) {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(s, p); ok {
			return rest, true
		}
	}
	return s, false
}

func (r *reader) body() error {
	var text []string
	start := r.at
	for ; r.at < len(r.lines); r.at++ {
		l := r.lines[r.at].text
		if m := byline.FindStringSubmatch(l); m != nil {
			r.setAuthor(m[1])
			break
		}
		if furniture.MatchString(l) {
			break
		}
		if l = r.takeSource(l); l != "" {
			text = append(text, l)
		}
	}
	if len(text) == 0 {
		r.at = start
		return r.fail("there is no text between the facts and the foot of the page")
	}
	blocks := make([]body.Node, len(text))
	for i, l := range text {
		if isHeading(text, i) {
			blocks[i] = body.Heading(2, body.Text(l))
		} else {
			blocks[i] = body.Paragraph(body.Text(l))
		}
	}
	r.found.Body = body.Doc(blocks...)
	if err := r.found.Body.Validate(); err != nil {
		r.at = start
		return r.fail("the text cannot be stored: " + err.Error())
	}
	return nil
}

// takeSource takes the note on where the article comes from off a line.
func (r *reader) takeSource(text string) string {
	for _, form := range sources {
		if at := form.FindStringSubmatchIndex(text); at != nil {
			r.found.Source.Name = tidy(text[at[2]:at[3]])
			return tidy(text[:at[0]])
		}
	}
	return text
}

// longestHeading is how many characters a heading has at most.
const longestHeading = 30

// isHeading tells a heading by its looks: short, not ending like a sentence, not
// a list's item, with a paragraph below it.
func isHeading(text []string, i int) bool {
	l := text[i]
	last, _ := utf8.DecodeLastRuneInString(l)
	return utf8.RuneCountInString(l) <= longestHeading && !strings.ContainsRune(sentenceEnd, last) &&
		!strings.ContainsAny(l, "。!?\uff01\uff1f") && i+1 < len(text) &&
		utf8.RuneCountInString(text[i+1]) > utf8.RuneCountInString(l)
}
