package pagetext

import "regexp"

// The forms of the notes on a text: its author, its editor, its source.
var (
	bracketed = regexp.MustCompile(`^[(\x{FF08}]\s*文\s*[/\x{FF0F}]\s*([^(\x{FF08}/\x{FF0F})\x{FF09}]+)`)
	bare      = regexp.MustCompile(`^文\s*[/\x{FF0F}]\s*(\S{1,20})(?:\s+[图摄].{0,22})?$`)
	editor    = regexp.MustCompile(`^[(\x{FF08}\[【]?\s*(?:责任编辑|责编|编辑|审核|校对)` + colon + `[^。]{0,30}$`)
	sources   = []*regexp.Regexp{ // the name, and the full stop after the bracket
		regexp.MustCompile(`[(\x{FF08}]\s*(?:本文)?(?:根据|据)([^()\x{FF08}\x{FF09}]{1,40}?)(?:发布的?)?(?:信息|消息|资料|材料)?(?:综合)?整理\s*[)\x{FF09}]\s*([。.]?)$`),
		regexp.MustCompile(`[(\x{FF08}]\s*(?:文章|信息)?来源` + colon + `([^()\x{FF08}\x{FF09}]{1,40})[)\x{FF09}]\s*([。.]?)$`),
		regexp.MustCompile(`[(\x{FF08}]\s*([^()\x{FF08}\x{FF09}]{1,40}?)\s*供稿\s*[)\x{FF09}]\s*([。.]?)$`),
		regexp.MustCompile(`^(?:文章|信息)?来源` + colon + `([^。]{1,40}?)()$`),
		regexp.MustCompile(`^[(\x{FF08}]?本文转(?:载)?自` + colon + `?([^,\x{FF0C}。()\x{FF08}\x{FF09}]{1,40})[)\x{FF09}]?。?()$`),
		regexp.MustCompile(`^[(\x{FF08}]?本文转(?:载)?自([^,\x{FF0C}。:\x{FF1A}()\x{FF08}\x{FF09}]{1,40})[)\x{FF09}]?。?()$`),
	}
)

// byline returns the author, if a line names nothing else.
func byline(text string) (string, bool) {
	for _, form := range []*regexp.Regexp{bracketed, bare} {
		if m := form.FindStringSubmatch(text); m != nil {
			return m[1], true
		}
	}
	return "", false
}

// cutNotes removes the notes at the end of the text (its source, its editor), and a note
// on the source at its beginning.
func (r *reader) cutNotes(text []string) []string {
	for len(text) > 0 {
		last := len(text) - 1
		if editor.MatchString(text[last]) {
			text = text[:last]
			continue
		}
		rest, name := cutSource(text[last])
		if name == "" {
			break
		}
		r.found.Source.Name = name
		if text[last] = rest; rest == "" {
			text = text[:last]
		}
	}
	if len(text) > 1 {
		if rest, name := cutSource(text[0]); name != "" && rest == "" {
			r.found.Source.Name = name
			return text[1:]
		}
	}
	return text
}

// cutSource removes the note on the source from the end of a line. The name is empty if
// there is none.
func cutSource(text string) (rest, name string) {
	for _, form := range sources {
		if at := form.FindStringSubmatchIndex(text); at != nil {
			return tidy(text[:at[0]]) + text[at[4]:at[5]], tidy(text[at[2]:at[3]])
		}
	}
	return text, ""
}
