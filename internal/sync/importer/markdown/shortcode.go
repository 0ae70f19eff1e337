package markdown

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

var (
	fenced      = regexp.MustCompile("(?ms)^(?:```|~~~).*?^(?:```|~~~)[ \t]*$|`[^`\n]+`")
	hugoCode    = regexp.MustCompile(`\{\{[<%]\s*(/?)\s*([\w./-]+)((?:\s+(?:[^>%"]|"[^"]*")*?)?)\s*/?[>%]\}\}`)
	liquidCode  = regexp.MustCompile(`\{%-?\s*(\w+)((?:\s+(?:[^%"]|"[^"]*")*?)?)\s*-?%\}`)
	liquidValue = regexp.MustCompile(`\{\{\s*site\.(?:baseurl|url)\s*(?:\|[^}]*)?\}\}`)
	named       = regexp.MustCompile(`(\w+)\s*=\s*"([^"]*)"|(\w+)\s*=\s*([^\s"]+)|"([^"]*)"|([^\s"=]+)`)
)

// expand replaces the template code of generators in a text: pictures, players and
// listings become Markdown. Of others only what stands between them stays.
func (p *page) expand(a *record.Article, text string) string {
	if !strings.Contains(text, "{{") && !strings.Contains(text, "{%") {
		return text
	}
	var out strings.Builder
	from := 0
	for _, span := range append(fenced.FindAllStringIndex(text, -1), []int{len(text), len(text)}) {
		out.WriteString(p.expandPart(a, text[from:span[0]]))
		out.WriteString(text[span[0]:span[1]])
		from = span[1]
	}
	return out.String()
}

func (p *page) expandPart(a *record.Article, text string) string {
	text = liquidValue.ReplaceAllString(text, p.folder.subfolder)
	text = hugoCode.ReplaceAllStringFunc(text, func(code string) string {
		found := hugoCode.FindStringSubmatch(code)
		return replaceCode(a, found[2], arguments(found[3]), found[1] == "/")
	})
	if p.folder.generator == hugo {
		return text
	}
	return liquidCode.ReplaceAllStringFunc(text, func(code string) string {
		found := liquidCode.FindStringSubmatch(code)
		name, end := strings.CutPrefix(found[1], "end")
		return replaceCode(a, name, arguments(found[2]), end)
	})
}

// arguments returns the arguments of a code: by name, and the others by number.
func arguments(text string) map[string]string {
	list := map[string]string{}
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		switch {
		case m[1] != "":
			list[m[1]] = m[2]
		case m[3] != "":
			list[m[3]] = m[4]
		default:
			list[fmt.Sprint(len(list))] = m[5] + m[6]
		}
	}
	return list
}

// replaceCode returns the Markdown of one code.
func replaceCode(a *record.Article, name string, with map[string]string, end bool) string {
	first := with["0"]
	if first == "" {
		first = with["id"]
	}
	switch name {
	case "figure", "img", "image":
		if src := with["src"] + with["0"]; src != "" && !end {
			return fmt.Sprintf("\n\n![%s](<%s> \"%s\")\n\n", with["alt"], src, strings.ReplaceAll(with["caption"]+with["title"], `"`, "'"))
		}
		return ""
	case "asset_img":
		return fmt.Sprintf("\n\n![%s](<%s>)\n\n", with["1"], first)
	case "youtube":
		return fmt.Sprintf("\n\n<iframe src=\"https://www.youtube.com/embed/%s\"></iframe>\n\n", first)
	case "bilibili":
		return fmt.Sprintf("\n\n<iframe src=\"https://player.bilibili.com/player.html?bvid=%s\"></iframe>\n\n", first)
	case "vimeo":
		return fmt.Sprintf("\n\n<iframe src=\"https://player.vimeo.com/video/%s\"></iframe>\n\n", first)
	case "highlight", "codeblock":
		if end {
			return "\n```\n"
		}
		return "\n```" + first + "\n"
	case "ref", "relref":
		return first
	case "raw", "more":
		return ""
	}
	if !end {
		a.Lost = append(a.Lost, "the template code "+name+" was left out; what it encloses is kept")
	}
	return ""
}
