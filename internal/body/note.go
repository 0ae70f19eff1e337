package body

// NoteKind is the kind of a note.
type NoteKind string

// The kinds of notes.
const (
	NotePicture NoteKind = "PICTURE" // a picture without an address that a document may have
	NoteLink    NoteKind = "LINK"    // a link whose text stays
	NotePlayer  NoteKind = "PLAYER"  // a video, sound or embedded page without such an address
	NoteDrawing NoteKind = "DRAWING" // the lines of a drawing, whose text stays
	NoteFormula NoteKind = "FORMULA" // the layout of a formula, whose characters stay
	NoteControl NoteKind = "CONTROL" // a button or field, with its text
)

// Note names a part of an input that its document does not have.
type Note struct {
	Kind   NoteKind
	Detail string // the address or the text; may be empty
	Path   string // of the top-level block in which or before which it stood: content[3]
}

// MaxNotes is the most notes of one input; more are not recorded.
const MaxNotes = 1_000

var noteMessages = map[NoteKind][2]string{
	NotePicture: {"a picture was left out, because it has no http or https address", "图片没有可用的网址（http、https），未收入正文"},
	NoteLink:    {"a link was left out and its text kept", "链接未保留，文字仍在"},
	NotePlayer:  {"a player was left out, because it has no http or https address", "音视频没有可用的网址（http、https），未收入正文"},
	NoteDrawing: {"a drawing was left out; its text is kept", "绘图未保留，其中的文字仍在"},
	NoteFormula: {"the layout of a formula was left out; its characters are kept", "公式的排版未保留，字符仍在"},
	NoteControl: {"a button or form field was left out", "按钮或表单控件未收入正文"},
}

// Message returns the note for people, in Chinese where chinese is set.
func (n Note) Message(chinese bool) string {
	message, separator := noteMessages[n.Kind][0], ": "
	if chinese {
		message, separator = noteMessages[n.Kind][1], "："
	}
	if n.Detail == "" {
		return message
	}
	return message + separator + n.Detail
}
