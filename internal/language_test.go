package internal_test

import (
	"bufio"
	"bytes"
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// term is a word that the project does not use, and what to say instead.
type term struct {
	pattern *regexp.Regexp
	instead string
}

// vocabulary reads testdata/vocabulary.txt.
func vocabulary(t *testing.T) (terms []term) {
	t.Helper()
	text, err := os.ReadFile("testdata/vocabulary.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		pattern, instead, ok := strings.Cut(line, "\t")
		if !ok {
			t.Fatalf("vocabulary.txt: no tab in %q", line)
		}
		terms = append(terms, term{regexp.MustCompile(`(?i)\b(?:` + pattern + `)\b`), instead})
	}
	return terms
}

// prose returns the hand-written files that TestPlainEnglish reads.
func prose(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		rel := filepath.ToSlash(strings.TrimPrefix(name, "../"))
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || rel == "internal/app/demo/articles" || d.Name() == ".git" || d.Name() == "bin"):
			return fs.SkipDir
		case d.IsDir() || generated(rel) || rel == "internal/language_test.go":
		case filepath.Ext(name) == ".go", filepath.Ext(name) == ".md", filepath.Ext(name) == ".graphqls", rel == "Makefile", rel == ".ci/run":
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestPlainEnglish(t *testing.T) {
	t.Parallel()
	terms := vocabulary(t)
	var patterns []string
	for _, term := range terms {
		patterns = append(patterns, term.pattern.String())
	}
	anyTerm := regexp.MustCompile(strings.Join(patterns, "|")) // one pass over the lines that have none
	for _, name := range prose(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, 1<<20)
		for n := 1; lines.Scan(); n++ {
			if !anyTerm.Match(lines.Bytes()) {
				continue
			}
			for _, term := range terms {
				if found := term.pattern.FindString(lines.Text()); found != "" {
					t.Errorf("%s:%d: %q; say %s", strings.TrimPrefix(name, "../"), n, found, term.instead)
				}
			}
		}
	}
}

// describes matches function comments that say what a function is instead of what
// it does: "Foo is the ...".
var describes = regexp.MustCompile(`^\w+ (is|are|was) `)

// begins matches those that begin with a verb, as the standard library's do.
var begins = regexp.MustCompile(`^\w+ (returns|reports|writes|reads|parses|creates|opens|closes|adds|removes|deletes|sets|starts|stops|runs|calls|checks|decodes|encodes|implements|sends|waits|updates|renders|loads|stores|appends|finds|makes|converts|registers|resolves|handles|serves|applies)\b`)

// TestFunctionComments checks that function comments begin with a verb.
func TestFunctionComments(t *testing.T) {
	t.Parallel()
	var all, is, verb int
	for _, f := range files(t) {
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Doc == nil || f.test {
				continue
			}
			all++
			text := fn.Doc.Text()
			if begins.MatchString(text) {
				verb++
			}
			if describes.MatchString(text) {
				is++
			}
		}
	}
	t.Logf("%d function comments: %d %% begin with a verb, %d %% with \"X is\"", all, 100*verb/all, 100*is/all)
	if 100*is >= 8*all || 100*verb < 25*all {
		t.Errorf("%d of %d function comments say \"X is\", %d begin with a verb; start with what the function does: returns, reports, writes", is, all, verb)
	}
}
