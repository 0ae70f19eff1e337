package mysql

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Encodings are the names of encodings that --encoding takes.
var Encodings = []string{"utf-8", "gbk", "gb18030", "big5"}

// CheckEncoding returns an error unless the name is "" or one of Encodings.
func CheckEncoding(name string) error {
	if name == "" || family(name) != "" {
		return nil
	}
	return fmt.Errorf("the encoding %q is not known; use %s", name, strings.Join(Encodings, ", "))
}

// decoder converts texts to UTF-8. Where no name or a wrong one is given, a text is UTF-8
// if it is valid, and GB18030 otherwise.
type decoder struct {
	forced string // by the operator
	names  string // by SET NAMES
	table  string // by the definition of the table
}

// family returns the encoding that a name of MySQL means: gb18030, which has all
// of GBK and GB2312, big5 or utf-8; "" for others, which have raw bytes.
func family(name string) string {
	switch name = strings.ToLower(strings.ReplaceAll(name, "-", "")); {
	case strings.HasPrefix(name, "gb"):
		return "gb18030"
	case name == "big5":
		return "big5"
	case strings.HasPrefix(name, "utf8"):
		return "utf-8"
	}
	return ""
}

// name returns the encoding; "" if nothing names it.
func (d decoder) name() string {
	switch {
	case d.forced != "":
		return family(d.forced)
	case d.names != "" && family(d.names) != "":
		return family(d.names)
	}
	return family(d.table)
}

// pairs reports whether a backslash may be the second byte of a character, which then is
// not escaped: not if the dump was made as if its texts were raw bytes.
func (d decoder) pairs() bool {
	raw := d.names != "" && family(d.names) == ""
	return !raw && (d.name() == "gb18030" || d.name() == "big5")
}

func (d decoder) decode(text []byte) string {
	var from encoding.Encoding = simplifiedchinese.GB18030
	switch d.name() {
	case "big5":
		from = traditionalchinese.Big5
	case "gb18030":
	default:
		if utf8.Valid(text) {
			return string(text)
		}
	}
	decoded, err := from.NewDecoder().Bytes(text)
	if err != nil {
		return strings.ToValidUTF8(string(text), "\uFFFD")
	}
	return string(decoded)
}
