package htmlin

import (
	"regexp"
	"strings"

	"github.com/tonggao/tonggao/internal/body"
)

// WordPress reads the content of a WordPress post whose address is base: a classic post,
// with empty lines between paragraphs and shortcodes in square brackets, or a post of
// blocks between <!-- wp:… --> comments.
func WordPress(content, base string) (body.Document, error) {
	d, _, err := ReadWordPress(content, base)
	return d, err
}

// ReadWordPress does the same, and returns the notes on what the document does not have.
func ReadWordPress(content, base string) (body.Document, []body.Note, error) {
	content = strings.ReplaceAll(content, "\r\n", "\n")
	blocks := strings.Contains(content, "<!-- wp:")
	content = shortcodes(content)
	if !blocks {
		content = classic(content)
	}
	return Read(content, base)
}

var (
	captionCode = regexp.MustCompile(`(?s)\[caption[^\]]*\](.*?)\[/caption\]`)
	captioned   = regexp.MustCompile(`(?s)^\s*((?:<a\s[^>]*>)?\s*<img\s[^>]*>\s*(?:</a>)?)(.*)$`)
	embedCode   = regexp.MustCompile(`(?s)\[embed[^\]]*\](.*?)\[/embed\]`)
	codeCode    = regexp.MustCompile(`(?s)\[(?:code|sourcecode)(?:\s+(?:lang(?:uage)?)="?([A-Za-z0-9+#-]+)"?)?[^\]]*\](.*?)\[/(?:code|sourcecode)\]`)
	otherCode   = regexp.MustCompile(`\[/?(?:gallery|audio|video|playlist|wp_[a-z]+|vc_[a-z_]+|et_pb_[a-z_]+|contact-form-7|toc|quote|su_[a-z_]+|dropcap|button|ads?)(?:\s[^\]\n]*)?\]`)
)

// shortcodes expands shortcodes to HTML. Players and galleries are removed, because bodies
// cannot contain them; unknown codes stay as text.
func shortcodes(content string) string {
	content = captionCode.ReplaceAllStringFunc(content, func(code string) string {
		inner := captionCode.FindStringSubmatch(code)[1]
		if parts := captioned.FindStringSubmatch(inner); parts != nil {
			return "<figure>" + parts[1] + "<figcaption>" + parts[2] + "</figcaption></figure>"
		}
		return inner
	})
	content = embedCode.ReplaceAllString(content, `<p><a href="$1">$1</a></p>`)
	content = codeCode.ReplaceAllString(content, `<pre class="language-$1">$2</pre>`)
	return otherCode.ReplaceAllString(content, "")
}

var (
	blankLine   = regexp.MustCompile(`\n[ \t]*\n\s*`)
	protected   = regexp.MustCompile(`(?is)<(pre|script|style|table|ul|ol|figure)[\s>].*?</(?:pre|script|style|table|ul|ol|figure)>`)
	blockMarkup = regexp.MustCompile(`(?i)^</?(?:p|div|h[1-6]|ul|ol|li|table|tr|td|th|tbody|thead|blockquote|pre|figure|figcaption|hr|section|article|address|form|dl|dt|dd)[\s>/]`)
)

// classic converts empty lines to paragraphs and line ends to breaks, outside of lists,
// tables and code, as WordPress does when it shows a classic post.
func classic(content string) string {
	var out strings.Builder
	from := 0
	for _, span := range protected.FindAllStringIndex(content, -1) {
		lines(&out, content[from:span[0]])
		out.WriteString("\n" + content[span[0]:span[1]] + "\n")
		from = span[1]
	}
	lines(&out, content[from:])
	return out.String()
}

// lines writes a text outside of protected elements.
func lines(out *strings.Builder, text string) {
	for _, paragraph := range blankLine.Split(strings.TrimSpace(text), -1) {
		if paragraph = strings.TrimSpace(paragraph); blockMarkup.MatchString(paragraph) {
			out.WriteString(paragraph)
		} else {
			out.WriteString("<p>" + strings.ReplaceAll(paragraph, "\n", "<br>") + "</p>")
		}
		out.WriteByte('\n')
	}
}
