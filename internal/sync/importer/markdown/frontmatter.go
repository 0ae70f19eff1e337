package markdown

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/goccy/go-yaml"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// maxMatter limits the size of front matter, in bytes.
const maxMatter = 64 << 10

// fields are the values of front matter, by lower-case names.
type fields map[string]any

// aliases matches the references of YAML, with which a short text can grow without limit.
var aliases = regexp.MustCompile(`(?m)(?:^|[:\-\[,])[ \t]*\*[A-Za-z0-9_]`)

// split returns the front matter of a page and the text below it: YAML between lines of
// ---, TOML between lines of +++, or a JSON object. A page without any has no fields.
func split(page []byte) (fields, string, error) {
	text, err := decode(page)
	if err != nil {
		return nil, "", err
	}
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\uFEFF"), "\r\n", "\n")
	switch start := strings.TrimLeft(text, "\n"); {
	case strings.HasPrefix(start, "---\n"):
		return between(start[4:], "---", func(matter string, to *map[string]any) error {
			if len(aliases.FindAllString(matter, 11)) > 10 {
				return errors.New("it has more than 10 aliases")
			}
			return yaml.Unmarshal([]byte(matter), to)
		})
	case strings.HasPrefix(start, "+++\n"):
		return between(start[4:], "+++", func(matter string, to *map[string]any) error { return toml.Unmarshal([]byte(matter), to) })
	case strings.HasPrefix(start, "{\n"):
		return object(start)
	default:
		return fields{}, text, nil
	}
}

// decode returns a page in UTF-8; pages of old editors may be GB18030.
func decode(page []byte) (string, error) {
	if utf8.Valid(page) {
		return string(page), nil
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(page)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", errors.New("it is neither UTF-8 nor GB18030")
	}
	return string(text), nil
}

func between(text, mark string, parse func(string, *map[string]any) error) (fields, string, error) {
	matter, rest, found := strings.Cut("\n"+text, "\n"+mark+"\n")
	if !found {
		if matter, found = strings.CutSuffix("\n"+text, "\n"+mark); !found {
			return nil, "", fmt.Errorf("its front matter has no end: a line of %s", mark)
		}
		rest = ""
	}
	if len(matter) > maxMatter {
		return nil, "", fmt.Errorf("its front matter has more than %d KiB", maxMatter>>10)
	}
	values := map[string]any{}
	if err := guard(func() error { return parse(matter, &values) }); err != nil {
		return nil, "", fmt.Errorf("its front matter cannot be read: %w", err)
	}
	return lower(values), rest, nil
}

// guard turns a panic of a parser into an error.
func guard(parse func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%v", cause)
		}
	}()
	return parse()
}

func object(text string) (fields, string, error) {
	values := map[string]any{}
	d := json.NewDecoder(strings.NewReader(text[:min(len(text), maxMatter)]))
	if err := d.Decode(&values); err != nil {
		return nil, "", fmt.Errorf("its front matter cannot be read: %w", err)
	}
	return lower(values), text[d.InputOffset():], nil
}

func lower(values map[string]any) fields {
	f := fields{}
	for name, value := range values {
		f[strings.ToLower(name)] = value
	}
	return f
}

// text returns the first of some fields that has a text.
func (f fields) text(names ...string) string {
	for _, name := range names {
		var s string
		switch v := f[name].(type) {
		case nil, map[string]any, []any:
		case string:
			s = v
		default:
			s = fmt.Sprint(v)
		}
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

// inner returns a text inside of a field that has fields of its own, such as cover.image.
func (f fields) inner(name string, names ...string) string {
	values, _ := f[name].(map[string]any)
	return lower(values).text(names...)
}

// list returns a field as a list; one text is a list of one.
func (f fields) list(name string) (list []string) {
	switch v := f[name].(type) {
	case []any:
		for _, item := range v {
			switch item := item.(type) {
			case string:
				list = append(list, strings.TrimSpace(item))
			case []any, map[string]any, nil:
			default:
				list = append(list, fmt.Sprint(item))
			}
		}
	case string:
		if v = strings.TrimSpace(v); v != "" {
			list = []string{v}
		}
	}
	return list
}

// yes returns a field that is true or false.
func (f fields) yes(name string, otherwise bool) bool {
	switch v := f[name].(type) {
	case bool:
		return v
	case string:
		return v == "true"
	}
	return otherwise
}

// layouts are the forms of times without an offset, which are in Asia/Shanghai.
var layouts = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02", "2006/01/02 15:04:05", "2006/01/02 15:04", "2006/01/02",
	"2006-1-2 15:04:05", "2006-1-2 15:4:5", "2006-1-2", "2006年1月2日"}

// zoned are the forms of times with an offset.
var zoned = []string{time.RFC3339Nano, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04 -0700"}

// time returns the first of some fields that is a time; 0 for none. Known is false where a
// field has a value that is none.
func (f fields) time(names ...string) (at instant.Instant, known bool) {
	known = true
	for _, name := range names {
		var t time.Time
		var err error
		switch v := f[name].(type) {
		case nil:
			continue
		case time.Time: // without an offset, TOML reads local times in the zone of the machine
			if t = v; v.Location().String() == "" || strings.HasSuffix(v.Location().String(), "-local") {
				t = time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), v.Nanosecond(), instant.Zone)
			}
		default:
			t, err = parseTime(strings.TrimSpace(fmt.Sprint(v)))
		}
		if at := instant.Of(t); err == nil && instant.InRange(at) && at != 0 {
			return at, true
		}
		known = false
	}
	return 0, known
}

func parseTime(text string) (t time.Time, err error) {
	for _, layout := range zoned {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	for _, layout := range layouts {
		if t, err = time.ParseInLocation(layout, text, instant.Zone); err == nil {
			return t, nil
		}
	}
	return t, err
}
