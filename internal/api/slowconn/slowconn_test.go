package slowconn_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/api/slowconn"
)

// TestStall: a client that does not read is found out, and when it reads on, it
// finds what was begun and the farewell behind it, whole.
func TestStall(t *testing.T) {
	t.Parallel()
	told := make(chan int, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		l, _, err := slowconn.Hijack(w, 50*time.Millisecond)
		if err != nil {
			t.Error(err)
			return
		}
		defer l.Close()
		message, n := bytes.Repeat([]byte("m"), 8<<10), 0
		for !l.Stalled() {
			if _, err := l.Write(message); err != nil {
				t.Errorf("after %d messages: %v", n, err)
			}
			n++
		}
		if _, err := l.Write([]byte("farewell")); err != nil {
			t.Errorf("farewell: %v", err)
		}
		told <- n
	}))
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: here\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	n := <-told
	text, err := io.ReadAll(conn)
	if err != nil || len(text) != n*8<<10+len("farewell") || !bytes.HasSuffix(text, []byte("farewell")) {
		t.Fatalf("of %d messages came %d bytes, %v", n, len(text), err)
	}
}
