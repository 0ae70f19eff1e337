package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
	"github.com/tonggao/tonggao/internal/testkit/timing"
)

// What one hostile request may cost. The best time of a few tries, over the
// network, stands for the CPU time: it is what is left when nothing else disturbs.
const (
	mostHostileTime   = 50 * time.Millisecond * timing.Slowdown
	mostHostileAnswer = 4 << 10
)

// attack is a request that is there to do harm. A legal one stays inside of every
// limit and may be answered.
type attack struct {
	name, body string
	legal      bool
}

// attacks are the known ways to knock a GraphQL endpoint over, in the words of
// our schema. internal/testkit/graphqltest has more of them, for a schema made to be attacked.
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

// TestHostileRequests sends each attack to the program: refused at once, in few
// words, and nothing breaks.
func TestHostileRequests(t *testing.T) {
	p := apptest.Start(t, storetest.SQLite(t))
	for _, a := range attacks() {
		best := time.Hour
		var text string
		for try := 0; try < 10 && (try == 0 || best > mostHostileTime/5); try++ {
			begin := time.Now()
			text = send(t, p, a.body)
			best = min(best, time.Since(begin))
		}
		t.Logf("%7.2f ms  %4d bytes  %s", float64(best.Microseconds())/1000, len(text), a.name)
		if best > mostHostileTime || len(text) > mostHostileAnswer {
			t.Errorf("%s: took %v and %d bytes", a.name, best, len(text))
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

// mostWait is what nobody waits longer than, though the attackers, which no limit
// of requests holds back here, and the client share the machine with the program.
const mostWait = 2 * time.Second * timing.Slowdown

// TestGoodClientBesideHostileOnes asks for the front page while all attacks run at
// once: each answer is right, and comes.
func TestGoodClientBesideHostileOnes(t *testing.T) {
	p := apptest.Start(t, storetest.SQLite(t))
	p.Many(20, 2, []*ent.Category{p.Category("行业新闻", "news", nil)}, []*ent.Publisher{p.Publisher("青禾养老网编辑部", true)})
	page := post(`query ($n: Int!) { articles(first: $n) { edges { node { title publisher { name } comments(first: 3) { totalCount edges { node { text } } } } } } }`, map[string]any{"n": 20})
	want := dataOf(t, send(t, p, page))
	ask := func() (slowest time.Duration) {
		const times = 50
		took := make([]time.Duration, times)
		for i := range took {
			begin := time.Now()
			if got := dataOf(t, send(t, p, page)); got != want {
				t.Fatalf("got %.300s\nwant %.300s", got, want)
			}
			took[i] = time.Since(begin)
		}
		return slices.Max(took)
	}
	alone := ask()
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
	beside := ask()
	close(stop)
	attackers.Wait()
	t.Logf("the slowest front page of 50: %v alone, %v beside %d attackers", alone, beside, len(attacks()))
	if beside > mostWait {
		t.Errorf("beside the attackers a reader waited %v, want at most %v", beside, mostWait)
	}
}

// send posts a body as it is.
func send(t *testing.T, p *apptest.Program, body string) string {
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

func dataOf(t *testing.T, text string) string {
	t.Helper()
	var answer apptest.Answer
	if err := json.Unmarshal([]byte(text), &answer); err != nil || len(answer.Errors) > 0 {
		t.Fatalf("%v: %.300s", err, text)
	}
	return string(answer.Data)
}

func post(query string, variables map[string]any) string {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		panic(err) // strings and lists always marshal
	}
	return string(body)
}

func times(n int, one func(int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(one(i))
	}
	return b.String()
}

// fanOut is fragments that each spread the next one twice.
func fanOut(n int) string {
	return `{site{...F1}}` + times(n-1, func(i int) string {
		return fmt.Sprintf("fragment F%d on Site{...F%d ...on Site{...F%d}}", i+1, i+2, i+2)
	}) + fmt.Sprintf("fragment F%d on Site{name}", n)
}

// nestedFanOut is the same, one object deeper each time.
func nestedFanOut(n int) string {
	return `{categories{...F1}}` + times(n, func(i int) string {
		return fmt.Sprintf("fragment F%d on Category{parent{...F%d} parent{...F%d} children{...F%d}}", i+1, i+2, i+2, i+2)
	}) + fmt.Sprintf("fragment F%d on Category{name}", n+1)
}
