// Package pagetext parses the text of an article page as Chinese portals print it:
// breadcrumb, headline, a line of facts, the lead, the paragraphs, the byline. It
// drops the navigation of the site around them.
//
//	page       = navigation breadcrumb headline [ subtitle ] facts [ 导读 lead ] body [ byline ] foot
//	breadcrumb = 当前位置: 首页 » 行业新闻 » 行业动态 » 正文
//	facts      = 发布日期:2019-10-10 17:45:07 浏览次数:597 发布人:3a3d**** IP:117.173.23.*** 评论:0, in any order
//	body       = lines; a short one that does not end like a sentence, above a paragraph, is a heading
//	byline     = (文/匿名 …), also above the body
//	foot       = a line that says 打赏, 免责声明, 上一篇:… and everything below it
//
// The facts may also be below the body, above the foot. It does not guess: a page without a breadcrumb, a headline, a date or a body is
// rejected with the number of the line. The invariant: every line of the body is in
// the document exactly once, and nothing else is; only the note on the source becomes
// a field, and the editor's name at the end is dropped.
package pagetext

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// MaxSize limits the length of a page, in bytes.
const MaxSize = 4 << 20

// Page is a parsed page.
type Page struct {
	CategoryPath []string // from the top of the tree down
	Title        string
	Subtitle     string // between the title and the facts; mostly empty
	Lead         string // as printed, perhaps cut off; empty if there is none
	Author       string // 匿名 counts as none
	Publisher    string // as printed, perhaps masked
	OriginIP     string // as printed, perhaps masked
	PublishedAt  instant.Instant
	Views        int
	Comments     int
	Source       Source
	Body         body.Document
}

// Source names the original publication.
type Source struct{ Name, URL string }

// Error is the reason why a page cannot be parsed, and the line of it.
type Error struct {
	Line   int // from 1
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
	text, err := decode(raw)
	if err != nil {
		return Page{}, err
	}
	p := reader{lines: lines(text)}
	return p.page()
}

// decode converts a page to UTF-8. UTF-8 with a broken byte is often valid GB18030 too,
// as nonsense; the word 位置 of the breadcrumb distinguishes them.
func decode(raw []byte) (string, error) {
	if utf8.Valid(raw) {
		return string(raw), nil
	}
	if bytes.Contains(raw, []byte("位置")) {
		whole := strings.ToValidUTF8(string(raw), "\ufffd")
		return "", &Error{lineOf(whole, "\ufffd"), "a character is broken UTF-8; export the page again"}
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", &Error{lineOf(string(text), "\ufffd"), "the page is neither UTF-8 nor GB18030"}
	}
	return string(text), nil
}

// lineOf returns the number of the first line that contains part.
func lineOf(text, part string) int {
	before, _, _ := strings.Cut(text, part)
	return 1 + strings.Count(lineEnds.Replace(before), "\n")
}

// line is a line that is not empty.
type line struct {
	number int
	text   string
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// lines splits a text into its lines without white space and bullets around them, and
// drops the empty ones.
func lines(text string) []line {
	var list []line
	number := 0
	for raw := range strings.SplitSeq(lineEnds.Replace(text), "\n") {
		number++
		if clean := strings.TrimLeft(tidy(raw), "•●■◆▪◦‣· "); clean != "" {
			list = append(list, line{number, clean})
		}
	}
	return list
}

// tidy replaces each run of white space by one space and drops invisible characters.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsSpace(r) && unicode.In(r, unicode.Cc, unicode.Cf) && r != '\u200d' { // joins emoji
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
