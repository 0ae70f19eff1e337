package miniprogram_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mostBytes is the limit of WeChat for one package of a mini-program.
const mostBytes = 2 << 20

var (
	handler   = regexp.MustCompile(`(?:bind|catch):?[a-z]+="([^"]+)"`)
	shownData = regexp.MustCompile(`\{\{[^}]*\}\}`)
)

// TestProject checks what the developer tools would report: missing pages, components and
// handlers, a package that is too large.
func TestProject(t *testing.T) {
	t.Parallel()
	var app struct{ Pages []string }
	read(t, "app.json", &app)
	read(t, "project.config.json", &struct{}{})
	read(t, "sitemap.json", &struct{}{})
	made, _ := filepath.Glob("pages/*")
	if len(app.Pages) < 5 || len(app.Pages) != len(made) {
		t.Errorf("app.json names %v, there are %v", app.Pages, made)
	}
	parts := map[string]bool{}
	for _, page := range app.Pages {
		parts[page] = true
	}
	for _, page := range app.Pages {
		var definition struct{ UsingComponents map[string]string }
		read(t, page+".json", &definition)
		for tag, path := range definition.UsingComponents {
			parts[strings.TrimPrefix(path, "/")] = true
			if !strings.Contains(text(t, page+".wxml"), "<"+tag+" ") {
				t.Errorf("%s does not use %s", page, tag)
			}
		}
	}
	size := 0
	for part := range parts {
		markup, script := text(t, part+".wxml"), text(t, part+".js")
		if page := strings.HasPrefix(part, "pages/"); page != strings.Contains(script, "\nPage({") {
			t.Errorf("%s is made by the other constructor", part)
		}
		for _, found := range handler.FindAllStringSubmatch(shownData.ReplaceAllString(markup, ""), -1) {
			if !regexp.MustCompile(`(?m)^ +` + found[1] + `\(`).MatchString(script) {
				t.Errorf("%s has no handler %s", part, found[1])
			}
		}
		size += len(markup) + len(script) + len(text(t, part+".json")) + len(text(t, part+".wxss"))
	}
	for _, file := range []string{"app.js", "app.json", "app.wxss", "api.js", "paging.js", "config.js", "client.js"} {
		size += len(text(t, file))
	}
	t.Logf("%d pages and components, %d bytes", len(parts), size)
	if size > mostBytes {
		t.Errorf("%d bytes", size)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text(t, path)), into); err != nil {
		t.Errorf("%s: %v", path, err)
	}
}

// TestEnumLabels checks that pages have a label for every value of the enums that they show:
// a new value of the schema needs a label.
func TestEnumLabels(t *testing.T) {
	t.Parallel()
	schema := text(t, "../../schema.graphqls")
	for enum, page := range map[string]string{"ReportState": "report", "ReportKind": "report"} {
		_, rest, _ := strings.Cut(schema, "\nenum "+enum+" {")
		values := regexp.MustCompile(`(?m)^  ([A-Z_]+)`).FindAllStringSubmatch(rest[:strings.Index(rest, "\n}")], -1)
		if len(values) < 2 {
			t.Fatalf("%s has %d values", enum, len(values))
		}
		for _, value := range values {
			if !strings.Contains(text(t, "pages/"+page+"/"+page+".js"), value[1]) {
				t.Errorf("the page %s has no label for %s.%s", page, enum, value[1])
			}
		}
	}
}
