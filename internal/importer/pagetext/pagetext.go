// Package pagetext reads the text of an article page as Chinese portals print it:
// breadcrumb, headline, a line of facts, the lead, the paragraphs, the byline,
// and around them the furniture of the site, which it leaves out.
//
//	page       = furniture breadcrumb headline facts [ 导读 lead ] body [ byline ] furniture
//	breadcrumb = 当前位置: 首页 » 行业新闻 » 行业动态 » 正文
//	facts      = 发布日期:2019-10-10 17:45:07 浏览次数:597 发布人:3a3d**** IP:117.173.23.*** 评论:0, in any order
//	body       = lines; a short one that does not end like a sentence, between others, is a heading
//	byline     = (文/匿名 …)
//
// It refuses to guess: a page without a breadcrumb, a headline, a date or a body is
// rejected with the line where that was noticed. The key invariant: every line of
// the body is in the document exactly once, and nothing else is.
package pagetext

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/instant"
)

// MaxSize is how long a page may be, in bytes.
const MaxSize = 4 << 20

// Page is what a page says.
type Page struct {
	CategoryPath []string // from the top of the tree down
	Title        string
	Lead         string // as printed, perhaps cut off; empty where there is none
	Author       string // 匿名 counts as none
	Publisher    string // as printed, perhaps masked
	OriginIP     string // as printed, perhaps masked
	PublishedAt  instant.Instant
	Views        int
	Comments     int
	Source       Source
	Body         body.Document
}

// Source is where the article was taken from.
type Source struct{ Name, URL string }

// Error says why a page cannot be understood, and where that was noticed.
type Error struct {
	Line   int // counted from 1
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// Parse reads a page in UTF-8 or GB18030.
func Parse(r io.Reader) (Page, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return Page{}, fmt.Errorf("read a page: %w", err)
	}
	if len(raw) > MaxSize {
		return Page{}, &Error{1, "the page is larger than 4 MiB; an article page is text of some pages"}
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(raw) {
		if raw, err = simplifiedchinese.GB18030.NewDecoder().Bytes(raw); err != nil || !utf8.Valid(raw) {
			return Page{}, &Error{1, "the page is neither UTF-8 nor GB18030"}
		}
	}
	p := reader{lines: lines(string(raw))}
	return p.page()
}

// line is a line that has something on it.
type line struct {
	number int
	text   string
}

// lines cuts a text into its lines, trimmed of all kinds of white space, without
// the empty ones.
func lines(text string) []line {
	var list []line
	number := 0
	for raw := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		number++
		if clean := tidy(raw); clean != "" {
			list = append(list, line{number, clean})
		}
	}
	return list
}

// tidy makes one space of every run of white space and drops what cannot be seen.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\u00a0' || r == '\u3000':
			return ' '
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u200b' || r == '\ufeff':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(strings.Join(strings.Fields(s), " "))
}

// reader goes down a page.
type reader struct {
	lines []line
	at    int
	found Page
}
