package demo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tonggao/tonggao/internal/app/demo"
	"github.com/tonggao/tonggao/internal/body"
)

// TestArticleFiles reads every article file. Together they use every element that a body
// can have.
func TestArticleFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("articles/*.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 200 {
		t.Errorf("there are %d articles, want 200", len(files))
	}
	slugs, elements := map[string]string{}, map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := demo.Check(file, string(text))
		if err != nil {
			t.Error(err)
		}
		_, slug, _ := strings.Cut(file, "-")
		if other, taken := slugs[slug]; taken {
			t.Errorf("%s:1: the slug is that of %s", file, other)
		}
		slugs[slug] = file
		body.Walk(doc, func(_ body.Path, n body.Node) bool {
			elements[string(n.Kind)] = true
			for _, m := range n.Marks {
				elements[string(m.Kind)] = true
			}
			return true
		})
	}
	want := map[string]bool{}
	for _, name := range strings.Fields(`paragraph heading bullet_list ordered_list list_item blockquote table table_row
		table_header table_cell image code_block horizontal_rule text hard_break link strong em strike code`) {
		want[name] = true
	}
	if diff := cmp.Diff(want, elements); diff != "" {
		t.Errorf("the elements that occur: %s", diff)
	}
}

const validFile = `---
title: 一碗面
category: operations
region: yundu
publisher: qinghe
source: 青禾养老网
source_url: https://example.com/a
tags: 助餐, 面
age: 3h
cover: noodles
flags: ai, ad
---

面一元二。

![面](/media/demo/noodles.png)
`

func TestArticleFileErrors(t *testing.T) {
	t.Parallel()
	if _, err := demo.Check("articles/001-noodles.md", validFile); err != nil {
		t.Fatalf("a valid file: %v", err)
	}
	for _, c := range []struct{ name, from, to, want string }{
		{"no front matter", "---\ntitle", "title", ":1: an article begins with a front matter between two lines of ---"},
		{"no end", "---\n\n面", "面", ":1: an article begins with a front matter between two lines of ---"},
		{"no key", "tags: 助餐, 面", "助餐", `:8: "助餐" is not key: value`},
		{"unknown key", "tags:", "tag:", `:8: there is no key "tag"`},
		{"no title", "title: 一碗面\n", "", ":1: title is missing"},
		{"no age", "age: 3h\n", "", ":1: age is missing"},
		{"bad age", "age: 3h", "age: soon", `:9: the age "soon" is invalid; write one like 25m, 3h or 41d`},
		{"no number", "age: 3h", "age: xh", `:9: the age "xh" is invalid; write one like 25m, 3h or 41d`},
		{"older than the portal", "age: 3h", "age: 600d", ":1: the article is older than the portal; at most 11760h0m0s"},
		{"in the future", "age: 3h", "age: -3h", `:1: an article of the age -3h0m0s cannot have the status ""`},
		{"scheduled in the past", "flags:", "status: scheduled\nflags:", `:1: an article of the age 3h0m0s cannot have the status "scheduled"`},
		{"unknown status", "flags: ai, ad", "status: gone", `:11: there is no status "gone"`},
		{"unknown flag", "flags: ai, ad", "flags: ai, air", `:11: there is no flag " air"; there are ai and ad`},
		{"unknown category", "operations", "operation", `:3: there is no category "operation"`},
		{"unknown region", "yundu", "yunnan", `:4: there is no region "yunnan"`},
		{"unknown publisher", "qinghe", "qinhe", `:5: there is no publisher "qinhe"`},
		{"unknown cover", "cover: noodles", "cover: rice", `:10: there is no cover "rice"`},
		{"address without source", "source: 青禾养老网\n", "", ":1: a source_url needs a source"},
		{"unknown picture", "demo/noodles.png", "demo/rice.png", ":16: the picture /media/demo/rice.png is not one of the demo's, or has no description"},
		{"nameless picture", "![面]", "![]", ":16: the picture /media/demo/noodles.png is not one of the demo's, or has no description"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := demo.Check("articles/001-noodles.md", strings.Replace(validFile, c.from, c.to, 1))
			if err == nil || err.Error() != "articles/001-noodles.md"+c.want {
				t.Errorf("got  %v\nwant articles/001-noodles.md%s", err, c.want)
			}
		})
	}
}
