package pagetext

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/body"
)

// colon matches the half-width and the full-width form.
const colon = `\s*[:\x{FF1A}]\s*`

var leadMark = regexp.MustCompile(`^[【\[]?(?:导读|核心提示|内容提要|摘要)(?:[】\]]|` + colon + `|$)\s*(.*)$`)

// reader parses a page from top to bottom.
type reader struct {
	lines []line
	at    int
	found Page
}

func (r *reader) page() (Page, error) {
	for _, step := range []func() error{r.breadcrumb, r.headline, r.facts, r.lead, r.body} {
		if err := step(); err != nil {
			return Page{}, err
		}
	}
	return r.found, nil
}

// current returns the current line; false at the end.
func (r *reader) current() (string, bool) {
	if r.at >= len(r.lines) {
		return "", false
	}
	return r.lines[r.at].text, true
}

// fail returns an error at the current line.
func (r *reader) fail(reason string) error {
	number := 1
	if n := len(r.lines); n > 0 {
		number = r.lines[min(r.at, n-1)].number
	}
	return &Error{number, reason}
}

func (r *reader) breadcrumb() error {
	for i, l := range r.lines {
		path, ok := crumbs(l.text)
		if !ok {
			continue
		}
		r.at = i
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
	title, ok := r.current()
	if !ok {
		return r.fail("the page ends after the breadcrumb; the headline is missing")
	}
	if _, dated := findDate(title); dated {
		return r.fail("the headline is missing; it belongs between the breadcrumb and the line with 发布日期")
	}
	if utf8.RuneCountInString(title) > 200 {
		return r.fail("the headline has more than 200 characters")
	}
	// Some portals end the breadcrumb with the headline instead of 正文.
	if path := r.found.CategoryPath; len(path) > 1 && path[len(path)-1] == title {
		r.found.CategoryPath = path[:len(path)-1]
	}
	r.found.Title = title
	r.at++
	return nil
}

// farthestFacts limits the number of lines between the headline and the facts.
const farthestFacts = 5

func (r *reader) facts() error {
	start := r.at
	for end := min(r.at+farthestFacts, len(r.lines)); r.at < end; r.at++ {
		text := r.lines[r.at].text
		printed, dated := findDate(text)
		switch {
		case dated:
			return r.factsFrom(printed)
		case isFacts(text):
			r.setFacts(text)
		case isSentence(text):
			return r.factsBelow(start)
		case !isToolbar(text):
			r.found.Subtitle = strings.TrimSpace(r.found.Subtitle + " " + strings.TrimLeft(text, "-—─ "))
		}
	}
	r.at = start
	return r.fail("there is no date below the headline; it looks like 发布日期:2019-10-10 17:45:07")
}

// factsBelow parses a page that prints its date below the text, which starts at a line, and
// nothing but buttons or the foot below that.
func (r *reader) factsBelow(start int) error {
	reason := "there is no date below the headline; it looks like 发布日期:2019-10-10 17:45:07"
	for end := r.at; end < len(r.lines); end++ {
		printed, dated := findDate(r.lines[end].text)
		if !dated {
			continue
		}
		r.at, r.found.Subtitle = end, ""
		if err := r.factsFrom(printed); err != nil {
			return err
		}
		if r.at < len(r.lines) && !isFoot(r.lines[r.at].text) {
			reason = "there is text above and below the line with the date; the date belongs above the text"
			break
		}
		text := slices.DeleteFunc(slices.Clone(r.lines[start:end]), func(l line) bool { return isFacts(l.text) })
		r.lines, r.at = slices.Concat(r.lines[:start], text, r.lines[r.at:]), start
		return nil
	}
	r.at = start
	return r.fail(reason)
}

// isSentence reports whether a line ends like a sentence, as a subtitle does not.
func isSentence(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, "”’』」）)"))
	return strings.ContainsRune("。！？!?；;", last)
}

// factsFrom parses the line with the date and the lines of facts below it.
func (r *reader) factsFrom(printed string) error {
	at, ok := parseDate(printed)
	if !ok {
		return r.fail("the date " + strconv.Quote(printed) + " does not exist; it looks like 2019-10-10 17:45:07")
	}
	r.found.PublishedAt = at
	r.setFacts(r.lines[r.at].text)
	for r.at++; r.at < len(r.lines); r.at++ {
		text := r.lines[r.at].text
		if !isFacts(text) && !isToolbar(text) {
			break
		}
		r.setFacts(text)
	}
	return nil
}

func (r *reader) lead() error {
	text, ok := r.current()
	if !ok {
		return nil
	}
	m := leadMark.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	r.at++
	if r.found.Lead = m[1]; r.found.Lead != "" {
		return nil
	}
	if r.found.Lead, ok = r.current(); !ok {
		return r.fail("the page ends after " + text)
	}
	r.at++
	return nil
}

func (r *reader) body() error {
	start := r.at
	var text []string
	for ; r.at < len(r.lines); r.at++ {
		l := r.lines[r.at].text
		if name, ok := byline(l); ok {
			r.setAuthor(name)
			if len(text) == 0 { // above the body
				continue
			}
			break
		}
		if isFoot(l) {
			break
		}
		text = append(text, l)
	}
	text = r.cutNotes(text)
	r.at = min(start, len(r.lines))
	if len(text) == 0 {
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
		return r.fail("the text cannot be stored: " + err.Error())
	}
	if r.found.Body.Empty() || !slices.ContainsFunc(text, func(l string) bool { return !isToolbar(l) }) {
		return r.fail("there is no text between the facts and the foot of the page")
	}
	return nil
}
