// Package slowconn is a connection to a client that may stop reading (a slow consumer).
//
// A write waits for the client until the write timeout, and nothing is queued but the one
// message. When a write times out, the connection is marked stalled and its send buffer, small
// until then, is grown once, so that the current message and a closing message still fit. A
// client that reads later finds both whole.
//
// It closes nothing: the caller checks Stalled after each message, writes a closing message and
// closes the connection.
package slowconn

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

const (
	smallBuffer  = 32 << 10  // bytes of the system's send buffer; Linux allocates twice that
	largeBuffer  = 512 << 10 // once the connection has stalled
	closeTimeout = time.Second
	writerSize   = 1 << 10 // bytes of the bufio.Writer of Hijack
)

// Conn is a connection that detects a client that does not read.
type Conn struct {
	net.Conn
	writeTimeout time.Duration
	stalled      atomic.Bool
}

// Hijack takes the connection of a request over from the HTTP server, whose timeouts end with
// that. The reader has what the client sent already.
func Hijack(w http.ResponseWriter, writeTimeout time.Duration) (*Conn, *bufio.ReadWriter, error) {
	conn, both, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("take over the connection: %w", err)
	}
	c := &Conn{Conn: conn, writeTimeout: writeTimeout}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("clear the deadlines of a connection: %w", err), conn.Close())
	}
	c.setSendBuffer(smallBuffer)
	return c, bufio.NewReadWriter(both.Reader, bufio.NewWriterSize(c, writerSize)), nil
}

// setSendBuffer sets the size of the system's send buffer, if the connection has one.
func (c *Conn) setSendBuffer(size int) {
	if tcp, ok := c.Conn.(interface{ SetWriteBuffer(int) error }); ok {
		_ = tcp.SetWriteBuffer(size) // if the connection is broken, the next write fails
	}
}

// Stalled reports whether a write has timed out.
func (c *Conn) Stalled() bool { return c.stalled.Load() }

// Write writes p. The first write that times out is completed into the grown send buffer.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.WriteBuffers(net.Buffers{p})
	return int(n), err
}

// WriteBuffers writes the parts of a message as Write does, without joining them.
func (c *Conn) WriteBuffers(parts net.Buffers) (int64, error) {
	timeout := c.writeTimeout
	if c.Stalled() {
		timeout = closeTimeout
	}
	n, err := c.write(&parts, timeout)
	if !errors.Is(err, os.ErrDeadlineExceeded) || c.stalled.Swap(true) {
		return n, err
	}
	c.setSendBuffer(largeBuffer)
	rest, err := c.write(&parts, closeTimeout)
	return n + rest, err
}

// write writes parts and removes what it wrote from them.
func (c *Conn) write(parts *net.Buffers, timeout time.Duration) (int64, error) {
	if err := c.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return 0, err
	}
	return parts.WriteTo(c.Conn)
}
