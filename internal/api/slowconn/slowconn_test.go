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

// serve runs do with the connection of the first request, and returns the client's side.
func serve(t *testing.T, writeTimeout time.Duration, do func(*slowconn.Conn)) net.Conn {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := slowconn.Hijack(w, writeTimeout)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		do(c)
	}))
	server.Config.WriteTimeout = time.Minute
	server.Start()
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: here\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestSlowConsumer stalls on a client that does not read. When the client reads later, it finds
// every message and the closing message, whole.
func TestSlowConsumer(t *testing.T) {
	t.Parallel()
	written := make(chan int, 1)
	conn := serve(t, 500*time.Millisecond, func(c *slowconn.Conn) {
		message, n := bytes.Repeat([]byte("m"), 8<<10), 0
		for !c.Stalled() {
			if _, err := c.Write(message); err != nil {
				t.Errorf("after %d messages: %v", n, err)
			}
			n++
		}
		if _, err := c.Write([]byte("closing")); err != nil {
			t.Errorf("closing message: %v", err)
		}
		written <- n
	})
	n := <-written
	text, err := io.ReadAll(conn)
	if err != nil || len(text) != n*8<<10+len("closing") || !bytes.HasSuffix(text, []byte("closing")) {
		t.Fatalf("of %d messages came %d bytes, %v", n, len(text), err)
	}
}

// TestReader never stalls on a client that reads.
func TestReader(t *testing.T) {
	t.Parallel()
	conn := serve(t, time.Hour, func(c *slowconn.Conn) {
		for range 1000 {
			if n, err := c.Write(bytes.Repeat([]byte("m"), 8<<10)); n != 8<<10 || err != nil || c.Stalled() {
				t.Errorf("%d, %v, stalled: %v", n, err, c.Stalled())
				return
			}
		}
	})
	if text, err := io.ReadAll(conn); len(text) != 1000*8<<10 || err != nil {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

// TestClientGone returns an error, and does not report a stall.
func TestClientGone(t *testing.T) {
	t.Parallel()
	closed, done := make(chan struct{}), make(chan struct{})
	conn := serve(t, time.Hour, func(c *slowconn.Conn) {
		defer close(done)
		<-closed
		var err error
		for err == nil {
			_, err = c.Write(bytes.Repeat([]byte("m"), 8<<10))
		}
		if c.Stalled() {
			t.Errorf("a closed connection looks stalled: %v", err)
		}
	})
	_ = conn.Close()
	close(closed)
	<-done
}

// TestHijackUnsupported returns an error for a response that has no connection.
func TestHijackUnsupported(t *testing.T) {
	t.Parallel()
	if c, _, err := slowconn.Hijack(httptest.NewRecorder(), time.Second); err == nil {
		t.Errorf("%v", c)
	}
}
