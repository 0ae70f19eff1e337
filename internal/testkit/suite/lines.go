package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// lines counts the lines of Go files by kind.
type lines struct{ code, tests, testkit, generated int }

// generatedHeader is the standard header of generated files.
var generatedHeader = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// countLines counts the lines of all Go files below dir.
func countLines(dir string) (l lines, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && path != dir):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n := bytes.Count(text, []byte("\n"))
		switch {
		case generatedHeader.Match(text):
			l.generated += n
		case strings.HasSuffix(path, "_test.go"):
			l.tests += n
		case strings.Contains(filepath.ToSlash(path), "internal/testkit/"):
			l.testkit += n
		default:
			l.code += n
		}
		return nil
	})
	if err != nil {
		return lines{}, fmt.Errorf("count the lines: %w", err)
	}
	return l, nil
}

// print prints the counts and the ratio of test lines to code lines.
func (l lines) print(out io.Writer) {
	_, _ = fmt.Fprintf(out, "\nlines: %d hand-written, of them %d in the test kit; %d of tests; %d generated\n",
		l.code+l.testkit, l.testkit, l.tests, l.generated)
	_, _ = fmt.Fprintf(out, "test lines : code lines = %.2f (%.2f with the test kit as tests)\n",
		float64(l.tests)/float64(l.code+l.testkit), float64(l.tests+l.testkit)/float64(l.code))
}
