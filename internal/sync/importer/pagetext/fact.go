package pagetext

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// The names of facts, longer ones first, and what a date and a count look like.
var (
	factName = regexp.MustCompile(`(發[布佈]日期|發[布佈]時間|發表時間|更新時間|來源|发布日期|发布时间|发表日期|发表时间|更新日期|更新时间|日期|时间|` +
		`浏览次数|浏览量|浏览|阅读次数|阅读量|阅读数|阅读|点击次数|点击量|点击数|点击|人气|` +
		`发布人|发布者|IP|评论数|评论|文章来源|信息来源|来源于|来源|文章作者|作者|责任编辑|编辑|` +
		`原文链接|原文地址|字体大小|字体|字号)\s*[:\x{FF1A}(\x{FF08}]\s*`)
	datePattern = `\d{4}\s*[-/年.]\s*\d{1,2}\s*[-/月.]\s*\d{1,2}\s*日?(?:[\sT]*\d{1,2}[:\x{FF1A}]\d{2}(?:[:\x{FF1A}]\d{2})?)?`
	dateStart   = regexp.MustCompile(`^` + datePattern)
	dateParts   = regexp.MustCompile(`^(\d{4})\D+(\d{1,2})\D+(\d{1,2})(?:\D+(\d{1,2})\D(\d{2})(?:\D(\d{2}))?)?$`)
	count       = regexp.MustCompile(`^(\d{1,9}(?:\.\d{1,4})?)\s*(万?)\s*(?:次|人|条|人次)?[)\x{FF09}]?$`)
)

// sameFact maps the names that portals use to one.
var sameFact = map[string]string{
	"發布日期": "发布日期", "發佈日期": "发布日期", "發布時間": "发布日期", "發佈時間": "发布日期", "發表時間": "发布日期", "更新時間": "更新时间", "來源": "来源", "来源于": "来源",
	"发布时间": "发布日期", "发表日期": "发布日期", "发表时间": "发布日期", "日期": "时间", "更新日期": "更新时间",
	"浏览量": "浏览次数", "浏览": "浏览次数", "阅读次数": "浏览次数", "阅读量": "浏览次数", "阅读数": "浏览次数", "阅读": "浏览次数",
	"点击次数": "浏览次数", "点击量": "浏览次数", "点击数": "浏览次数", "点击": "浏览次数", "人气": "浏览次数",
	"发布者": "发布人", "评论数": "评论", "文章来源": "来源", "信息来源": "来源", "文章作者": "作者", "原文地址": "原文链接",
}

// fact is a name and the text between its colon and the next name. The value is empty
// if a portal prints the name alone.
type fact struct{ name, value string }

// factsOf splits a line into the text before its first fact, and its facts.
func factsOf(text string) (before string, facts []fact) {
	var starts [][]int
	for _, m := range factName.FindAllStringSubmatchIndex(text, -1) {
		if last, _ := utf8.DecodeLastRuneInString(text[:m[0]]); m[0] == 0 || !unicode.IsLetter(last) {
			starts = append(starts, m)
		}
	}
	if len(starts) == 0 {
		return text, nil
	}
	for i, m := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		name := text[m[2]:m[3]]
		if same, ok := sameFact[name]; ok {
			name = same
		}
		facts = append(facts, fact{name, strings.Trim(text[m[1]:end], " |\uff5c[]【】,\uff0c;\uff1b")})
	}
	return strings.TrimSpace(text[:starts[0][0]]), facts
}

// findDate returns the publication date as printed. 发布 is preferred to 时间, and that to
// the last change.
func findDate(text string) (string, bool) {
	before, facts := factsOf(text)
	for _, f := range facts {
		if f.name == "发布日期" {
			if printed := dateStart.FindString(f.value); printed != "" {
				return printed, true
			}
			return f.value, true
		}
	}
	for _, name := range []string{"时间", "更新时间"} {
		for _, f := range facts {
			if printed := dateStart.FindString(f.value); printed != "" && f.name == name {
				return printed, true
			}
		}
	}
	printed := dateStart.FindString(before)
	return printed, printed != "" && isToolbar(before[len(printed):])
}

func parseDate(printed string) (instant.Instant, bool) {
	m := dateParts.FindStringSubmatch(strings.TrimRight(printed, "日 "))
	if m == nil {
		return 0, false
	}
	for i, part := range m {
		if part == "" {
			m[i] = "0"
		}
	}
	t, err := time.ParseInLocation("2006-1-2 15:4:5", m[1]+"-"+m[2]+"-"+m[3]+" "+m[4]+":"+m[5]+":"+m[6], instant.Zone)
	return instant.Of(t), err == nil && t.Year() > 0
}

// longestFact limits the value of a fact, in characters; a paragraph that begins like a
// fact is longer, or ends like a sentence.
const longestFact = 40

// isFacts reports whether a line has only facts.
func isFacts(text string) bool {
	before, facts := factsOf(text)
	if len(facts) == 0 || !isToolbar(before) {
		return false
	}
	return !slices.ContainsFunc(facts, func(f fact) bool {
		switch f.name {
		case "时间": // the time of an event is text
			return true
		case "浏览次数", "评论":
			return f.value != "" && !count.MatchString(f.value)
		}
		return utf8.RuneCountInString(f.value) > longestFact || strings.ContainsAny(f.value, "。!?\uff01\uff1f")
	})
}

// setFacts sets the fields that a line of facts names. An editor is not the author.
func (r *reader) setFacts(text string) {
	_, facts := factsOf(text)
	for _, f := range facts {
		switch f.name {
		case "浏览次数":
			r.found.Views = parseCount(f.value)
		case "评论":
			r.found.Comments = parseCount(f.value)
		case "发布人":
			r.found.Publisher = f.value
		case "IP":
			r.found.OriginIP = f.value
		case "来源", "原文链接":
			if strings.HasPrefix(f.value, "https://") || strings.HasPrefix(f.value, "http://") {
				r.found.Source.URL = f.value
			} else if f.name == "来源" {
				r.found.Source.Name = f.value
			}
		case "作者":
			r.setAuthor(f.value)
		}
	}
}

func (r *reader) setAuthor(name string) {
	if name = strings.TrimSpace(name); name != "匿名" && r.found.Author == "" {
		r.found.Author = name
	}
}

// parseCount parses 1024, 1,024 and 1.2万; anything else is 0.
func parseCount(s string) int {
	m := count.FindStringSubmatch(strings.NewReplacer(",", "", "\uff0c", "").Replace(s))
	if m == nil {
		return 0
	}
	number, _ := strconv.ParseFloat(m[1], 64)
	if m[2] != "" {
		number *= 10_000
	}
	return int(math.Round(number))
}
