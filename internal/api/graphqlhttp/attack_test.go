package graphqlhttp_test

import (
	"encoding/json"
	"fmt"
	"strings"
)

// An attack is a request that is meant to do harm.
type attack struct {
	Name  string
	Body  string // of a POST
	Legal bool   // it is within every limit, and may be answered
}

// attacks returns the known attacks on a GraphQL endpoint, for portalSDL: far beyond the
// default limits, and as close to them as possible.
func attacks() []attack {
	var all []attack
	document := func(name, query string) { all = append(all, attack{Name: name, Body: post(query, nil)}) }
	legal := func(name, query string) { all = append(all, attack{Name: name, Body: post(query, nil), Legal: true}) }
	raw := func(name, body string) { all = append(all, attack{Name: name, Body: body}) }

	for n := 10; n <= 60; n += 10 {
		all = append(all, attack{Name: fmt.Sprintf("fan-out of %d fragments", n), Body: post(fanOut(n), nil), Legal: n == 10})
	}
	document("fan-out below objects", nestedFanOut(9))
	document("circular fragments", `{site{...A}} fragment A on Site{home{...B}} fragment B on Site{home{...A}}`)
	document("field x 10,000", `{site{`+strings.Repeat("name ", 10_000)+`}}`)
	document("object x 10,000", `{`+strings.Repeat("site{name}", 10_000)+`}`)
	legal("field x 99 x 9", `{`+nineTimes(func(f string) string { return f + "{" + strings.Repeat("name ", 10) + "}" })+`}`)
	legal("objects inside objects, repeated", repeatedObjects(5))
	legal("overlapping fragments", overlapping(19))
	document("six fields x 99", `{nope `+strings.Repeat("broken limited panics slow echo __typename ", 99)+`}`)
	document("six objects x 40", `{nope `+strings.Repeat("site{name nope} articles{totalCount nope}", 48)+`}`)
	document("spreads x 99", `{site{`+strings.Repeat("...A ", 49)+strings.Repeat("...B ", 49)+`nope}} fragment A on Site{`+strings.Repeat("home{name}", 49)+`} fragment B on Site{`+strings.Repeat("home{name}", 49)+`}`)
	document("overlapping arguments", `{`+many(99, func(i int) string { return fmt.Sprintf(`echo(text:"%d")`, i) })+`}`)
	document("aliases x 10,000", `{`+many(10_000, func(i int) string { return fmt.Sprintf("a%d:broken ", i) })+`}`)
	document("directives x 10,000", `{broken`+strings.Repeat(" @include(if:true)", 10_000)+`}`)
	document("unknown directives x 49", `{broken`+many(49, func(i int) string { return fmt.Sprintf(" @x%d", i) })+`}`)
	document("unknown fields x 10,000", `{`+many(10_000, func(i int) string { return fmt.Sprintf("u%d ", i) })+`}`)
	document("unknown fields x 990", `{`+many(990, func(i int) string { return fmt.Sprintf("u%d ", i) })+`}`)
	document("similar fields x 990", `{`+many(990, func(i int) string { return fmt.Sprintf("article%d ", i) })+`}`)
	document("unknown arguments x 300", `{echo(`+many(300, func(i int) string { return fmt.Sprintf("tex%d:1 ", i) })+`)}`)
	document("unknown spreads x 99", `{site{`+many(99, func(i int) string { return fmt.Sprintf("...F%d ", i) })+`}}`)
	document("unknown types x 99", `{`+many(99, func(i int) string { return fmt.Sprintf("...on Artikle%d{a%d}", i, i) })+`}`)
	document("unknown spreads x 490", `{site{`+many(490, func(i int) string { return fmt.Sprintf("...F%d ", i) })+`}}`)
	document("schema inside schema", `{__schema{types{fields{args{type{fields{args{type{name}}}}}}}}}`)
	document("variables x 10,000", `query(`+many(10_000, func(i int) string { return fmt.Sprintf("$v%d:Int ", i) })+`){broken}`)
	document("variables x 240", `query(`+many(240, func(i int) string { return fmt.Sprintf("$v%d:Int ", i) })+`){broken}`)
	document("undefined variables x 240", `{echo(json:[`+many(480, func(i int) string { return fmt.Sprintf("$v%d ", i) })+`])}`)
	document("operations x 240", many(240, func(i int) string { return fmt.Sprintf("query Q%d{broken}", i) }))
	document("anonymous operations x 99", strings.Repeat("{broken}", 99))
	document("comments", strings.Repeat("#\n", 80_000)+`{broken}`)
	document("nesting 10,000", strings.Repeat("{site", 10_000)+strings.Repeat("}", 10_000))
	document("nesting 60", `{site`+strings.Repeat("{home", 60)+`{name}`+strings.Repeat("}", 61))
	document("lists inside lists", `{echo(json:`+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)+`)}`)
	document("long list", `{nodes(ids:[`+strings.Repeat(`"a" `, 40_000)+`]){id}}`)
	document("pages inside pages", `{articles(first:100){edges{node{comments(first:100){edges{node{id}}}}}}}`)
	document("lists without size", `{categories{children{children{children{children{children{id}}}}}}}`)
	document("mutations x 100", `mutation{`+many(12, func(i int) string { return fmt.Sprintf(`a%d:rename(name:"x"){name}`, i) })+`}`)
	document("long name", `{`+strings.Repeat("a", 200_000)+`}`)
	document("long enum in a string", `{articles(orderBy:"`+strings.Repeat("A", 200_000)+`"){totalCount}}`)
	document("long enum", `{articles(filter:`+strings.Repeat("A", 200_000)+`){totalCount}}`)
	document("open string", `{echo(text:"`+strings.Repeat("a", 200_000))
	document("open block string", `{echo(text:"""`+strings.Repeat(`"" `, 50_000))
	document("quotes", `{echo(text:`+strings.Repeat(`"""`, 40_000))
	document("escapes", `{echo(text:"`+strings.Repeat(`\x`, 60_000)+`")}`)
	document("long number", `{articles(first:`+strings.Repeat("9", 200_000)+`){totalCount}}`)
	document("commas", `{`+strings.Repeat(",", 200_000))
	document("control characters", strings.Repeat("\x01", 40_000))
	jsonAttacks(raw)
	return all
}

// jsonAttacks adds the attacks on the JSON around the document.
func jsonAttacks(raw func(name, body string)) {
	deep := strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000)
	raw("deep variables", `{"query":"query($j:JSON){echo(json:$j)}","variables":{"j":`+deep+`}}`)
	raw("deep filter", `{"query":"query($f:ArticleFilter){articles(filter:$f){totalCount}}","variables":{"f":`+
		strings.Repeat(`{"and":[`, 10_000)+strings.Repeat(`]}`, 10_000)+`}}`)
	raw("long list in variables", post(`query($ids:[ID!]!){nodes(ids:$ids){id}}`, map[string]any{"ids": make([]int, 60_000)}))
	raw("wide filter in variables", `{"query":"query($f:ArticleFilter){articles(filter:$f){totalCount}}","variables":{"f":{"and":[`+
		strings.Repeat("{},", 70_000)+`{"x":1}]}}}`)
	raw("unknown field in variables", `{"query":"query($f:ArticleFilter){articles(filter:$f){totalCount}}","variables":{"f":{"`+
		strings.Repeat(`\u0001`, 30_000)+`":1}}}`)
	raw("wrong enum in variables", post(`query($i:[ID!]!){nodes(ids:$i){id}}`, map[string]any{"i": []any{map[string]any{strings.Repeat("x", 100_000): 1}}}))
	raw("long operation name", `{"query":"{broken}","operationName":"`+strings.Repeat("x", 200_000)+`"}`)
	raw("deep extensions", `{"query":"{broken}","extensions":`+strings.Repeat(`{"a":`, 30_000)+`1`+strings.Repeat(`}`, 30_000)+`}`)
	raw("batch", `[`+strings.Repeat(`{"query":"{broken}"},`, 9_000)+`{"query":"{broken}"}]`)
	raw("not JSON", strings.Repeat("{", 250_000))
	raw("long JSON string", `{"query":"{broken}`+strings.Repeat(`\u0020`, 40_000))
	raw("body of 10 MB", `{"query":"`+strings.Repeat("a", 10<<20)+`"}`)
}

func post(query string, variables map[string]any) string {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		panic(err)
	}
	return string(body)
}

func many(n int, one func(int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(one(i))
	}
	return b.String()
}

// fanOut returns a document whose fragments each spread the next one twice.
func fanOut(n int) string {
	return `{site{...F1}}` + many(n-1, func(i int) string {
		return fmt.Sprintf("fragment F%d on Site{...F%d ...on Site{...F%d}}", i+1, i+2, i+2)
	}) + fmt.Sprintf("fragment F%d on Site{name}", n)
}

// nestedFanOut does the same, one object deeper each time.
func nestedFanOut(n int) string {
	return `{site{...F1}}` + many(n, func(i int) string {
		return fmt.Sprintf("fragment F%d on Site{home{...F%d} home{...F%d} home{...F%d} home{...F%d}}", i+1, i+2, i+2, i+2, i+2)
	}) + fmt.Sprintf("fragment F%d on Site{name}", n+1)
}

// repeatedObjects selects each nested object twice: pairs of pairs.
func repeatedObjects(depth int) string {
	inner := "name"
	for range depth {
		inner = "home{" + inner + "} home{" + inner + "}"
	}
	return "{site{" + inner + "}}"
}

// overlapping returns n fragments that all have to be compared with one another.
func overlapping(n int) string {
	return `{site{` + many(n, func(i int) string { return fmt.Sprintf("...F%d ", i) }) + `}}` +
		many(n, func(i int) string {
			return fmt.Sprintf("fragment F%d on Site{%s}", i, strings.Repeat("home{name}", 4))
		})
}

// nineTimes selects nine different fields of objects.
func nineTimes(one func(field string) string) string {
	return many(9, func(i int) string { return one(fmt.Sprintf("s%d:site", i)) })
}
