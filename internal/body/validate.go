package body

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"unicode/utf8"
)

// maxPixels is the largest width and height of an image.
const maxPixels = 65_535

const (
	maxColumns = 100
	maxRowspan = 1_000
	maxLabel   = 20
	maxStart   = 99_999_999 // Markdown has at most nine digits, and the items follow
)

var languageForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9+#._-]{0,31}$`)

// Validate checks the document against the grammar, the limits and the normal form. The
// error has the path of the first invalid node.
func (d Document) Validate() error {
	v := validator{}
	if err := v.content(d.Content, "doc", nil, blockKinds); err != nil {
		return err
	}
	if size := len(d.AppendJSON(nil)); size > MaxBytes {
		return fmt.Errorf("body: %d bytes of JSON are more than %d", size, MaxBytes)
	}
	return nil
}

type validator struct {
	count   int
	inTable bool
}

var (
	blockKinds = []Kind{KindParagraph, KindHeading, KindBulletList, KindOrderedList,
		KindBlockquote, KindTable, KindImage, KindGallery, KindVideo, KindAudio, KindFile, KindEmbed, KindCodeBlock, KindHorizontalRule}
	inlineKinds = []Kind{KindText, KindRuby, KindInlineImage, KindFootnote, KindHardBreak}
	noteKinds   = []Kind{KindText, KindRuby, KindInlineImage, KindHardBreak}

	contentKinds = map[Kind][]Kind{
		KindParagraph:   inlineKinds,
		KindHeading:     inlineKinds,
		KindBulletList:  {KindListItem},
		KindOrderedList: {KindListItem},
		KindListItem:    blockKinds,
		KindBlockquote:  blockKinds,
		KindTable:       {KindTableRow},
		KindTableRow:    {KindTableHeader, KindTableCell},
		KindTableHeader: blockKinds,
		KindTableCell:   blockKinds,
		KindCodeBlock:   {KindText},
		KindGallery:     {KindImage},
		KindFootnote:    noteKinds,
	}
)

// content checks the children of a node, or of the document.
func (v *validator) content(nodes []Node, parent Kind, path Path, allowed []Kind) error {
	if len(nodes) > 0 && len(path) >= MaxDepth {
		return fmt.Errorf("body: %v: deeper than %d", path, MaxDepth)
	}
	for i, n := range nodes {
		here := append(path, i)
		if v.count++; v.count > MaxNodes {
			return fmt.Errorf("body: more than %d nodes", MaxNodes)
		}
		if !slices.Contains(allowed, n.Kind) {
			return fmt.Errorf("body: %v: %q is not allowed in %q", here, n.Kind, parent)
		}
		if err := v.node(n, here); err != nil {
			return err
		}
	}
	return nil
}

// node checks a node and its content.
func (v *validator) node(n Node, path Path) error {
	if hollow(n) {
		return fmt.Errorf("body: %v: %s has no content", path, n.Kind)
	}
	if reason := n.fault(); reason != "" {
		return fmt.Errorf("body: %v: %s: %s", path, n.Kind, reason)
	}
	if n.Kind == KindTable {
		if v.inTable {
			return fmt.Errorf("body: %v: a table is not allowed in a table", path)
		}
		v.inTable = true
		defer func() { v.inTable = false }()
	}
	for i, m := range n.Marks {
		if reason := m.fault(); reason != "" {
			return fmt.Errorf("body: %v.marks[%d]: %s", path, i, reason)
		}
	}
	if err := v.content(n.Content, n.Kind, path, contentKinds[n.Kind]); err != nil {
		return err
	}
	if normal := normalBlock(shallow(n), v.inTable); !slices.Contains(inlineKinds, n.Kind) &&
		!reflect.DeepEqual(normal, shallow(n)) {
		return fmt.Errorf("body: %v: %s is not in normal form", path, n.Kind)
	}
	return nil
}

// shallow removes the content that is validated on its own, so that the check of the
// normal form visits each node once.
func shallow(n Node) Node {
	switch n.Kind {
	case KindParagraph, KindHeading, KindCodeBlock:
	case KindGallery: // of images, which have no content
	default:
		n.Content = nil
	}
	return n
}

// fault returns what is wrong with the attributes of n: a value out of bounds, or an
// attribute that the kind does not have. It returns "" if they are valid.
func (n Node) fault() string {
	switch n.Kind {
	case KindParagraph, KindHeading:
		if n.Align != "" && n.Align != AlignCenter && n.Align != AlignRight {
			return fmt.Sprintf("align %q, want center or right", n.Align)
		}
		if n.Dir != "" && n.Dir != RightToLeft {
			return fmt.Sprintf("dir %q, want rtl", n.Dir)
		}
		if n.Kind == KindHeading && (n.Level < 1 || n.Level > 6) {
			return fmt.Sprintf("level %d, want 1 to 6", n.Level)
		}
	case KindOrderedList:
		if n.Start < 0 || n.Start > maxStart {
			return fmt.Sprintf("start %d, want 0 to %d", n.Start, maxStart)
		}
		items := slices.Clone(n.Content)
		if normalLabels(n.Start, items) != n.Start || !slices.EqualFunc(items, n.Content, func(a, b Node) bool { return a.Label == b.Label }) {
			return "want a label for every item, or none where they are start, start+1 and so on"
		}
	case KindBulletList:
		if slices.ContainsFunc(n.Content, func(item Node) bool { return item.Label != "" }) {
			return "want an ordered_list for items with labels"
		}
	case KindTableRow:
		if width := rowWidth(n); width > maxColumns {
			return fmt.Sprintf("%d columns, want at most %d", width, maxColumns)
		}
	case KindTableHeader, KindTableCell:
		if n.Colspan < 1 || n.Colspan > maxColumns || n.Rowspan < 1 || n.Rowspan > maxRowspan {
			return fmt.Sprintf("colspan %d and rowspan %d, want 1 to %d and %d", n.Colspan, n.Rowspan, maxColumns, maxRowspan)
		}
	case KindCodeBlock:
		if len(n.Content) != 1 || len(n.Content[0].Marks) > 0 {
			return "must have one text without marks"
		}
		if n.Language != "" && !languageForm.MatchString(n.Language) {
			return fmt.Sprintf("language %q is not a name", n.Language)
		}
	case KindListItem:
		if utf8.RuneCountInString(n.Label) > maxLabel {
			return fmt.Sprintf("label %q, want at most %d characters", n.Label, maxLabel)
		}
	case KindGallery:
		if len(n.Content) < 2 {
			return "must have two images or more"
		}
	case KindRuby:
		if n.Text == "" || n.Alt == "" {
			return "must have a text and an annotation"
		}
	case KindImage, KindInlineImage, KindVideo, KindAudio, KindFile, KindEmbed:
		if _, ok := SafeURL(n.Src, ForImage); !ok {
			return fmt.Sprintf("src %q, want http, https or a path from the root", n.Src)
		}
		if _, ok := SafeURL(n.Poster, ForImage); !ok && n.Poster != "" {
			return fmt.Sprintf("poster %q, want http, https or a path from the root", n.Poster)
		}
		if n.Width < 0 || n.Width > maxPixels || n.Height < 0 || n.Height > maxPixels {
			return fmt.Sprintf("%d x %d pixels, want 0 to %d", n.Width, n.Height, maxPixels)
		}
	}
	return n.foreign()
}

func rowWidth(row Node) (width int) {
	for _, cell := range row.Content {
		width += cell.Colspan
	}
	return width
}

// foreign returns an error text if a field is set that the kind does not have.
func (n Node) foreign() string {
	bare := n
	bare.Kind, bare.Content = "", nil
	switch n.Kind {
	case KindParagraph:
		bare.Align, bare.Dir = "", ""
	case KindHeading:
		bare.Align, bare.Dir, bare.Level = "", "", 0
	case KindOrderedList:
		bare.Start = 0
	case KindListItem:
		bare.Label, bare.Box = "", NoBox
	case KindTable, KindGallery:
		bare.Caption = ""
	case KindTableHeader, KindTableCell:
		bare.Colspan, bare.Rowspan = 0, 0
	case KindCodeBlock:
		bare.Language = ""
	case KindImage:
		bare.Src, bare.Alt, bare.Caption, bare.Width, bare.Height = "", "", "", 0, 0
	case KindVideo, KindEmbed:
		bare.Src, bare.Alt, bare.Caption, bare.Poster, bare.Width, bare.Height = "", "", "", "", 0, 0
	case KindAudio:
		bare.Src, bare.Alt, bare.Caption = "", "", ""
	case KindFile:
		bare.Src, bare.Alt = "", ""
	case KindInlineImage:
		bare.Src, bare.Alt, bare.Width, bare.Height, bare.Marks = "", "", 0, 0, nil
	case KindRuby:
		bare.Text, bare.Alt, bare.Marks = "", "", nil
	case KindText:
		bare.Text, bare.Marks = "", nil
	}
	if !reflect.ValueOf(bare).IsZero() {
		return "has a text, marks or an attribute that is not allowed"
	}
	return ""
}

// fault returns what is wrong with a mark, or "".
func (m Mark) fault() string {
	if markOrder[m.Kind] == 0 {
		return fmt.Sprintf("%q is not a mark", m.Kind)
	}
	if m.Kind != MarkLink {
		if m.Href != "" || m.Title != "" {
			return fmt.Sprintf("%s has no href and no title", m.Kind)
		}
		return ""
	}
	if _, ok := SafeURL(m.Href, ForLink); !ok {
		return fmt.Sprintf("href %q, want http, https, mailto, tel or a path from the root", m.Href)
	}
	return ""
}
