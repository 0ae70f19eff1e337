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

// The README's first curl: the body of its request, and the response that it shows.
var (
	readmeRequest = regexp.MustCompile(`(?s)curl -s .*?-d '(\{.*?\})'\n`)
	readmeAnswer  = regexp.MustCompile("(?s)```json\n(.*?)```")
)

// TestReadme sends the README's request to a program with demo content, and compares the
// shape of the response with the one that the README shows.
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
	got, want := shapeOf(t, send(t, p, string(request[1]))), shapeOf(t, string(shown[1]))
	if got != want {
		t.Errorf("the response has another shape than the README shows\nprogram: %s\nREADME:  %s", got, want)
	}
}

// shapeOf returns the shape of a response's data: its keys and the types of its values.
func shapeOf(t *testing.T, answer string) string {
	t.Helper()
	var a struct{ Data any }
	if err := json.Unmarshal([]byte(answer), &a); err != nil {
		t.Fatalf("no answer: %v: %.200s", err, answer)
	}
	return shape(a.Data)
}

// shape formats the shape of a value.
func shape(value any) string {
	switch v := value.(type) {
	case map[string]any:
		var fields []string
		for name, field := range v {
			fields = append(fields, name+":"+shape(field))
		}
		slices.Sort(fields)
		return "{" + strings.Join(fields, " ") + "}"
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		return "[" + shape(v[0]) + "…]"
	default:
		return fmt.Sprintf("%T", v)
	}
}
