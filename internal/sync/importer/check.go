package importer

import (
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/slug"
)

// checkValues adds to bad the fields of a line, at any depth, that the database does not
// hold: text with NUL, and times outside of the years that content may have. Bodies
// check themselves when they are decoded.
func checkValues(bad *fault.Invalid, line any) { checkValue(bad, "", reflect.ValueOf(line)) }

func checkValue(bad *fault.Invalid, field string, v reflect.Value) {
	switch value := v.Interface().(type) {
	case instant.Instant:
		input.Instant(bad, field, value)
		return
	case body.Document:
		return
	}
	switch v.Kind() {
	case reflect.String:
		if !input.Raw(v.String()) {
			bad.Add("INVALID", field, "contains a NUL character or is not valid UTF-8")
		}
	case reflect.Pointer:
		if !v.IsNil() {
			checkValue(bad, field, v.Elem())
		}
	case reflect.Slice:
		for i := 0; v.Type().Elem().Kind() != reflect.Uint8 && i < v.Len(); i++ {
			checkValue(bad, field, v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			checkValue(bad, field, v.MapIndex(key))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case name == "-" || !f.IsExported():
			case f.Anonymous:
				checkValue(bad, field, v.Field(i))
			default:
				checkValue(bad, strings.TrimPrefix(field+"."+name, "."), v.Field(i))
			}
		}
	}
}

// checkSlug adds to bad what is wrong with a slug.
func checkSlug(bad *fault.Invalid, given string) {
	if err := slug.Check(given); err != nil {
		bad.Add("INVALID", "slug", "%v", err)
	}
}

// cleanRecord removes stray characters from the text of a record of moderation: unlike
// content it is never rejected for them. A text that has no others becomes U+FFFD.
func cleanRecord[S ~string](texts ...*S) {
	for _, text := range texts {
		given := strings.TrimSpace(string(*text))
		if *text = S(input.Clean(given)); *text == "" && given != "" {
			*text = S(utf8.RuneError)
		}
	}
}

// require adds to bad a field that is missing.
func require(bad *fault.Invalid, field string, given bool) {
	if !given {
		bad.Add("REQUIRED", field, "must not be empty")
	}
}
