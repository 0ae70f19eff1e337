package app_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// In the README: the body that its first curl sends, and the answer that it shows.
var (
	readmeRequest = regexp.MustCompile(`(?s)curl -s .*?-d '(\{.*?\})'\n`)
	readmeAnswer  = regexp.MustCompile("(?s)```json\n(.*?)```")
)

// TestReadme asks a program with demo content what the README asks, and compares
// the form of the answer with the one that the README shows.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	request, shown := readmeRequest.FindSubmatch(text), readmeAnswer.FindSubmatch(text)
	if request == nil || shown == nil {
		t.Fatal("the README shows no curl with its answer")
	}
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.Demo = true })
	got, want := formOf(t, send(t, p, string(request[1]))), formOf(t, string(shown[1]))
	if got != want {
		t.Errorf("the program answers in another form than the README shows\nprogram: %s\nREADME:  %s", got, want)
	}
}

// formOf is the form of an answer's data: its keys, its kinds of values.
func formOf(t *testing.T, answer string) string {
	t.Helper()
	var a struct{ Data any }
	if err := json.Unmarshal([]byte(answer), &a); err != nil {
		t.Fatalf("no answer: %v: %.200s", err, answer)
	}
	return form(a.Data)
}

func form(value any) string {
	switch v := value.(type) {
	case map[string]any:
		var fields []string
		for name, field := range v {
			fields = append(fields, name+":"+form(field))
		}
		slices.Sort(fields)
		return "{" + strings.Join(fields, " ") + "}"
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		return "[" + form(v[0]) + "…]"
	default:
		return fmt.Sprintf("%T", v)
	}
}
