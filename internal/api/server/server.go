// Package server runs the HTTP servers: routes, middleware (recovery, request IDs, logging,
// client address, authentication, rate limit, timeouts, compression), health checks and
// graceful shutdown. It gets http.Handlers and knows neither GraphQL nor the database.
//
// Invariants: a shutdown loses no request, because readiness fails first, then the server
// stops listening, and running requests are finished. Every request has timeouts, and the
// rate limiter remembers a bounded number of addresses, so no number of slow clients exhausts
// the server.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/ratelimit"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Options are the parts of a server. A nil handler answers 404.
type Options struct {
	GraphQL     http.Handler
	Explorer    http.Handler // serves / and /graphiql/
	ModeratorUI http.Handler // serves /desk and /desk/
	Upload      Handler      // serves /upload, with a token
	Media       Handler      // serves /media/
	Attachments Handler      // serves /attachments/, by signed links
	Feeds       http.Handler // serves /feeds/, /sitemap.xml, /sitemaps/ and /robots.txt
	Metrics     http.Handler // only on the admin address

	EndStreams     func(context.Context) error // at shutdown: ends streams, which would run forever; nil: there are none
	Authenticate   func(ctx context.Context, authorization string) (viewer.Viewer, error)
	Ready          func(context.Context) error // the readiness check; nil: always ready
	Observe        func(route string, status int, took time.Duration)
	Logger         *slog.Logger
	Origins        []string // web origins that may call; with the port * any port
	TrustedProxies []netip.Prefix
	RateLimit      int // requests a second from one address, with bursts of three times that; 0: none
	DrainPause     time.Duration
	Timeouts       Timeouts
	Clock          func() time.Time                     // nil: the machine's
	After          func(time.Duration) <-chan time.Time // nil: the machine's
}

// Handler serves a request. If it returns an error, it has not written anything.
type Handler func(http.ResponseWriter, *http.Request) error

// withErrors returns h as an http.Handler that writes its errors.
func (s *Server) withErrors(h Handler) http.Handler {
	if h == nil {
		return nil
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.writeError(w, r, err)
		}
	})
}

// maxHeader bounds the bytes of a request's header, and so the query of a GET.
const maxHeader = 16 << 10

// Sockets are the listeners of a server. They are opened before everything else, so that a
// second server that is started by mistake changes nothing.
type Sockets struct {
	public net.Listener
	admin  net.Listener // nil if there is none
}

// Listen opens the sockets. AdminAddr may be empty.
func Listen(addr, adminAddr string) (*Sockets, error) {
	var s Sockets
	var err error
	if s.public, err = net.Listen("tcp", addr); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "cannot listen on %s; is another tonggao running? choose another with --addr", addr)
	}
	if adminAddr != "" {
		if s.admin, err = net.Listen("tcp", adminAddr); err != nil {
			return nil, errors.Join(fault.Wrap(err, fault.Unavailable, "cannot listen on %s; choose another with --admin-addr", adminAddr), s.public.Close())
		}
	}
	return &s, nil
}

// Addr returns the public address.
func (s *Sockets) Addr() string { return s.public.Addr().String() }

// AdminAddr returns the address of the metrics; empty if there is none.
func (s *Sockets) AdminAddr() string {
	if s.admin == nil {
		return ""
	}
	return s.admin.Addr().String()
}

// Close closes the listeners, if no server was made of them.
func (s *Sockets) Close() error {
	err := s.public.Close()
	if s.admin != nil {
		err = errors.Join(err, s.admin.Close())
	}
	return err
}

// Server is the public HTTP server and the admin server.
type Server struct {
	*Sockets
	options  Options
	ready    *readiness
	limiter  *ratelimit.Limiter[netip.Prefix] // nil: no rate limit
	refused  refusedOrigins
	draining atomic.Bool
	proxied  sync.Once // warns of a proxy that is not trusted
}

// refusalCost is the penalty of a refused request, in requests: a client that sends eleven
// times as much as allowed or more is served a tenth of it.
const refusalCost = 0.1

// New returns a server on sockets; Run serves them.
func New(sockets *Sockets, o Options) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.EndStreams == nil {
		o.EndStreams = func(context.Context) error { return nil }
	}
	if o.Observe == nil {
		o.Observe = func(string, int, time.Duration) {}
	}
	if o.After == nil {
		o.After = time.After
	}
	o.Timeouts = o.Timeouts.withDefaults()
	s := &Server{Sockets: sockets, options: o,
		ready: &readiness{check: o.Ready, clock: o.Clock, timeout: o.Timeouts.Ready, log: o.Logger}}
	if rate := float64(o.RateLimit); rate > 0 {
		s.limiter = ratelimit.New[netip.Prefix](rate, 3*rate).Charging(refusalCost)
	}
	return s
}

// routes returns the handler of all public paths. Only the probes, which do no work, are
// outside of the rate limit: they must not fail because of others behind their address.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	for pattern, h := range map[string]http.Handler{
		"/graphql":      s.api(s.options.GraphQL, s.options.Timeouts.Answer, exceptStreams),
		"/upload":       s.api(s.withUploadTimeouts(s.withErrors(s.options.Upload)), s.options.Timeouts.Upload, withTimeout),
		"/media/":       s.open(s.withErrors(s.options.Media)),
		"/attachments/": s.open(s.withErrors(s.options.Attachments)),
		"/feeds/":       s.open(s.options.Feeds),
		"/sitemap.xml":  s.open(s.options.Feeds),
		"/sitemaps/":    s.open(s.options.Feeds),
		"/robots.txt":   s.open(s.options.Feeds),
		"/desk":         s.open(s.options.ModeratorUI),
		"/desk/":        s.open(s.options.ModeratorUI),
		"/graphiql/":    s.open(s.options.Explorer),
		"/{$}":          s.open(s.options.Explorer),
		"/":             s.limited(http.HandlerFunc(notFound)),
	} {
		if h != nil {
			mux.Handle(pattern, h)
		}
	}
	return compressed(s.observed(s.textOnly(s.exactMedia(mux))))
}

// notFound answers a request that no route takes, and counts it under none.
func notFound(w http.ResponseWriter, r *http.Request) {
	r.Pattern = ""
	http.NotFound(w, r)
}

// adminRoutes returns the handler of the paths for the operator.
func (s *Server) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	if s.options.Metrics != nil {
		mux.Handle("GET /metrics", s.options.Metrics)
	}
	// Without pprof.Cmdline: the command line may have a password.
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// open adds the rate limit and a timeout to a handler that needs no token.
func (s *Server) open(h http.Handler) http.Handler {
	if h == nil {
		return nil
	}
	return s.limited(withTimeout(s.options.Timeouts.Answer, h))
}

// api adds authentication, the rate limit, a timeout and CORS to a handler of the API.
func (s *Server) api(h http.Handler, limit time.Duration, timeout func(time.Duration, http.Handler) http.Handler) http.Handler {
	if h == nil {
		return nil
	}
	h = s.limited(s.authenticated(s.forTerminal(timeout(limit, h))))
	return s.crossOrigin(h)
}
