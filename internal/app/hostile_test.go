package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// mostHostileAnswer is how long the response to a hostile request may be, in bytes.
const mostHostileAnswer = 4 << 10

// attack is a request that is meant to do harm. A legal one is within every limit and may
// be answered.
type attack struct {
	name, body string
	legal      bool
}

// attacks returns the known attacks on a GraphQL endpoint, in terms of the program's schema.
// The tests of internal/api/graphqlhttp have more of them, for a schema made to be attacked.
func attacks() []attack {
	var all []attack
	document := func(name, query string) { all = append(all, attack{name: name, body: post(query, nil)}) }
	legal := func(name, query string) {
		all = append(all, attack{name: name, body: post(query, nil), legal: true})
	}
	for n := 10; n <= 60; n += 10 {
		all = append(all, attack{fmt.Sprintf("fan-out of %d fragments", n), post(fanOut(n), nil), n == 10})
	}
	document("fan-out below objects", nestedFanOut(9))
	document("circular fragments", `{categories{...A}} fragment A on Category{parent{...B}} fragment B on Category{parent{...A}}`)
	document("field x 10,000", `{site{`+strings.Repeat("name ", 10_000)+`}}`)
	document("object x 10,000", `{`+strings.Repeat("site{name}", 10_000)+`}`)
	legal("field x 900", `{site{`+strings.Repeat("name ", 90)+`}}`)
	document("aliases x 16", `{`+times(16, func(i int) string { return fmt.Sprintf("a%d:site{name} ", i) })+`}`)
	document("aliases x 10,000", `{`+times(10_000, func(i int) string { return fmt.Sprintf("a%d:site{name} ", i) })+`}`)
	document("directives x 10,000", `{site`+strings.Repeat(" @include(if:true)", 10_000)+`{name}}`)
	document("unknown directives x 49", `{site`+times(49, func(i int) string { return fmt.Sprintf(" @x%d", i) })+`{name}}`)
	document("unknown fields x 10,000", `{`+times(10_000, func(i int) string { return fmt.Sprintf("u%d ", i) })+`}`)
	document("similar fields x 990", `{`+times(990, func(i int) string { return fmt.Sprintf("article%d ", i) })+`}`)
	document("unknown arguments x 300", `{site(`+times(300, func(i int) string { return fmt.Sprintf("nam%d:1 ", i) })+`){name}}`)
	document("unknown types x 99", `{`+times(99, func(i int) string { return fmt.Sprintf("...on Artikel%d{a%d}", i, i) })+`}`)
	document("schema inside schema", `{__schema{types{fields{args{type{fields{args{type{fields{name}}}}}}}}}}`)
	document("variables x 10,000", `query(`+times(10_000, func(i int) string { return fmt.Sprintf("$v%d:Int ", i) })+`){site{name}}`)
	document("operations x 240", times(240, func(i int) string { return fmt.Sprintf("query Q%d{__typename}", i) }))
	document("comments", strings.Repeat("#\n", 80_000)+`{site{name}}`)
	document("nesting 10,000", strings.Repeat("{parent", 10_000)+strings.Repeat("}", 10_000))
	document("nesting 60", `{categories`+strings.Repeat("{parent", 60)+`{name}`+strings.Repeat("}", 61))
	document("lists inside lists", `{nodes(ids:`+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)+`){id}}`)
	document("long list", `{nodes(ids:[`+strings.Repeat(`"a" `, 40_000)+`]){id}}`)
	document("pages inside pages", `{articles(first:100){edges{node{comments(first:100){edges{node{replies(first:100){totalCount}}}}}}}}`)
	document("lists without size", `{categories{children{children{children{children{children{articles{totalCount}}}}}}}}`)
	document("searches x 14", `{`+times(14, func(i int) string { return fmt.Sprintf(`s%d:search(query:"养老"){totalCount}`, i) })+`}`)
	document("comments of one writer x 14", `mutation{`+times(14, func(i int) string {
		return fmt.Sprintf(`a%d:addComment(input:{article:"art_01h455vb4pex5vsknk084sn02q",text:"x"}){comment{id}}`, i)
	})+`}`)
	document("long name", `{`+strings.Repeat("a", 200_000)+`}`)
	document("long enum", `{articles(orderBy:`+strings.Repeat("A", 200_000)+`){totalCount}}`)
	document("open string", `{search(query:"`+strings.Repeat("a", 200_000))
	document("open block string", `{search(query:"""`+strings.Repeat(`"" `, 50_000))
	document("long number", `{articles(first:`+strings.Repeat("9", 200_000)+`){totalCount}}`)
	document("long cursor", `{articles(after:"`+strings.Repeat("A", 200_000)+`"){totalCount edges{cursor}}}`)
	document("long search", `{search(query:"`+strings.Repeat("养老 ", 20_000)+`"){totalCount}}`)
	document("many words", `{search(query:"`+times(30, func(i int) string { return fmt.Sprintf("词%d ", i) })+`\" OR * NEAR("){totalCount}}`)
	return append(all,
		attack{name: "batch", body: `[` + strings.Repeat(`{"query":"{__typename}"},`, 9_000) + `{"query":"{__typename}"}]`},
		attack{name: "long list in variables", body: post(`query($ids:[ID!]!){nodes(ids:$ids){id}}`, map[string]any{"ids": make([]string, 60_000)})},
		attack{name: "deep variables", body: `{"query":"query($j:JSON){site{name}}","variables":{"j":` + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + `}}`},
		attack{name: "not JSON", body: strings.Repeat("{", 250_000)},
		attack{name: "body of 300 kB", body: `{"query":"` + strings.Repeat("a", 300_000) + `"}`},
	)
}

// TestHostileRequests sends each attack to the program: it is refused, in few words, and
// nothing breaks.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	for _, a := range attacks() {
		text := send(t, p, a.body)
		if len(text) > mostHostileAnswer {
			t.Errorf("%s: answered with %d bytes", a.name, len(text))
		}
		var answer apptest.Answer
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Errorf("%s: %v: %.200s", a.name, err, text)
		}
		if a.legal != (len(answer.Errors) == 0) || len(answer.Errors) > 5 {
			t.Errorf("%s: %d errors: %.300s", a.name, len(answer.Errors), text)
		}
		if code := answer.Code(); !a.legal && code != "BAD_USER_INPUT" && code != "TOO_EXPENSIVE" {
			t.Errorf("%s: code %q: %.300s", a.name, code, text)
		}
	}
}

// BenchmarkHostileRequests measures how long each attack occupies the program.
func BenchmarkHostileRequests(b *testing.B) {
	p := apptest.Start(b, storetest.SQLite(b))
	for _, a := range attacks() {
		b.Run(a.name, func(b *testing.B) {
			for b.Loop() {
				send(b, p, a.body)
			}
		})
	}
}

// TestQueriesDuringHostileRequests asks for the front page while all attacks run at the
// same time, and checks that the response stays the same.
func TestQueriesDuringHostileRequests(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	p.Many(20, 2, []*ent.Category{p.Category("行业新闻", "news", nil)}, []*ent.Publisher{p.Publisher("青禾养老网编辑部", true)})
	page := post(`query ($n: Int!) { articles(first: $n) { edges { node { title publisher { name } comments(first: 3) { totalCount edges { node { text } } } } } } }`, map[string]any{"n": 20})
	want := dataOf(t, send(t, p, page))
	stop := make(chan struct{})
	var attackers sync.WaitGroup
	for _, a := range attacks() {
		attackers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_ = send(t, p, a.body)
				}
			}
		})
	}
	for range 10 {
		if got := dataOf(t, send(t, p, page)); got != want {
			t.Errorf("got %.300s\nwant %.300s", got, want)
		}
	}
	close(stop)
	attackers.Wait()
}

// send posts a body unchanged.
func send(t testing.TB, p *apptest.Program, body string) string {
	t.Helper()
	response, err := http.Post(p.URL+"/graphql", "application/json", strings.NewReader(body))
	if err != nil {
		t.Errorf("send: %v", err)
		return ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Errorf("read the answer: %v", err)
	}
	return string(text)
}

// dataOf returns the data of a response without errors.
func dataOf(t *testing.T, text string) string {
	t.Helper()
	var answer apptest.Answer
	if err := json.Unmarshal([]byte(text), &answer); err != nil || len(answer.Errors) > 0 {
		t.Fatalf("%v: %.300s", err, text)
	}
	return string(answer.Data)
}

// post returns the body of a request.
func post(query string, variables map[string]any) string {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		panic(err) // strings and lists always marshal
	}
	return string(body)
}

// times concatenates the results of one for 0 to n-1.
func times(n int, one func(int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(one(i))
	}
	return b.String()
}

// fanOut returns a document of n fragments that each spread the next one twice.
func fanOut(n int) string {
	return `{site{...F1}}` + times(n-1, func(i int) string {
		return fmt.Sprintf("fragment F%d on Site{...F%d ...on Site{...F%d}}", i+1, i+2, i+2)
	}) + fmt.Sprintf("fragment F%d on Site{name}", n)
}

// nestedFanOut does the same, one object deeper each time.
func nestedFanOut(n int) string {
	return `{categories{...F1}}` + times(n, func(i int) string {
		return fmt.Sprintf("fragment F%d on Category{parent{...F%d} parent{...F%d} children{...F%d}}", i+1, i+2, i+2, i+2)
	}) + fmt.Sprintf("fragment F%d on Category{name}", n+1)
}
