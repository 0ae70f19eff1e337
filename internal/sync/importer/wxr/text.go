package wxr

import (
	"html"
	"regexp"
	"strings"

	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

var (
	mediaCode = regexp.MustCompile(`\[(gallery|audio|video|playlist)((?:\s[^\]\n]*)?)\](?:\s*\[/(?:audio|video)\])?`)
	leftOut   = regexp.MustCompile(`\[(wp_[a-z]+|vc_[a-z_]+|et_pb_[a-z_]+|contact-form-7|toc|quote|su_[a-z_]+|dropcap|button|ads?)(?:\s[^\]\n]*)?\]`)
	attribute = regexp.MustCompile(`([a-z0-9_]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s\]"']+))`)
	variant   = regexp.MustCompile(`(https?://[^\s"'<>()]+?)-\d+x\d+(\.(?:jpe?g|png|gif|webp))`)
)

// text returns the text of an item: codes of galleries and players become elements, and
// smaller copies of attached pictures the pictures themselves.
func (r *reader) text(i *item, a *record.Article, text string) string {
	for _, found := range leftOut.FindAllStringSubmatch(text, -1) {
		a.Lost = append(a.Lost, "the shortcode "+found[1]+" was left out; what it encloses is kept")
	}
	text = mediaCode.ReplaceAllStringFunc(text, func(code string) string {
		found := mediaCode.FindStringSubmatch(code)
		return r.media(i, a, found[1], attributes(found[2]))
	})
	return variant.ReplaceAllStringFunc(text, func(address string) string {
		if whole := variant.ReplaceAllString(address, "$1$2"); r.whole[whole] {
			return whole
		}
		return address
	})
}

func attributes(text string) map[string]string {
	list := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(text, -1) {
		list[m[1]] = m[2] + m[3] + m[4]
	}
	return list
}

// media returns the elements of a code for pictures or players.
func (r *reader) media(i *item, a *record.Article, name string, with map[string]string) string {
	var files []string
	switch name {
	case "gallery", "playlist":
		ids := strings.FieldsFunc(with["ids"]+","+with["include"], func(c rune) bool { return c == ',' || c == ' ' })
		if len(ids) == 0 {
			ids = r.attached[i.ID]
		}
		for _, id := range ids {
			if r.files[id] == "" {
				a.Lost = append(a.Lost, "the attachment "+id+" of a "+name+" is not in the file")
				continue
			}
			files = append(files, r.files[id])
		}
	default:
		for _, kind := range []string{"src", "mp4", "m4v", "webm", "ogv", "mp3", "m4a", "ogg", "wav", "flv", "wmv"} {
			if with[kind] != "" {
				files = append(files, with[kind])
				break
			}
		}
	}
	if len(files) == 0 {
		a.Lost = append(a.Lost, "the shortcode "+name+" names no file")
	}
	var out strings.Builder
	for _, file := range files {
		src := html.EscapeString(file)
		switch name {
		case "gallery":
			out.WriteString("\n\n<figure><img src=\"" + src + "\"></figure>\n\n")
		case "video":
			out.WriteString("\n\n<figure><video src=\"" + src + "\" poster=\"" + html.EscapeString(with["poster"]) + "\"></video></figure>\n\n")
		default:
			out.WriteString("\n\n<figure><audio src=\"" + src + "\"></audio></figure>\n\n")
		}
	}
	return out.String()
}
