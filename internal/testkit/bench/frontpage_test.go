package bench_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// frontPage is the query that a portal's front page asks.
const frontPage = `query ($n: Int!) { articles(first: $n) { edges { node {
	title publisher { name } category { name parent { name } }
	comments(first: 3) { totalCount edges { node { text } } } } } } }`

// BenchmarkFrontPage measures the front page of 20 articles: the program, the hand-written
// handler, and, alternately so that both meet the same load of the machine, how many times
// longer the program takes (the metric ratio).
func BenchmarkFrontPage(b *testing.B) {
	p := start(b)
	byHand := newFrontPageHandler(b, p.file, func() int64 { return int64(p.store.Clock()) })
	server := httptest.NewServer(byHand)
	b.Cleanup(server.Close)
	query := operation(b, frontPage, map[string]any{"n": 20})
	for _, way := range []struct {
		name            string
		program, byHand ask
	}{
		{"handler", called(b, p.handler, http.MethodPost, "/graphql", query), called(b, byHand, http.MethodGet, "/?first=20", "")},
		{"http", fetched(b, http.MethodPost, p.url, query), fetched(b, http.MethodGet, server.URL+"/?first=20", "")},
	} {
		if got, want := way.program(), way.byHand(); !bytes.Equal(got, want) {
			b.Fatalf("%s: the answers differ\nprogram: %s\nby hand: %s", way.name, got, want)
		}
		b.Run(way.name+"/program", func(b *testing.B) { measure(b, way.program) })
		b.Run(way.name+"/by-hand", func(b *testing.B) { measure(b, way.byHand) })
		b.Run(way.name+"/ratio", func(b *testing.B) { compare(b, way.program, way.byHand) })
		b.Run(way.name+"/program-busy", func(b *testing.B) { crowd(b, way.program) })
		b.Run(way.name+"/by-hand-busy", func(b *testing.B) { crowd(b, way.byHand) })
	}
}

func measure(b *testing.B, ask ask) {
	b.ReportAllocs()
	for b.Loop() {
		ask()
	}
}

// crowd asks from all processors at once, so that a time is the inverse of the throughput.
func crowd(b *testing.B, ask ask) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			ask()
		}
	})
}

// compare asks both alternately and reports the ratio of the times.
func compare(b *testing.B, program, byHand ask) {
	const turn = 20
	var spent [2]time.Duration
	for b.Loop() {
		for i, ask := range []ask{program, byHand} {
			begin := time.Now()
			for range turn {
				ask()
			}
			spent[i] += time.Since(begin)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(spent[0])/float64(spent[1]), "ratio")
}
