package egress_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/tonggao/tonggao/internal/foundation/egress"
)

var loopback = egress.Networks{netip.MustParsePrefix("127.0.0.0/8")}

// trap is a listener that must not be reached.
type trap struct {
	net.Listener
	mu    sync.Mutex
	calls int
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &trap{Listener: l}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
			p.mu.Lock()
			p.calls++
			p.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.calls > 0 {
			t.Errorf("%d connections were accepted", p.calls)
		}
	})
	return p
}

func (p *trap) port() string {
	_, port, _ := net.SplitHostPort(p.Addr().String())
	return port
}

func post(c *egress.Client, address string) (egress.Answer, error) {
	return c.Post(context.Background(), address, http.Header{}, []byte("{}"))
}

// TestPostForbiddenAddresses requests each of them, by number and by a name that resolves
// to it, on a port that is open on this machine.
func TestPostForbiddenAddresses(t *testing.T) {
	t.Parallel()
	p := newTrap(t)
	names := newNames(t)
	c := egress.New(egress.Options{Resolver: names.resolver()})
	for i, text := range forbidden {
		a := netip.MustParseAddr(text)
		hosts := []string{a.String()}
		if a.Is6() {
			hosts = []string{"[" + strings.ReplaceAll(a.String(), "%", "%25") + "]"}
		}
		if a.Zone() == "" {
			name := fmt.Sprintf("h%d.example.test", i)
			names.add(name, a)
			hosts = append(hosts, name)
		}
		for _, host := range hosts {
			for _, address := range []string{"https://" + host + ":" + p.port() + "/", "http://" + host + ":" + p.port() + "/", "https://" + host + "/"} {
				if _, err := post(c, address); !errors.Is(err, egress.ErrForbidden) {
					t.Errorf("%s (%s): %v", address, text, err)
				}
			}
		}
	}
}

// TestPostUnusualNotations writes 127.0.0.1 in notations that C resolvers accept.
func TestPostUnusualNotations(t *testing.T) {
	t.Parallel()
	p := newTrap(t)
	c := egress.New(egress.Options{Resolver: newNames(t).resolver()})
	for _, host := range []string{"2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "017700000001", "①②⑦.0.0.1", "127。0。0。1", "[::ffff:7f00:1]", "localhost", "localhost."} {
		if _, err := post(c, "https://"+host+":"+p.port()+"/"); err == nil {
			t.Errorf("%s answers", host)
		}
	}
}

// TestPostRebinding uses names that resolve to an allowed host at first and then to a
// forbidden one on the same port (DNS rebinding), or to both at once.
func TestPostRebinding(t *testing.T) {
	t.Parallel()
	p := newTrap(t)
	l, err := net.Listen("tcp", "127.0.0.2:"+p.port())
	if err != nil {
		t.Fatal(err)
	}
	allowed := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.NotFoundHandler()}}
	allowed.Start()
	defer allowed.Close()
	names := newNames(t)
	good, inner := netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.1")
	names.add("rebind.example.test", inner, good) // the first query is answered with the second one
	names.rotate("rebind.example.test")
	names.add("both.example.test", netip.MustParseAddr("::ffff:127.0.0.1"), inner)
	c := egress.New(egress.Options{Resolver: names.resolver(), Allow: egress.Networks{netip.PrefixFrom(good, 32)}})
	for i := range 8 {
		answer, err := post(c, "http://rebind.example.test:"+p.port()+"/")
		if reached := i%2 == 0; reached && (err != nil || answer.Status != http.StatusNotFound) || !reached && !errors.Is(err, egress.ErrForbidden) {
			t.Errorf("question %d: %+v, %v", i, answer, err)
		}
		c.Close() // so that the next request asks for the name again
		if _, err := post(c, "https://both.example.test:"+p.port()+"/"); !errors.Is(err, egress.ErrForbidden) {
			t.Errorf("both: %v", err)
		}
	}
	if names.asked("rebind.example.test") != 8 {
		t.Error("the name server was not asked each time, so the test shows nothing")
	}
}

// TestPostRedirect redirects from an allowed host to another.
func TestPostRedirect(t *testing.T) {
	t.Parallel()
	p := newTrap(t)
	s := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:"+p.port()+"/", http.StatusTemporaryRedirect))
	defer s.Close()
	if a, err := post(egress.New(egress.Options{Allow: loopback}), s.URL); err != nil || a.Status != http.StatusTemporaryRedirect {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestPostTrusted reaches any address that the operator wrote, and returns what it answers.
func TestPostTrusted(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") }))
	defer s.Close()
	answer, err := post(egress.New(egress.Options{Trusted: true}), s.URL)
	if err != nil || string(answer.Excerpt) != "fine" {
		t.Errorf("%q, %v", answer.Excerpt, err)
	}
}

// TestPostPrivateAnswer returns no text of a host in an allowed network, neither of a response
// nor of what is none.
func TestPostPrivateAnswer(t *testing.T) {
	t.Parallel()
	c := egress.New(egress.Options{Allow: loopback})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "internal password")
	}))
	defer s.Close()
	for range 2 { // over a new connection, and over one that is used again
		if answer, err := post(c, s.URL); err != nil || answer.Status != http.StatusTeapot || len(answer.Excerpt) > 0 {
			t.Errorf("%+v, %v", answer, err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err == nil {
			_, _ = io.WriteString(conn, "SSH-2.0-internal password\r\n")
			_ = conn.Close()
		}
	}()
	if _, err := post(c, "http://"+l.Addr().String()); err == nil || strings.Contains(err.Error(), "internal") {
		t.Errorf("%v", err)
	}
}

// TestPostBounds sends requests to hosts that hang, that respond without end, and whose
// certificate is not trusted.
func TestPostBounds(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	hosts := map[string]http.HandlerFunc{
		"hangs":   func(http.ResponseWriter, *http.Request) { <-done },
		"endless": func(w http.ResponseWriter, r *http.Request) { endless(w, r, strings.Repeat("x", 1<<16)) },
		"headers": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<17)) },
	}
	c := egress.New(egress.Options{Trusted: true, Timeout: time.Minute})
	impatient := egress.New(egress.Options{Allow: loopback, Timeout: 50 * time.Millisecond})
	for name, h := range hosts {
		s, c := httptest.NewServer(h), c
		if name == "hangs" {
			c = impatient
		}
		a, err := post(c, s.URL)
		if name == "endless" && (err != nil || a.Status != 200 || len(a.Excerpt) != 512) || name != "endless" && err == nil {
			t.Errorf("%s: %d, %d bytes, %v", name, a.Status, len(a.Excerpt), err)
		}
		t.Cleanup(s.Close)
	}
	close(done)
	s := httptest.NewTLSServer(http.NotFoundHandler())
	s.Config.ErrorLog = nil
	defer s.Close()
	if _, err := post(c, s.URL); err == nil {
		t.Error("a certificate of an unknown authority is accepted")
	}
}

func endless(w http.ResponseWriter, r *http.Request, text string) {
	for r.Context().Err() == nil {
		if _, err := io.WriteString(w, text); err != nil {
			return
		}
	}
}

// names is a DNS server.
type names struct {
	t    *testing.T
	conn net.PacketConn

	mu     sync.Mutex
	known  map[string][]netip.Addr
	inTurn map[string]bool // respond with one address at a time
	count  map[string]int
}

func newNames(t *testing.T) *names {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &names{t: t, conn: conn, known: map[string][]netip.Addr{}, inTurn: map[string]bool{}, count: map[string]int{}}
	t.Cleanup(func() { _ = conn.Close() })
	go n.serve()
	return n
}

func (n *names) add(name string, to ...netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known[name+"."] = to
}

func (n *names) rotate(name string) { n.inTurn[name+"."] = true }

func (n *names) asked(name string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.count[name+"."]
}

// resolver returns a resolver that queries n.
func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", n.conn.LocalAddr().String())
	}}
}

func (n *names) serve() {
	buffer := make([]byte, 1500)
	for {
		size, from, err := n.conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		if answer, ok := n.answer(buffer[:size]); ok {
			_, _ = n.conn.WriteTo(answer, from)
		}
	}
}

func (n *names) answer(question []byte) ([]byte, bool) {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil, false
	}
	q := m.Questions[0]
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	n.mu.Lock()
	defer n.mu.Unlock()
	name := q.Name.String()
	all := n.known[name]
	if len(all) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	}
	if q.Type == dnsmessage.TypeA {
		n.count[name]++
	}
	if n.inTurn[name] {
		all = all[n.count[name]%len(all):][:1]
	}
	for _, a := range all {
		head := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type}
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: a.As4()}})
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	packed, err := m.Pack()
	return packed, err == nil
}
