package body_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/testkit/docgen"
	"github.com/tonggao/tonggao/internal/testkit/effort"
)

func TestParseRefusesInvalidNodes(t *testing.T) {
	t.Parallel()
	text := `{"type":"text","text":"字"}`
	paragraph := `{"type":"paragraph","content":[` + text + `]}`
	for content, want := range map[string]string{
		`{"type":"widget"}`: `content[0]: "widget" is not allowed in "doc"`,
		`{"type":"video"}`:  `content[0]: video: src "", want http, https or a path from the root`,
		`{"type":"audio","attrs":{"src":"/a.mp3","poster":"/a.jpg"}}`:                                                   `content[0]: audio: has a text, marks or an attribute that is not allowed`,
		`{"type":"gallery","content":[` + paragraph + `,` + paragraph + `]}`:                                            `"paragraph" is not allowed in "gallery"`,
		`{"type":"paragraph","content":[{"type":"footnote","content":[{"type":"footnote","content":[` + text + `]}]}]}`: `"footnote" is not allowed in "footnote"`,
		`{"type":"paragraph","attrs":{"dir":"up"},"content":[` + text + `]}`:                                            `dir "up", want rtl`,
		`{"type":"bullet_list","content":[{"type":"list_item","attrs":{"label":"一、"},"content":[` + paragraph + `]}]}`:  `want an ordered_list for items with labels`,
		`{"type":"bullet_list","content":[{"type":"list_item","attrs":{"checked":1},"content":[` + paragraph + `]}]}`:   `checked must be true or false`,
		text: `content[0]: "text" is not allowed in "doc"`,
		paragraph + `,{"type":"blockquote","content":[` + paragraph + `,{"type":"list_item","content":[` + paragraph + `]}]}`:   `content[1].content[1]: "list_item" is not allowed in "blockquote"`,
		`{"type":"paragraph","content":[` + paragraph + `]}`:                                                                    `content[0].content[0]: "paragraph" is not allowed in "paragraph"`,
		`{"type":"heading","attrs":{"level":7},"content":[` + text + `]}`:                                                       `content[0]: heading: level 7, want 1 to 6`,
		`{"type":"heading","content":[` + text + `]}`:                                                                           `content[0]: heading: level 0`,
		`{"type":"paragraph","attrs":{"color":"red"},"content":[` + text + `]}`:                                                 `content[0].attrs of paragraph: unknown field "color"`,
		`{"type":"paragraph","attrs":{"align":"justify"},"content":[` + text + `]}`:                                             `align "justify"`,
		`{"type":"paragraph","attrs":{"level":2},"content":[` + text + `]}`:                                                     `content[0]: paragraph: has a text, marks or an attribute that is not allowed`,
		`{"type":"paragraph","style":"x"}`:                                                                                      `content[0]: unknown field "style"`,
		`{"type":"paragraph","content":[{"type":"text","text":"字","marks":[{"type":"blink"}]}]}`:                                `content[0].content[0].marks[0]: "blink" is not a mark`,
		`{"type":"paragraph","content":[{"type":"text","text":"字","marks":[{"type":"link","attrs":{"href":"javascript:x"}}]}]}`: `content[0].content[0].marks[0]: href "javascript:x"`,
		`{"type":"paragraph","content":[{"type":"text","text":"字","marks":[{"type":"strong","attrs":{"href":"/x"}}]}]}`:         `strong has no href`,
		`{"type":"image","attrs":{"src":"data:image/png,x"}}`:                                                                   `content[0]: image: src "data:image/png,x"`,
		`{"type":"image","attrs":{"src":"/a.jpg","width":-1,"height":5}}`:                                                       `-1 x 5 pixels`,
		`{"type":"image","attrs":{"src":"/a.jpg","width":"5"}}`:                                                                 `content[0].attrs of image`,
		`{"type":"ordered_list","attrs":{"start":-3},"content":[{"type":"list_item","content":[` + paragraph + `]}]}`:           `start -3`,
		`{"type":"code_block","attrs":{"language":"go\" x"},"content":[` + text + `]}`:                                          `language "go\" x" is not a name`,
		`{"type":"code_block","content":[{"type":"text","text":"字","marks":[{"type":"strong"}]}]}`:                              `content[0]: code_block: must have one text without marks`,
		`{"type":"horizontal_rule","content":[` + paragraph + `]}`:                                                              `"paragraph" is not allowed in "horizontal_rule"`,
		`{"type":"horizontal_rule","text":"字"}`:                                                                                 `not allowed`,
		`{"type":"table","content":[{"type":"table_row","content":[{"type":"table_cell","content":[{"type":"table","content":[{"type":"table_row","content":[{"type":"table_cell","content":[` + paragraph + `]}]}]}]}]}]}`: `content[0].content[0].content[0].content[0]: a table is not allowed in a table`,
		`{"type":"table","content":[{"type":"table_row","content":[{"type":"table_cell","attrs":{"colspan":101},"content":[` + paragraph + `]}]}]}`:                                                                         `columns`,
	} {
		_, err := body.Parse([]byte(`{"type":"doc","version":1,"content":[` + content + `]}`))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", content, err, want)
		}
	}
}

func TestParseRefusesInvalidRoots(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		``:                                   "EOF",
		`null`:                               `type ""`,
		`[]`:                                 "it must be an object",
		`{"type":"doc"}`:                     "version 0, want 1",
		`{"type":"doc","version":3}`:         "version 3, want 1 to 2",
		`{"type":"doc","version":1}x`:        "after",
		`{"type":"page","version":1}`:        `type "page"`,
		strings.Repeat(" ", body.MaxBytes+1): "more than",
	} {
		if _, err := body.Parse([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: got %v, want %s", data, err, want)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	deep := body.Paragraph(body.Text("底"))
	for range body.MaxDepth {
		deep = body.Quote(deep)
	}
	many := make([]body.Node, body.MaxNodes/2+1)
	for i := range many {
		many[i] = body.Paragraph(body.Text("字"))
	}
	for want, d := range map[string]body.Document{
		"deeper than 24":    body.Doc(deep),
		"more than 50000":   body.Doc(many...),
		"more than 2097152": body.Doc(body.Paragraph(body.Text(strings.Repeat("长", 700_000)))),
	} {
		if err := d.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Validate: got %v, want %s", err, want)
		}
		if _, err := body.Parse(d.AppendJSON(nil)); err == nil || !strings.Contains(err.Error(), "than") {
			t.Errorf("Parse: got %v, want %s", err, want)
		}
	}
}

func TestJSONReadsBack(t *testing.T) {
	t.Parallel()
	for seed := range uint64(effort.N(500)) {
		d := docgen.Document(seed)
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var again body.Document
		if err := json.Unmarshal(data, &again); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		stored, err := body.Load(data)
		if err != nil || !bytes.Equal(stored.AppendJSON(nil), d.AppendJSON(nil)) {
			t.Fatalf("seed %d: loaded %s, %v", seed, stored.AppendJSON(nil), err)
		}
		if !bytes.Equal(again.AppendJSON(nil), d.AppendJSON(nil)) || body.Hash(again) != body.Hash(d) {
			t.Fatalf("seed %d: %s", seed, data)
		}
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	want := body.Hash(body.Doc(body.Paragraph(body.Text("同一句话", body.Strong(), body.Em()))))
	for _, same := range []body.Document{
		body.Doc(body.Paragraph(body.Text(" 同一", body.Em(), body.Strong()), body.Text("句\u200b话 ", body.Strong(), body.Em()))),
		body.Doc(body.Paragraph(), body.Paragraph(body.HardBreak(), body.Text("同一\n句话", body.Em(), body.Strong(), body.Em()))),
	} {
		if got := body.Hash(same); got != want {
			t.Errorf("%s has another hash", same.AppendJSON(nil))
		}
	}
	if len(want) != 32 || body.Hash(body.Document{}) == want {
		t.Errorf("hash %q", want)
	}
}

func TestWalkSaysWhere(t *testing.T) {
	t.Parallel()
	d := body.Doc(body.Rule(), body.Quote(body.Paragraph(body.Text("甲"), body.Text("乙", body.Strong())), body.Picture("/a.jpg", "")))
	var got []string
	body.Walk(d, func(path body.Path, n body.Node) bool {
		got = append(got, fmt.Sprint(path, " ", n.Kind))
		return n.Kind != body.KindParagraph
	})
	want := []string{"content[0] horizontal_rule", "content[1] blockquote", "content[1].content[0] paragraph", "content[1].content[1] image"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q", got)
	}
	if images := d.Images(); len(images) != 1 || images[0].Src != "/a.jpg" || d.Empty() {
		t.Errorf("images %v", images)
	}
}
