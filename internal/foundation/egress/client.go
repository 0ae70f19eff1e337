// Package outbound makes requests to addresses that users chose, without letting
// them reach what only the server can reach.
//
// The rule is checked on the address that is about to be dialled, after every name
// was resolved, so neither a name that points inward nor one that changes its
// mind between two look-ups (rebinding) gets through. Redirects are not
// followed, proxies of the environment not asked, TLS is verified, and time,
// headers and what is read of a body are bounded. Plain HTTP, and ports other
// than 443 and 8443, are for networks that the operator named.
package egress

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Bounds of one request.
const (
	DefaultTimeout = 10 * time.Second
	connectTimeout = 3 * time.Second
	bodyTimeout    = time.Second // for what is read of a body, after the headers
	headerBytes    = 16 << 10
	excerptBytes   = 512
	idleTimeout    = 30 * time.Second
)

// Options are what the program decides about its requests.
type Options struct {
	Allow    Networks      // dialled although they are not public, on any port and without TLS
	Resolver *net.Resolver // nil: the system's, in Go
	Timeout  time.Duration // of a whole request; 0: DefaultTimeout
	Excerpt  int64         // most bytes that are read of a body; 0: 512
	TLS      *tls.Config   // nil: the system's roots
}

// Client sends requests.
type Client struct {
	http    *http.Client
	timeout time.Duration
	excerpt int64
}

// New makes a client.
func New(o Options) *Client {
	if o.Resolver == nil {
		o.Resolver = &net.Resolver{PreferGo: true} // reads no 0x7f.1 as 127.0.0.1
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Excerpt <= 0 {
		o.Excerpt = excerptBytes
	}
	dialer := &net.Dialer{Timeout: connectTimeout, Resolver: o.Resolver, ControlContext: guard(o.Allow)}
	return &Client{timeout: o.Timeout, excerpt: o.Excerpt, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: o.TLS, TLSHandshakeTimeout: o.Timeout / 2,
			TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 only
			MaxResponseHeaderBytes: headerBytes, MaxIdleConnsPerHost: 2, MaxIdleConns: 200, IdleConnTimeout: idleTimeout,
			DisableCompression: true,
		},
	}}
}

// Close ends the connections that wait for the next request.
func (c *Client) Close() { c.http.CloseIdleConnections() }

type plainKey struct{}

// guard looks at each address when the socket is made, before it is dialled.
func guard(allow Networks) func(context.Context, string, string, syscall.RawConn) error {
	return func(ctx context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %q is not one", ErrForbidden, address)
		}
		if allow.Contains(at.Addr()) {
			return nil
		}
		if err := Public(at.Addr()); err != nil {
			return err
		}
		if ctx.Value(plainKey{}) != nil {
			return fmt.Errorf("%w: outside of the networks that the operator named it must be https", ErrForbidden)
		}
		if at.Port() != 443 && at.Port() != 8443 {
			return fmt.Errorf("%w: the port %d is neither 443 nor 8443", ErrForbidden, at.Port())
		}
		return nil
	}
}

// Answer is what a host said: its status, and how its body begins.
type Answer struct {
	Status     int
	RetryAfter string
	Excerpt    []byte
}

// Post sends a body. An error means that there is no answer.
func (c *Client) Post(ctx context.Context, address string, header http.Header, body []byte) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	if r.URL.Scheme != "https" {
		r = r.WithContext(context.WithValue(ctx, plainKey{}, true))
	}
	r.Header = header
	response, err := c.http.Do(r)
	if err != nil {
		return Answer{}, plain(err)
	}
	defer response.Body.Close()
	enough := time.AfterFunc(bodyTimeout, cancel)
	defer enough.Stop()
	excerpt, _ := io.ReadAll(io.LimitReader(response.Body, c.excerpt)) // what came in time
	return Answer{response.StatusCode, response.Header.Get("Retry-After"), excerpt}, nil
}

// plain is err without the address, which may hold a secret of the receiver.
func plain(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
