package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/api/server"
)

// TestGracefulShutdown fails readiness first, then finishes the running request, ends the
// streams and returns.
func TestGracefulShutdown(t *testing.T) {
	t.Parallel()
	begun, finish, paused := make(chan struct{}), make(chan struct{}), make(chan time.Time)
	var ended atomic.Bool
	s := start(t, server.Options{
		GraphQL: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(begun)
			<-finish
			_, _ = io.WriteString(w, "complete")
		}),
		EndStreams: func(context.Context) error { ended.Store(true); return nil },
		DrainPause: time.Hour, After: func(time.Duration) <-chan time.Time { return paused },
	})
	answered := make(chan reply, 1)
	go func() { answered <- request(t, "GET", s.URL+"/graphql") }()
	<-begun
	if r := request(t, "GET", s.URL+"/readyz"); r.StatusCode != http.StatusOK {
		t.Fatalf("ready: %d %s", r.StatusCode, r.text)
	}
	s.stop()
	paused <- time.Time{} // received once readiness fails and the pause has begun
	close(finish)
	if r := <-answered; r.StatusCode != http.StatusOK || r.text != "complete" {
		t.Errorf("the running request got %d %q", r.StatusCode, r.text)
	}
	<-s.done
	if s.err != nil || !ended.Load() {
		t.Errorf("Run returned %v; streams ended: %v", s.err, ended.Load())
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://")); err == nil {
		t.Error("it still listens")
	}
}

// TestDrainPause serves requests while load balancers see that readiness fails.
func TestDrainPause(t *testing.T) {
	t.Parallel()
	asked, paused := make(chan struct{}), make(chan time.Time)
	s := start(t, server.Options{GraphQL: says("x"), DrainPause: time.Hour, After: func(time.Duration) <-chan time.Time { close(asked); return paused }})
	s.stop()
	<-asked
	if r := request(t, "GET", s.URL+"/readyz"); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(r.text, "stopping") {
		t.Errorf("readyz: %d %s", r.StatusCode, r.text)
	}
	if r := request(t, "GET", s.URL+"/healthz"); r.StatusCode != http.StatusOK {
		t.Errorf("healthz: %d", r.StatusCode)
	}
	response, err := http.Get(s.URL + "/graphql")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || !response.Close {
		t.Errorf("a request: %d, the connection stays open: %v", response.StatusCode, !response.Close)
	}
	close(paused)
	<-s.done
}

// TestStopTimeout cuts off a request that does not end, and reports it.
func TestStopTimeout(t *testing.T) {
	t.Parallel()
	begun, released := make(chan struct{}), make(chan struct{})
	defer close(released)
	s := start(t, server.Options{Timeouts: server.Timeouts{Stop: 10 * time.Millisecond}, ModeratorUI: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(begun)
		<-released
	})})
	go func() {
		if response, err := http.Get(s.URL + "/desk"); err == nil {
			_ = response.Body.Close()
		}
	}()
	<-begun
	s.stop()
	<-s.done
	if !errors.Is(s.err, context.DeadlineExceeded) || !strings.Contains(s.err.Error(), "cut off") {
		t.Errorf("Run returned %v", s.err)
	}
}

// TestReadiness runs one check for many requests, and again when its result is old.
func TestReadiness(t *testing.T) {
	t.Parallel()
	c := &clock{now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	var checks atomic.Int64
	var broken atomic.Bool
	s := start(t, server.Options{Clock: c.Now, Ready: func(context.Context) error {
		checks.Add(1)
		if broken.Load() {
			return errors.New("disk I/O error")
		}
		return nil
	}})
	status := func() int { return request(t, "GET", s.URL+"/readyz").StatusCode }
	for range 3 {
		if got := status(); got != http.StatusOK {
			t.Fatalf("ready: %d", got)
		}
	}
	if n := checks.Load(); n != 1 {
		t.Errorf("%d checks for three requests", n)
	}
	broken.Store(true)
	c.advance(400 * time.Millisecond)
	if got := status(); got != http.StatusOK || checks.Load() != 1 {
		t.Errorf("while the result is fresh: %d after %d checks", got, checks.Load())
	}
	c.advance(200 * time.Millisecond)
	if got := status(); got != http.StatusServiceUnavailable || checks.Load() != 2 {
		t.Errorf("a broken database: %d after %d checks", got, checks.Load())
	}
	if !strings.Contains(s.Log.String(), "disk I/O error") {
		t.Error("the cause is not logged")
	}
	broken.Store(false)
	c.advance(600 * time.Millisecond)
	if got := status(); got != http.StatusOK {
		t.Errorf("repaired: %d", got)
	}
}

// TestReadinessTimeout reports a database that does not answer.
func TestReadinessTimeout(t *testing.T) {
	t.Parallel()
	hanging := make(chan struct{})
	defer close(hanging)
	s := start(t, server.Options{Timeouts: server.Timeouts{Ready: 10 * time.Millisecond}, Ready: func(context.Context) error { <-hanging; return nil }})
	for range 2 {
		if r := request(t, "GET", s.URL+"/readyz"); r.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%d %s", r.StatusCode, r.text)
		}
	}
}

// TestAnswerTimeout cancels the work on a response, though not on a stream.
func TestAnswerTimeout(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{Timeouts: server.Timeouts{Answer: 10 * time.Millisecond}, GraphQL: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, limited := r.Context().Deadline(); !limited {
			_, _ = io.WriteString(w, "no deadline")
			return
		}
		<-r.Context().Done()
		_, _ = io.WriteString(w, context.Cause(r.Context()).Error())
	})})
	if r := request(t, "GET", s.URL+"/graphql"); r.text != context.DeadlineExceeded.Error() {
		t.Errorf("%d %s", r.StatusCode, r.text)
	}
	if r := request(t, "GET", s.URL+"/graphql", "Accept", "text/event-stream"); r.text != "no deadline" {
		t.Errorf("a stream: %s", r.text)
	}
}

// TestSlowRequest cuts off a client that sends its header too slowly (slowloris), and gives an
// upload more time than other requests.
func TestSlowRequest(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{Timeouts: server.Timeouts{Header: 300 * time.Millisecond, Read: 300 * time.Millisecond, Upload: time.Hour},
		Upload: func(w http.ResponseWriter, r *http.Request) error {
			text, err := io.ReadAll(r.Body)
			_, _ = w.Write(text)
			return err
		}})
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	slow := dial()
	_, _ = io.WriteString(slow, "GET /healthz HTTP/1.1\r\nHost: x\r\n")
	if text, err := io.ReadAll(slow); err != nil || strings.Contains(string(text), "200 OK") {
		t.Errorf("a header without an end: %q, %v", text, err)
	}
	upload := dial()
	_, _ = io.WriteString(upload, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
	header := dial()
	_, _ = io.WriteString(header, "GET /")
	if _, err := io.ReadAll(header); err != nil { // ends when the read timeout of others has passed
		t.Fatal(err)
	}
	_, _ = io.WriteString(upload, "def")
	response, err := http.ReadResponse(bufio.NewReader(upload), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); string(text) != "abcdef" || err != nil {
		t.Errorf("a slow upload: %d %q, %v", response.StatusCode, text, err)
	}
}
