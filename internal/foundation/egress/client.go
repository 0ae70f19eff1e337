// Package egress sends requests to addresses that users supplied, protected against
// server-side request forgery (SSRF): they must not reach hosts that only the server can
// reach.
//
// The rule is checked on the IP address that is about to be dialled, after the name was
// resolved, so that neither names of internal hosts nor DNS rebinding circumvent it.
// Redirects are not followed, proxies of the environment are not used, TLS is verified,
// and time, headers and the part of the body that is read are bounded. Plain HTTP, and
// ports other than 443 and 8443, are allowed only for networks that the operator named, and
// no text of a response from there is returned. A client may be made for addresses that the
// operator wrote: these are trusted.
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
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Bounds of one request.
const (
	DefaultTimeout = 10 * time.Second
	connectTimeout = 3 * time.Second
	bodyTimeout    = time.Second // for the excerpt of the body, after the headers
	headerBytes    = 16 << 10
	excerptBytes   = 512
	idleTimeout    = 30 * time.Second
)

// Options configures a Client.
type Options struct {
	Allow    Networks      // allowed although they are not public, on any port and without TLS
	Trusted  bool          // the operator wrote the addresses: any is allowed
	Plain    bool          // Get may also request http, on port 80
	Resolver *net.Resolver // nil: the system's, in Go
	Timeout  time.Duration // of a whole request; 0: DefaultTimeout
	Excerpt  int64         // the most bytes to read of a body; 0: 512
	TLS      *tls.Config   // nil: the system's roots
}

// Client sends requests. It may be used by several goroutines.
type Client struct {
	http    *http.Client
	timeout time.Duration
	excerpt int64
	allow   Networks
	plain   bool
}

// New returns a client.
func New(o Options) *Client {
	if o.Resolver == nil {
		o.Resolver = &net.Resolver{PreferGo: true} // does not read 0x7f.1 as 127.0.0.1
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Excerpt <= 0 {
		o.Excerpt = excerptBytes
	}
	dialer := &net.Dialer{Timeout: connectTimeout, Resolver: o.Resolver}
	if !o.Trusted {
		dialer.ControlContext = guard(o.Allow)
	}
	return &Client{timeout: o.Timeout, excerpt: o.Excerpt, allow: o.Allow, plain: o.Plain, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: o.TLS, TLSHandshakeTimeout: o.Timeout / 2,
			TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 only
			MaxResponseHeaderBytes: headerBytes, MaxIdleConnsPerHost: 2, MaxIdleConns: 200, IdleConnTimeout: idleTimeout,
			DisableCompression: true,
		},
	}}
}

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Marks of requests in their contexts: one without TLS, and one for which that is allowed.
type (
	plainKey struct{}
	webKey   struct{}
)

// guard returns a dialer control function that checks each address before it is dialled.
func guard(allow Networks) func(context.Context, string, string, syscall.RawConn) error {
	return func(ctx context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %q is not an address", ErrForbidden, address)
		}
		if allow.Contains(at.Addr()) {
			return nil
		}
		if err := Public(at.Addr()); err != nil {
			return err
		}
		if ctx.Value(plainKey{}) != nil {
			return fmt.Errorf("%w: it must be https, outside of the networks that the operator allows", ErrForbidden)
		}
		if ctx.Value(webKey{}) != nil && at.Port() == 80 {
			return nil
		}
		if at.Port() != 443 && at.Port() != 8443 {
			return fmt.Errorf("%w: port %d is neither 443 nor 8443", ErrForbidden, at.Port())
		}
		return nil
	}
}

// Answer is the response of a host: its status, and the beginning of its body, unless it is
// in a network that is not public and was allowed: its texts are not for users.
type Answer struct {
	Status     int
	RetryAfter string
	Excerpt    []byte
}

// Post sends a body and returns the response. Responses of any status are without error.
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
	private := false
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		at, err := netip.ParseAddrPort(i.Conn.RemoteAddr().String())
		private = err != nil || c.allow.Contains(at.Addr())
	}}))
	response, err := c.http.Do(r)
	if err != nil && private && ctx.Err() == nil {
		return Answer{}, errPrivate // the error may quote the response
	}
	if err != nil {
		return Answer{}, withoutURL(err)
	}
	defer response.Body.Close()
	if private {
		return Answer{Status: response.StatusCode, RetryAfter: response.Header.Get("Retry-After")}, nil
	}
	timer := time.AfterFunc(bodyTimeout, cancel)
	defer timer.Stop()
	excerpt, _ := io.ReadAll(io.LimitReader(response.Body, c.excerpt)) // the part that came in time
	return Answer{response.StatusCode, response.Header.Get("Retry-After"), excerpt}, nil
}

var errPrivate = errors.New("it did not answer as an HTTP server does")

// withoutURL removes the URL, which may contain a secret of the receiver, from err.
func withoutURL(err error) error {
	var inner *url.Error
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}
