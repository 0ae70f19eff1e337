package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// minimum is how much of a package its own tests must cover, in percent.
const minimum = 70

var coverage = regexp.MustCompile(`coverage: ([0-9.]+)% of statements`)

// coverage returns how much of the package its own tests cover; ok is false where it was
// not measured or there is no statement.
func (p *progress) coverage() (percent float64, ok bool) {
	match := coverage.FindStringSubmatch(p.closing)
	if match == nil {
		return 0, false
	}
	percent, err := strconv.ParseFloat(match[1], 64)
	return percent, err == nil
}

// judge prints how much of each package its own tests cover, marks those below the
// minimum, and returns an error where there are any.
func (r *report) judge(packages packageList) error {
	var low []string
	r.print("\ncoverage of each package by its own tests; the minimum is %d %%\n", minimum)
	for _, p := range packages {
		if !judged(p.path) {
			continue
		}
		percent, ok := 0.0, !p.tests && p.hasFunctions()
		if done := r.finished[p.path]; done != nil {
			percent, ok = done.coverage()
		}
		switch {
		case !ok:
			r.print("      -   %s\n", short(p.path))
		case percent < minimum:
			low = append(low, short(p.path))
			r.print("  %5.1f %% %s  LOW\n", percent, short(p.path))
		default:
			r.print("  %5.1f %% %s\n", percent, short(p.path))
		}
	}
	if len(low) > 0 {
		return fmt.Errorf("%d packages are covered less than %d %% by their own tests: %s", len(low), minimum, strings.Join(low, ", "))
	}
	return nil
}

// hasFunctions reports whether there is anything to cover in a package.
func (p packageInfo) hasFunctions() bool {
	for _, path := range p.files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return true // that it does not parse is reported elsewhere
		}
		for _, declaration := range file.Decls {
			if _, ok := declaration.(*ast.FuncDecl); ok {
				return true
			}
		}
	}
	return false
}

// judged reports whether a package must meet the minimum: it is hand-written, and neither
// declarations for the generator, nor a test kit, nor an example.
func judged(path string) bool {
	switch path = short(path); {
	case path == "graph", strings.HasPrefix(path, "internal/") && !strings.HasPrefix(path, "internal/testkit/"):
		return true
	}
	return false
}
