// Package line is a connection to a client who may stop reading.
//
// A write waits for the client at most as long as the line is patient, and
// nothing is kept for it meanwhile but the one message. When the patience ends
// the line is stalled: the system's buffer, small until then, is widened once, so
// that what was begun can be finished and there is room for a farewell behind it.
// A client that reads on later finds both.
//
// It refuses nothing and closes nothing: whoever holds the line looks at Stalled
// after each message, says farewell, and hangs up.
package slowconn

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

const (
	narrow       = 32 << 10  // bytes of the system's buffer; it takes twice that
	wide         = 512 << 10 // when the line has stalled
	closeTimeout = time.Second
	writer       = 1 << 10 // bytes of the buffer in front of the connection
)

// Line is a connection that knows when its reader stalls.
type Conn struct {
	net.Conn
	writeTimeout time.Duration
	stalled      atomic.Bool
}

// Take takes the connection of a request from the HTTP server, whose time limits
// end with that. What the client sent already is in the reader.
func Hijack(w http.ResponseWriter, patience time.Duration) (*Conn, *bufio.ReadWriter, error) {
	conn, both, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, err
	}
	l := &Conn{Conn: conn, writeTimeout: patience}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	l.buffer(narrow)
	return l, bufio.NewReadWriter(both.Reader, bufio.NewWriterSize(l, writer)), nil
}

// buffer sets the size of the system's buffer, where there is one.
func (l *Conn) buffer(size int) {
	if tcp, ok := l.Conn.(interface{ SetWriteBuffer(int) error }); ok {
		_ = tcp.SetWriteBuffer(size) // a connection that is gone says so at the next write
	}
}

// Stalled reports whether the client did not read in time.
func (l *Conn) Stalled() bool { return l.stalled.Load() }

// Write writes p, and is patient once.
func (l *Conn) Write(p []byte) (int, error) {
	limit := l.writeTimeout
	if l.Stalled() {
		limit = closeTimeout
	}
	n, err := l.write(p, limit)
	if !errors.Is(err, os.ErrDeadlineExceeded) || l.stalled.Swap(true) {
		return n, err
	}
	l.buffer(wide)
	rest, err := l.write(p[n:], closeTimeout)
	return n + rest, err
}

func (l *Conn) write(p []byte, limit time.Duration) (int, error) {
	if err := l.SetWriteDeadline(time.Now().Add(limit)); err != nil {
		return 0, err
	}
	return l.Conn.Write(p)
}
