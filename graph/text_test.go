package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// hostileText are values of a text, as the inside of a JSON string.
var hostileText = map[string]string{
	"NUL": `a\u0000b`, "BEL": `a\u0007b`, "ESC": `a\u001b[31mb`, "an override of direction": `a\u202eb`,
	"half of a surrogate pair": `a\ud83db`, "1 MB": strings.Repeat("长者食堂", 1<<20/12),
}

// slot is the text that a hostile value replaces.
const slot = "TEXT-SLOT"

// A textPlace is an argument or a field of an input object that takes text, and an
// operation that fills it with slot.
type textPlace struct {
	name      string // Type.field(argument) or Input.field
	root      string // the root field that is called
	query     string
	variables map[string]any
}

// TestText sends control characters, direction overrides, half of a surrogate pair and
// 1 MB to every argument and every field of an input object that takes text. No answer is
// an internal error, and both engines answer alike. NUL is refused wherever it is sent.
func TestText(t *testing.T) {
	t.Parallel()
	var answers [2]map[string]string // by engine; value, place and root field
	t.Run("send", func(t *testing.T) {
		for i, engine := range storetest.Engines() {
			t.Run(engine, func(t *testing.T) {
				t.Parallel()
				s := storetest.SQLite(t)
				if engine == "postgres" {
					url, _ := storetest.PostgresDatabase(t)
					s = storetest.Open(t, url)
				}
				p := newTextPortal(t, s)
				places := p.places()
				if missing := textFields(p.schema, places); len(missing) > 0 {
					t.Fatalf("no operation reaches %v", missing)
				}
				answers[i] = map[string]string{}
				for _, name := range slices.Sorted(maps.Keys(hostileText)) {
					for _, place := range places {
						answers[i][name+" at "+place.name+" by "+place.root] = p.send(t, name, place)
					}
				}
			})
		}
	})
	if diff := cmp.Diff(answers[0], answers[1]); diff != "" && answers[1] != nil {
		t.Errorf("SQLite and PostgreSQL differ: %s", diff)
	}
}

// textFields returns the arguments and the fields of input objects that take text, outside
// of subscriptions, and that places lacks.
func textFields(schema *ast.Schema, places []textPlace) (missing []string) {
	covered := map[string]bool{}
	for _, p := range places {
		covered[p.name] = true
	}
	check := func(name string) {
		if !covered[name] {
			missing = append(missing, name)
		}
	}
	for _, def := range schema.Types {
		if strings.HasPrefix(def.Name, "__") || def == schema.Subscription {
			continue
		}
		for _, f := range def.Fields {
			if def.Kind == ast.InputObject && takesText(f.Type) {
				check(def.Name + "." + f.Name)
			}
			for _, a := range f.Arguments {
				if takesText(a.Type) && !strings.HasPrefix(f.Name, "__") {
					check(def.Name + "." + f.Name + "(" + a.Name + ")")
				}
			}
		}
	}
	slices.Sort(missing)
	return missing
}

func takesText(t *ast.Type) bool {
	return slices.Contains([]string{"String", "ID", "Cursor", "JSON"}, t.Name())
}

// A textPortal is a program with one item of each kind, and the values of required inputs.
type textPortal struct {
	*apptest.Program
	schema *ast.Schema
	values map[string]any // by name of an argument or field
	paths  map[string]string
	a      *ent.Article
}

func newTextPortal(t *testing.T, s *storetest.Store) *textPortal {
	t.Helper()
	p := apptest.Start(t, s, func(c *config.Config) { c.CostLimit = 1 << 30 })
	news, publisher, region := p.Category("行业新闻", "news", nil), p.Publisher("青禾社区", true), p.Region("临澜市", "linlan")
	a := p.Article(article.CreateInput{Title: "长者食堂开张", Category: news.ID, Publisher: &publisher.ID, Region: &region.ID}, s.Clock().Add(-time.Hour))
	c := p.Comment(comment.AddInput{Article: a.ID, Text: "饭菜可口。"}, true)
	r, err := p.Reports.File(apptest.System(), report.FileInput{Target: c.ID, Kind: "OTHER", Statement: "这条评论有问题。"})
	if err != nil {
		t.Fatal(err)
	}
	w := pausedWebhook(apptest.System(), t, p, "镜像站", "https://hook.example.com/")
	return &textPortal{Program: p, schema: new(graph.Resolver).Schema().Schema(), a: a,
		values: map[string]any{
			"article": a.ID, "id": a.ID, "ids": []any{a.ID}, "item": a.ID, "target": a.ID, "category": news.ID, "publisher": publisher.ID,
			"region": region.ID, "comment": c.ID, "comments": []any{c.ID}, "report": r.ID, "receipt": r.Receipt, "webhook": w.ID, "undo": "mod_1",
			"title": "新的标题", "body": map[string]any{"markdown": "正文。"}, "name": "words-1", "text": "写一句话。", "reason": "权利人来函。",
			"statement": "照抄了我的文章。", "url": "https://hook.example.com/", "template": "https://m.example.cn/{slug}", "query": "养老",
			"status": "APPROVED", "trust": "WAITS", "kind": "OTHER", "decision": "REJECT", "terminal": "WAP", "version": 1, "first": 1, "window": "WEEK",
			"from": "2026-01-01T00:00:00+08:00", "until": "2026-02-01T00:00:00+08:00",
		},
		// Where the types with such arguments are found.
		paths: map[string]string{
			"Article": `article(id: "` + a.ID + `")`, "Category": `category(id: "` + news.ID + `")`, "Publisher": `publisher(id: "` + publisher.ID + `")`,
			"Region": `regions`, "Comment": `comments(first: 1) { edges { node`, "Webhook": `webhooks(first: 1) { edges { node`,
		}}
}

// places returns an operation for every place that takes text.
func (p *textPortal) places() (list []textPlace) {
	for _, root := range []struct {
		keyword string
		def     *ast.Definition
	}{{"query", p.schema.Query}, {"mutation", p.schema.Mutation}} {
		for _, f := range root.def.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			for _, a := range f.Arguments {
				for _, c := range p.candidates(root.def.Name+"."+f.Name+"("+a.Name+")", a.Type, nil) {
					list = append(list, p.operation(root.keyword, f, a, c))
				}
			}
		}
	}
	for _, def := range p.schema.Types {
		if def.Kind != ast.Object || def == p.schema.Query || def == p.schema.Mutation || def == p.schema.Subscription || strings.HasPrefix(def.Name, "__") {
			continue
		}
		for _, f := range def.Fields {
			for _, a := range f.Arguments {
				if path := p.paths[def.Name]; path != "" && takesText(a.Type) {
					query := fmt.Sprintf("query ($v: %s) { %s { %s(%s: $v) { __typename } }%s }", a.Type, path, f.Name, a.Name, strings.Repeat(" }", strings.Count(path, "{")))
					list = append(list, textPlace{def.Name + "." + f.Name + "(" + a.Name + ")", def.Name, query, map[string]any{"v": slot}})
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b textPlace) int { return strings.Compare(a.name+a.root, b.name+b.root) })
	return list
}

// A candidate is a value of an argument that has slot at one place.
type candidate struct {
	name  string
	value any
}

// candidates returns a value for each place inside of a type that takes text.
func (p *textPortal) candidates(name string, t *ast.Type, above []string) (list []candidate) {
	def := p.schema.Types[t.Name()]
	wrap := func(v any) any {
		if t.Elem != nil {
			return []any{v}
		}
		return v
	}
	switch {
	case t.Name() == "JSON":
		return []candidate{{name, map[string]any{"type": "doc", "version": 1, "content": []any{
			map[string]any{"type": "paragraph", "content": []any{map[string]any{"type": "text", "text": slot}}}}}}}
	case takesText(t):
		return []candidate{{name, wrap(slot)}}
	case def.Kind != ast.InputObject || slices.Contains(above, def.Name):
		return nil
	}
	for _, f := range def.Fields {
		for _, c := range p.candidates(def.Name+"."+f.Name, f.Type, append(above, def.Name)) {
			value := p.required(def)
			value[f.Name] = c.value
			list = append(list, candidate{c.name, wrap(value)})
		}
	}
	return list
}

// required returns an input object with its required fields.
func (p *textPortal) required(def *ast.Definition) map[string]any {
	value := map[string]any{}
	for _, f := range def.Fields {
		if f.Type.NonNull && f.DefaultValue == nil {
			value[f.Name] = p.values[f.Name]
		}
	}
	if def.Name == "CreateArticleInput" {
		value["publisher"] = p.values["publisher"] // an admin has none
	}
	return value
}

// operation calls f with c as the argument a and the other required arguments.
func (p *textPortal) operation(keyword string, f *ast.FieldDefinition, a *ast.ArgumentDefinition, c candidate) textPlace {
	declared, passed, variables := []string{}, []string{}, map[string]any{}
	for _, other := range f.Arguments {
		if other == a || other.Type.NonNull && other.DefaultValue == nil {
			declared = append(declared, "$"+other.Name+": "+other.Type.String())
			passed = append(passed, other.Name+": $"+other.Name)
			variables[other.Name] = p.values[other.Name]
		}
	}
	variables[a.Name] = c.value
	return textPlace{c.name, f.Name, keyword + " (" + strings.Join(declared, ", ") + ") { " + f.Name + "(" + strings.Join(passed, ", ") + ") " + p.selection(f) + " }", variables}
}

// selection selects the user errors of a payload, or as little as possible.
func (p *textPortal) selection(f *ast.FieldDefinition) string {
	switch def := p.schema.Types[f.Type.Name()]; {
	case def.Kind == ast.Scalar || def.Kind == ast.Enum:
		return ""
	case def.Fields.ForName("userErrors") != nil:
		return "{ userErrors { code field } }"
	case def.Fields.ForName("totalCount") != nil:
		return "{ totalCount edges { cursor } }"
	case def.Fields.ForName("edges") != nil:
		return "{ edges { cursor } }"
	}
	return "{ __typename }"
}

// send fills the slot of place with a value, as a role that may call it, and returns the
// status and codes of the answer.
func (p *textPortal) send(t *testing.T, name string, place textPlace) string {
	t.Helper()
	role, publisher := viewer.Admin, p.a.PublisherID
	switch place.root {
	case "counterReport":
		role = viewer.Publisher
	case "eraseMyself":
		role = viewer.Reader
	}
	if input, ok := place.variables["input"].(map[string]any); ok && place.root == "updateArticle" {
		input["version"] = p.Store.Client(apptest.System()).Article.GetX(apptest.System(), p.a.ID).Version
	}
	body, err := json.Marshal(map[string]any{"query": place.query, "variables": place.variables})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, p.URL+"/graphql", bytes.NewReader(bytes.Replace(body, []byte(slot), []byte(hostileText[name]), 1)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+p.Token(role, publisher))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%s at %s: %v", name, place.name, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := apptest.Answer{Status: resp.StatusCode}
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("%s at %s: %v in %.200s", name, place.name, err, text)
	}
	switch code := a.Code(); {
	case a.Status >= 500, code == "INTERNAL", code == "UNAVAILABLE":
		t.Errorf("%s at %s by %s: status %d, %.300s", name, place.name, place.root, a.Status, text)
	case name == "NUL" && code != "BAD_USER_INPUT":
		t.Errorf("NUL at %s by %s is answered with %.300s", place.name, place.root, text)
	}
	var payload map[string]struct {
		UserErrors []struct{ Code, Field string }
	}
	_ = json.Unmarshal(a.Data, &payload) // other data has no user errors
	return fmt.Sprint(a.Status, " ", a.Code(), " ", payload[place.root].UserErrors)
}

// TestTextLiterals sends NUL in literals, which reach the scalars by another way than
// variables, and other values that a scalar refuses.
func TestTextLiterals(t *testing.T) {
	t.Parallel()
	p := newTextPortal(t, storetest.SQLite(t))
	admin := p.Token(viewer.Admin, "")
	for _, query := range []string{
		`{ article(slug: "a\u0000b") { id } }`, `{ node(id: "a\u0000b") { id } }`, `{ nodes(ids: ["a", "a\u0000b"]) { id } }`,
		`{ articles(after: "a\u0000b") { totalCount } }`, `{ articles(filter: { tag: "a\u0000b" }) { totalCount } }`,
		`{ search(query: "a\u0000b") { totalCount } }`, `{ article(slug: """a` + "\x00" + `b""") { id } }`,
		`mutation { takeDown(input: { item: "` + p.a.ID + `", reason: "a\u0000b" }) { userErrors { code } } }`,
		`mutation { updateArticle(input: { article: "` + p.a.ID + `", version: 1, body: { document: { type: "doc", version: 1, content: ["a\u0000b"] } } }) { userErrors { code } } }`,
		`mutation { updateArticle(input: { article: "` + p.a.ID + `", version: 1, source: { name: "a", url: "a\u0000b" } }) { userErrors { code } } }`,
	} {
		if a := p.Ask(admin, query, nil); a.Code() != "BAD_USER_INPUT" {
			t.Errorf("%q is answered %.300s", query, a.Body)
		}
	}
}

// TestIntegers sends numbers in the forms that JSON has.
func TestIntegers(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	p.Many(3, 0, []*ent.Category{p.Category("行业新闻", "news", nil)}, []*ent.Publisher{p.Publisher("青禾社区", true)})
	for n, ok := range map[string]bool{"2": true, "2.0": true, "2e0": true, "0.2e1": true, "null": true,
		`"2"`: false, "2.5": false, "true": false, "9007199254740993": false, "1e400": false, "-1": false} {
		a := p.Ask("", `query ($n: Int) { articles(first: $n) { edges { node { title } } } }`, map[string]any{"n": json.RawMessage(n)})
		want := "BAD_USER_INPUT"
		if ok {
			want = ""
		}
		if a.Code() != want {
			t.Errorf("first: %s is answered %.300s", n, a.Body)
		}
		if rows := strings.Count(a.Body, "title"); ok && n != "null" && rows != 2 {
			t.Errorf("first: %s returns %d rows", n, rows)
		}
	}
	for literal, ok := range map[string]bool{"2": true, "2.0": false, `"2"`: false, "9007199254740993": false} {
		if a := p.Ask("", `{ articles(first: `+literal+`) { totalCount } }`, nil); (a.Code() == "") != ok {
			t.Errorf("the literal %s is answered %.300s", literal, a.Body)
		}
	}
}
