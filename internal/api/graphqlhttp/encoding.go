package graphqlhttp

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// hasLoneSurrogate reports whether text, which is JSON or a GraphQL document, has an escape
// such as \ud83d without the other half of its pair. Decoders replace it by U+FFFD without an
// error, so the character would be lost.
func hasLoneSurrogate(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return false
		}
		text = text[i:]
		first, ok := escaped(text)
		if !ok {
			text = text[min(2, len(text)):]
			continue
		}
		text = text[6:]
		if !utf16.IsSurrogate(first) {
			continue
		}
		second, _ := escaped(text)
		if utf16.DecodeRune(first, second) == utf8.RuneError {
			return true
		}
		text = text[6:]
	}
}

// escaped returns the code unit of the \uXXXX that text begins with.
func escaped(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(unit), err == nil
}

// wholeCharacters refuses string literals with half of a surrogate pair, which the parser
// has replaced by U+FFFD.
func wholeCharacters(observers *core.Events, addError core.AddErrFunc) {
	observers.OnValue(func(_ *core.Walker, v *ast.Value) {
		if v.Kind == ast.StringValue && strings.ContainsRune(v.Raw, utf8.RuneError) && hasLoneSurrogate([]byte(v.Position.Src.Input)) {
			addError(core.Message("a string has half of a surrogate pair; send the character itself, or both halves"), core.At(v.Position))
		}
	})
}
