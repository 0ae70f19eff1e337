package htmlin

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/body"
)

// effect is the change of state that one element causes.
type effect struct {
	on, off  marks
	link     body.Mark
	align    body.Align
	aligned  bool // align is set, possibly to the start
	hidden   bool
	level    int // of a heading, from 1
	wordList int // level of a list item of Word, from 1
	marker   bool
	lines    bool // line ends are hard breaks
	in       place
	rtl      direction
	drawn    bool   // its text is shown inside of a drawing
	backdrop string // the address of a background picture
	list     string // list-style
}

// place is a set of the elements inside of which text is treated in another way.
type place uint8

const (
	inNoscript place = 1 << iota // pictures are those that are loaded late
	inDrawing                    // only the text of some elements is shown
	inControl                    // text is a note
	inRuby                       // text is an annotation
)

// direction is the direction of text.
type direction uint8

const (
	unset direction = iota
	ltr
	rtl
	byText // of the first letter
)

// state is the sum of the effects of the open elements.
type state struct {
	marks    marks
	link     body.Mark
	align    body.Align
	hidden   bool
	level    int
	wordList int
	marker   bool
	lines    bool
	in       place
	rtl      direction
}

// of returns the direction of a line.
func (d direction) of(line []body.Node) body.Direction {
	if d == byText {
		for _, n := range line {
			for _, r := range n.Text {
				if unicode.IsLetter(r) {
					if unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana) {
						return body.RightToLeft
					}
					return ""
				}
			}
		}
	}
	if d == rtl {
		return body.RightToLeft
	}
	return ""
}

// silent reports whether text is not shown.
func (s state) silent() bool { return s.hidden || s.in&inDrawing != 0 }

// with returns the state inside of an element.
func (s state) with(e effect) state {
	s.marks = s.marks&^e.off | e.on
	if e.link.Kind != "" {
		s.link = e.link
	}
	if e.aligned {
		s.align = e.align
	}
	if e.level > 0 {
		s.level = e.level
	}
	if e.wordList > 0 {
		s.wordList = e.wordList
	}
	s.hidden = s.hidden || e.hidden
	s.marker = s.marker || e.marker
	s.lines = s.lines || e.lines
	s.in |= e.in
	if e.in == 0 && e.drawn {
		s.in &^= inDrawing
	}
	if e.rtl != unset {
		s.rtl = e.rtl
	}
	return s
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(t html.Token, name string) bool {
	for _, a := range t.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// effectOf reads the name, attributes and inline style of a start tag.
func effectOf(t html.Token, c class) effect {
	if c == dropped || c == player {
		return effect{hidden: true, in: placeOf[t.Data]}
	}
	e := effect{on: markOf[t.Data], hidden: has(t, "hidden"), in: placeOf[t.Data], drawn: t.Data == "text" || t.Data == "foreignobject"}
	if c == control {
		e.in = inControl
	}
	switch strings.ToLower(attr(t, "dir")) {
	case "rtl":
		e.rtl = rtl
	case "ltr":
		e.rtl = ltr
	case "auto":
		e.rtl = byText
	}
	e.marker = classHas(t, "list-marker")
	if c == heading {
		e.level = int(t.Data[1] - '0')
	}
	if t.Data == "center" {
		e.align, e.aligned = body.AlignCenter, true
	}
	if value := attr(t, "align"); value != "" && c != table && c != image {
		e.setAlign(value)
	}
	style := attr(t, "style")
	if found := backdrop.FindStringSubmatch(style); found != nil {
		e.backdrop = found[1]
	}
	for declaration := range strings.SplitSeq(style, ";") {
		name, value, _ := strings.Cut(declaration, ":")
		e.declare(strings.ToLower(strings.TrimSpace(name)), strings.ToLower(strings.TrimSpace(value)), c)
	}
	return e
}

var (
	placeOf  = map[string]place{"noscript": inNoscript, "svg": inDrawing, "rt": inRuby, "rtc": inRuby}
	backdrop = regexp.MustCompile(`(?i)background(?:-image)?\s*:[^;]*?url\(\s*["']?((?:https?:)?//[^"')\s]+)`)
)

func (e *effect) setAlign(value string) {
	e.aligned = true
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "center", "middle":
		e.align = body.AlignCenter
	case "right", "end":
		e.align = body.AlignRight
	default:
		e.align = ""
	}
}

// declare applies one declaration of an inline style.
func (e *effect) declare(name, value string, c class) {
	value, _, _ = strings.Cut(value, "!")
	value = strings.TrimSpace(value)
	switch name {
	case "font-weight":
		e.toggle(strong, bold(value), value == "normal" || value == "lighter" || !bold(value) && numeric(value))
	case "font-style":
		e.toggle(em, value == "italic" || value == "oblique", value == "normal")
	case "text-decoration", "text-decoration-line":
		e.toggle(underline, strings.Contains(value, "underline"), false)
		e.toggle(strike, strings.Contains(value, "line-through"), false)
	case "vertical-align":
		if c == inline {
			e.toggle(sup, value == "super", false)
			e.toggle(sub, value == "sub", false)
		}
	case "text-align":
		if c != inline {
			e.setAlign(value)
		}
	case "direction":
		e.rtl = map[string]direction{"rtl": rtl, "ltr": ltr}[value]
	case "list-style", "list-style-type":
		e.list = value
	case "display":
		e.hidden = e.hidden || value == "none"
	case "mso-hide":
		e.hidden = e.hidden || value == "all"
	case "mso-outline-level":
		if level, err := strconv.Atoi(value); err == nil && level >= 1 && level <= 6 && c == block {
			e.level = level
		}
	case "mso-list":
		e.declareList(value, c)
	}
}

// declareList reads mso-list of Word: "l0 level1 lfo1" of a paragraph, and "ignore" of the
// span that contains the bullet.
func (e *effect) declareList(value string, c class) {
	if value == "ignore" {
		e.marker = true
		return
	}
	for field := range strings.FieldsSeq(value) {
		level, found := strings.CutPrefix(field, "level")
		if n, err := strconv.Atoi(level); found && err == nil && c == block {
			e.wordList = min(max(1, n), 9)
		}
	}
}

func (e *effect) toggle(m marks, on, off bool) {
	if on {
		e.on |= m
	} else if off {
		e.off |= m
		e.on &^= m
	}
}

func numeric(value string) bool {
	_, err := strconv.Atoi(value)
	return err == nil
}

func bold(value string) bool {
	weight, err := strconv.Atoi(value)
	return value == "bold" || value == "bolder" || err == nil && weight >= 600
}
