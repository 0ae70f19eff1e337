package upload

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestPace cuts off a body that is slower than the pace, and no other.
func TestPace(t *testing.T) {
	t.Parallel()
	read := make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, newPacedBody(w, r, Pace{After: 50 * time.Millisecond, Rate: 1 << 20}))
		read <- err
	}))
	defer s.Close()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n%s", strings.Repeat("x", 1000))
	if err := <-read; err == nil {
		t.Error("a client that sends nothing more is not cut off")
	}
	_, _ = http.ReadResponse(bufio.NewReader(c), nil)
	resp, err := http.Post(s.URL, "", strings.NewReader(strings.Repeat("x", 100_000)))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if err := <-read; err != nil {
		t.Error("a quick client:", err)
	}
}

// TestPaceDeadline sets the moment at which an upload becomes too slow.
func TestPaceDeadline(t *testing.T) {
	t.Parallel()
	var due time.Time
	start := time.Unix(1_000_000, 0)
	b := &pacedBody{ReadCloser: io.NopCloser(strings.NewReader(strings.Repeat("x", 1<<20))), pace: Pace{5 * time.Second, 16 << 10}, start: start,
		deadline: func(t time.Time) error { due = t; return nil }}
	for _, want := range []time.Duration{5 * time.Second, 5 * time.Second, 10 * time.Second} {
		if _, err := b.Read(make([]byte, 80<<10)); err != nil {
			t.Fatal(err)
		}
		if got := due.Sub(start); got != want {
			t.Errorf("after %d bytes: %s, want %s", b.received, got, want)
		}
	}
	b.last = start.Add(time.Second)
	if _, _ = b.Read(make([]byte, 1)); due != b.last {
		t.Errorf("the deadline of the upload is passed: %s", due)
	}
}
