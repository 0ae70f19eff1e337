package htmlin

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/internal/body"
)

// note records something visible that the document does not have.
func (b *builder) note(kind body.NoteKind, detail string) {
	if at := b.state(); at.silent() && at.in&inDrawing == 0 || len(b.notes) >= body.MaxNotes {
		return
	}
	b.notes = append(b.notes, body.Note{Kind: kind, Detail: short(detail)})
	b.places = append(b.places, len(b.frames[0].blocks))
}

// short returns s in one line of at most 200 characters.
func short(s string) string {
	runes := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " "))
	if len(runes) > 200 {
		return string(runes[:199]) + "…"
	}
	return string(runes)
}

// settlePaths sets the paths of the notes from the numbers of the blocks before them, of
// which count are in the document.
func (b *builder) settlePaths(count int) {
	blocks, done, index := b.frames[0].blocks, 0, 0
	for i, place := range b.places {
		place = min(place, len(blocks)) // a gallery is one block of several
		for place > done && place < len(blocks) && blocks[place].Kind == wordItemKind {
			place-- // a list is one block
		}
		if place > done {
			index += len(body.Doc(foldWordItems(blocks[done:place])...).Content)
			done = place
		}
		b.notes[i].Path = fmt.Sprintf("content[%d]", max(0, min(index, count-1)))
	}
}

// say adds a text to the innermost open control.
func (b *builder) say(s string) {
	for i := len(b.open) - 1; i >= 0; i-- {
		if e := &b.open[i]; e.class == control {
			if len(e.said) < 1000 {
				e.said += s
			}
			return
		}
	}
}

// input reads a field: the box of a list item, or a note of what it shows.
func (b *builder) input(t html.Token) {
	if b.state().silent() {
		return
	}
	switch kind := strings.ToLower(attr(t, "type")); kind {
	case "hidden", "image":
	case "checkbox", "radio":
		top := b.top()
		if kind == "checkbox" && top.node.Kind == body.KindListItem && len(top.blocks) == 0 && emptyLine(b.line) {
			top.node.Box = body.Unchecked
			if has(t, "checked") {
				top.node.Box = body.Checked
			}
		}
	default:
		text := attr(t, "value")
		if text == "" {
			text = attr(t, "placeholder")
		}
		if text != "" {
			b.note(body.NoteControl, text)
		}
	}
}

func emptyLine(line []body.Node) bool {
	for _, n := range line {
		if n.Kind != body.KindText || !blank(n.Text) {
			return false
		}
	}
	return true
}

// begin handles what the start of a visible element shows or leaves out.
func (b *builder) begin(t html.Token, c class, e *element) {
	switch {
	case c == player:
		b.startPlayer(t, e)
	case t.Data == "picture":
		b.sources = nil
	case t.Data == "ruby":
		b.ruby, b.reading = len(b.line), ""
	case t.Data == "svg":
		if w, h := pixels(attr(t, "width")), pixels(attr(t, "height")); attr(t, "aria-hidden") != "true" && (w == 0 || w > smallest || h > smallest) {
			b.note(body.NoteDrawing, "")
		}
	case t.Data == "math":
		b.note(body.NoteFormula, attr(t, "alttext"))
	case t.Data == "canvas":
		b.note(body.NoteDrawing, "")
	case platformPlayers[t.Data]:
		b.note(body.NotePlayer, attr(t, "name")+attr(t, "data-title"))
	}
}

// closed handles the end of an element that has been removed from the stack.
func (b *builder) closed(e element) {
	around := b.state()
	if around.silent() && around.in&inDrawing == 0 {
		return
	}
	switch {
	case b.listing != nil && e.name == "code":
		b.codeEnd = b.listing.Len()
	case e.media != nil:
		b.endPlayer(e)
	case e.class == control:
		if !blank(e.said) && !e.effect.hidden {
			b.note(body.NoteControl, e.said)
		}
	case e.effect.in&inRuby != 0:
		b.annotate()
	}
	if src, ok := b.address(e.effect.backdrop, body.ForImage); ok && !e.effect.hidden {
		if b.shown == e.shown && (e.class.breaks() || e.name == "svg") {
			b.flush()
			b.append(body.Picture(src, ""))
		} else {
			b.note(body.NotePicture, src)
		}
	}
}
