package htmlin

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Decode returns the text of a page in UTF-8. It detects the encoding from the byte order
// mark, the content type of the response, or the declaration in the page. GB2312 and GBK
// are read as their superset GB18030, and so are pages without a declaration that are not
// UTF-8, as old Chinese portals have them.
func Decode(raw []byte, contentType string) (string, error) {
	if len(raw) > MaxBytes {
		return "", fmt.Errorf("decode page: %d bytes are more than %d", len(raw), MaxBytes)
	}
	encoding, name, certain := charset.DetermineEncoding(raw, contentType)
	switch {
	case !certain && utf8.Valid(raw), name == "utf-8":
		return string(bytes.ToValidUTF8(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")), []byte("\uFFFD"))), nil
	case !certain, name == "gbk":
		encoding = simplifiedchinese.GB18030
	}
	text, err := encoding.NewDecoder().Bytes(raw)
	if err != nil {
		return "", fmt.Errorf("decode page as %s: %w", name, err)
	}
	return string(bytes.TrimPrefix(text, []byte("\uFEFF"))), nil
}
