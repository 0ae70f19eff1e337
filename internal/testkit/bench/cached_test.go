package bench_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkCached measures answers from the cache against a handler that sends the same bytes
// from memory, and 304 against a handler that sends nothing: the metric ratio is how many times
// longer the program takes. The client only reads bytes, so that it costs both little.
func BenchmarkCached(b *testing.B) {
	p := start(b)
	body := operation(b, frontPage, map[string]any{"n": 20})
	posted := "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
	target := "/graphql?query=" + url.QueryEscape(`{ articles(first: 20) { edges { node { title lead } } } }`)
	fetched := "GET " + target + " HTTP/1.1\r\nHost: a\r\n"
	warm := dial(b, p.url)
	answer := warm.ask(b, posted)
	etag := warm.ask(b, fetched+"\r\n").etag
	for _, one := range []struct {
		name, request string
		ceiling       http.HandlerFunc
	}{
		{"hit", posted, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.Header().Set("Content-Length", strconv.Itoa(len(answer.body)))
			_, _ = w.Write(answer.body)
		}},
		{"not-modified", fetched + "If-None-Match: " + etag + "\r\n\r\n", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }},
	} {
		server := httptest.NewServer(one.ceiling)
		b.Cleanup(server.Close)
		program, memory := dial(b, p.url), dial(b, server.URL)
		for range 3 {
			if got := program.ask(b, one.request); one.name == "hit" && !bytes.Equal(got.body, answer.body) {
				b.Fatalf("the answers differ: %.300s", got.body)
			}
		}
		if got := program.ask(b, one.request); !got.hit {
			b.Fatalf("%s: not answered from the cache", one.name)
		}
		asking := func(l *line) ask { return func() []byte { return l.ask(b, one.request).body } }
		b.Run(one.name+"/program", func(b *testing.B) { measure(b, asking(program)) })
		b.Run(one.name+"/memory", func(b *testing.B) { measure(b, asking(memory)) })
		b.Run(one.name+"/ratio", func(b *testing.B) { compare(b, asking(program), asking(memory)) })
	}
}

// line is a connection that is kept.
type line struct {
	conn   net.Conn
	reader *bufio.Reader
}

// sent is what a line received.
type sent struct {
	body []byte
	etag string
	hit  bool
}

func dial(b *testing.B, address string) *line {
	b.Helper()
	at, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return &line{conn, bufio.NewReaderSize(conn, 64<<10)}
}

// ask sends a request and reads the answer.
func (l *line) ask(b *testing.B, request string) (s sent) {
	if _, err := io.WriteString(l.conn, request); err != nil {
		b.Fatal(err)
	}
	size, status := 0, ""
	for {
		text, err := l.reader.ReadString('\n')
		if err != nil {
			b.Fatal(fmt.Errorf("read an answer: %w", err))
		}
		name, value, _ := strings.Cut(strings.TrimSpace(text), ": ")
		switch {
		case status == "":
			status = name
		case name == "Content-Length":
			size, _ = strconv.Atoi(value)
		case name == "Etag":
			s.etag = value
		case name == "Cache-Status":
			s.hit = strings.HasSuffix(value, "hit")
		}
		if name == "" {
			break
		}
	}
	s.body = make([]byte, size)
	if _, err := io.ReadFull(l.reader, s.body); err != nil {
		b.Fatal(fmt.Errorf("read an answer: %w", err))
	}
	return s
}
