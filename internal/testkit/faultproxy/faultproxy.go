// Package faultproxy is a proxy before PostgreSQL that makes the faults of a network and of
// a server: it stops forwarding, cuts connections, refuses them, or answers statements with
// an error of the test's choice.
package faultproxy

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
)

// A Proxy stands before one server.
type Proxy struct {
	URL string // of the database, through the proxy

	network, address string
	dials            atomic.Int64
	listener         net.Listener
	running          sync.WaitGroup

	mu      sync.Mutex
	changed *sync.Cond
	stalled bool
	refuses bool
	ended   bool
	code    string
	warns   bool
	open    map[net.Conn]bool
}

// New returns a proxy before the database at dsn. It ends with the test.
func New(t testing.TB, dsn string) *Proxy {
	t.Helper()
	p, err := Listen(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// Listen returns a proxy before the database at dsn, which Close ends.
func Listen(dsn string) (*Proxy, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, open: map[net.Conn]bool{}}
	p.changed = sync.NewCond(&p.mu)
	p.network, p.address = "tcp", net.JoinHostPort(config.Host, portOf(config.Port))
	if strings.HasPrefix(config.Host, "/") {
		p.network, p.address = "unix", path.Join(config.Host, ".s.PGSQL."+portOf(config.Port))
	}
	through := url.URL{Scheme: "postgres", User: url.UserPassword(config.User, config.Password), Host: p.Addr(),
		Path: "/" + config.Database, RawQuery: "sslmode=disable"}
	p.URL = through.String()
	p.running.Go(p.accept)
	return p, nil
}

// Addr returns the host and port at which the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Close ends the proxy with all its connections.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.set(func() { p.ended = true })
	p.Cut()
	p.running.Wait()
}

func portOf(port uint16) string { return strconv.Itoa(int(port)) }

func (p *Proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.changed.Broadcast()
}

// Stall stops forwarding in both directions; connections stay open, and new ones are
// accepted, as by a server that is frozen.
func (p *Proxy) Stall() { p.set(func() { p.stalled = true }) }

// Resume ends Stall and Refuse.
func (p *Proxy) Resume() { p.set(func() { p.stalled, p.refuses = false, false }) }

// Refuse closes all connections, and new ones at once, as while no server runs.
func (p *Proxy) Refuse() {
	p.set(func() { p.refuses = true })
	p.Cut()
}

// Cut closes all connections.
func (p *Proxy) Cut() {
	p.set(func() {
		for c := range p.open {
			_ = c.Close()
		}
	})
}

// Answer makes the proxy answer each statement with an error of this SQLSTATE; "" ends it.
// After an error of class 08 or 57P it closes the connection, as a server does.
func (p *Proxy) Answer(code string) { p.set(func() { p.code = code }) }

// WarnOnCommit makes the proxy send the warning of a commit that no longer waits for a
// standby before it forwards a COMMIT.
func (p *Proxy) WarnOnCommit() { p.set(func() { p.warns = true }) }

// Dials returns how many connections were made to the proxy.
func (p *Proxy) Dials() int { return int(p.dials.Load()) }

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.dials.Add(1)
		if !p.add(client) {
			_ = client.Close()
			continue
		}
		p.running.Go(func() { p.serve(client) })
	}
}

// add remembers a connection, unless new ones are refused.
func (p *Proxy) add(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuses || p.ended {
		return false
	}
	p.open[c] = true
	return true
}

// wait blocks while the proxy is stalled.
func (p *Proxy) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.stalled && !p.ended {
		p.changed.Wait()
	}
}

// serve forwards one connection.
func (p *Proxy) serve(client net.Conn) {
	server, err := net.Dial(p.network, p.address)
	if err != nil {
		_ = client.Close()
		return
	}
	both := &session{proxy: p, client: client, server: server}
	if !p.add(server) {
		both.close()
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		both.toClient()
		both.close()
	})
	both.toServer()
	both.close()
	back.Wait()
	p.set(func() { delete(p.open, client); delete(p.open, server) })
}

// session is one connection of a client with its own to the server.
type session struct {
	proxy          *Proxy
	client, server net.Conn
}

func (s *session) close() {
	_ = s.client.Close()
	_ = s.server.Close()
}

// toClient forwards what the server sends.
func (s *session) toClient() {
	buffer := make([]byte, 32<<10)
	for {
		n, err := s.server.Read(buffer)
		if err != nil {
			return
		}
		s.proxy.wait()
		if _, err := s.client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// toServer forwards what the client sends, one message at a time.
func (s *session) toServer() {
	for started := false; ; started = true {
		message, err := readMessage(s.client, started)
		if err != nil {
			return
		}
		s.proxy.wait()
		s.proxy.mu.Lock()
		code, warns := s.proxy.code, s.proxy.warns
		s.proxy.mu.Unlock()
		if started && code != "" && message[0] != 'X' {
			if !s.answer(code, message[0]) {
				return
			}
			continue
		}
		if warns && started && message[0] == 'Q' && strings.HasPrefix(strings.ToLower(string(message[5:])), "commit") {
			s.send(&pgproto3.NoticeResponse{Severity: "WARNING", SeverityUnlocalized: "WARNING", Code: "01000",
				Message: "the wait for the standby was cancelled", Routine: "SyncRepWaitForLSN"})
		}
		if _, err := s.server.Write(message); err != nil {
			return
		}
	}
}

// answer sends an error at the end of the statement that message belongs to. It returns
// false where that ends the connection.
func (s *session) answer(code string, message byte) bool {
	if message != 'Q' && message != 'S' {
		return true // the rest of the statement follows
	}
	fatal := strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P")
	severity := "ERROR"
	if fatal {
		severity = "FATAL"
	}
	s.send(&pgproto3.ErrorResponse{Severity: severity, SeverityUnlocalized: severity, Code: code, Message: "made by the test"})
	if !fatal {
		s.send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	}
	return !fatal
}

func (s *session) send(message pgproto3.BackendMessage) {
	encoded, err := message.Encode(nil)
	if err == nil {
		_, _ = s.client.Write(encoded)
	}
}

// readMessage reads one message of the protocol. The first has no type.
func readMessage(from io.Reader, typed bool) ([]byte, error) {
	header := make([]byte, 4, 5)
	if typed {
		header = header[:5]
	}
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint32(header[len(header)-4:])) - 4
	message := append(header, make([]byte, length)...)
	_, err := io.ReadFull(from, message[len(header):])
	return message, err
}
