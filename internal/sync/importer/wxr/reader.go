package wxr

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
)

// maxItem limits the size of one item, in bytes: the decoder keeps it in memory.
const maxItem = 32 << 20

// declared matches the encoding in the XML declaration.
var declared = regexp.MustCompile(`^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

// newDecoder returns a decoder of an export in any encoding. Characters that XML does not
// have, which WordPress writes nevertheless, are left out. Entities are those of HTML;
// others, such as those of a document type, are errors.
func newDecoder(from io.Reader) (*xml.Decoder, *meter, error) {
	in := bufio.NewReaderSize(from, 64<<10)
	head, err := in.Peek(256)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("read the file: %w", err)
	}
	var text io.Reader = in
	if found := declared.FindSubmatch(head); found != nil {
		encoding, name := charset.Lookup(string(found[1]))
		switch {
		case encoding == nil:
			return nil, nil, fmt.Errorf("its encoding %s is not known", found[1])
		case name == "gbk":
			encoding = simplifiedchinese.GB18030
		}
		if name != "utf-8" {
			text = transform.NewReader(in, encoding.NewDecoder())
		}
	}
	clean := transform.Chain(runes.ReplaceIllFormed(), runes.Remove(runes.Predicate(func(r rune) bool { return !inXML(r) })))
	m := &meter{from: transform.NewReader(text, clean)}
	d := xml.NewDecoder(m)
	d.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil } // it is UTF-8 by now
	d.Entity = xml.HTMLEntity
	return d, m, nil
}

// inXML reports whether XML 1.0 has a character.
func inXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd && r != '\ufeff' || r >= 0x10000 && r <= utf8.MaxRune
}

// meter limits what is read between two resets.
type meter struct {
	from io.Reader
	size int
}

var errItemTooLarge = fmt.Errorf("an item has more than %d MiB", maxItem>>20)

func (m *meter) Read(p []byte) (int, error) {
	if m.size > maxItem {
		return 0, errItemTooLarge
	}
	n, err := m.from.Read(p)
	m.size += n
	return n, err
}

func (m *meter) reset() { m.size = 0 }
