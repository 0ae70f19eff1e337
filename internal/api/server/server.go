// Package server is the HTTP face: the routes, what happens to every request on
// its way in and out, and starting and stopping. It is handed http.Handlers and
// knows neither GraphQL nor the database.
//
// A request is never lost to a stop: readiness says no first, then the server
// stops listening, and what is under way is finished. No client, however slow or
// numerous, holds more than a bounded part of it: each request has an end, and
// what is remembered of addresses has a size.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/rs/cors"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/ratelimit"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Options are the parts of a server. A nil handler answers 404.
type Options struct {
	GraphQL     http.Handler
	Explorer    http.Handler // serves / and /graphiql/
	Desk        http.Handler // serves /desk and /desk/
	Upload      Handler      // serves /upload, for those with a token
	Media       Handler      // serves /media/
	Attachments Handler      // serves /attachments/, by links
	Syndication http.Handler // serves /feeds/, /sitemap.xml, /sitemaps/ and /robots.txt
	Metrics     http.Handler // only on the admin address

	EndStreams     func(context.Context) error // at a stop: ends what would go on for ever; nil: nothing does
	Authenticate   func(ctx context.Context, authorization string) (viewer.Viewer, error)
	Ready          func(context.Context) error // nil: the database answers and is sound
	Observe        func(route string, status int, took time.Duration)
	Logger         *slog.Logger
	Origins        []string // web origins that may call, exactly
	TrustedProxies []netip.Prefix
	RateLimit      int // requests a second from one address, with bursts of three times that; 0: none
	DrainPause     time.Duration
	Timeouts       Timeouts
	Clock          func() time.Time                     // nil: the machine's
	After          func(time.Duration) <-chan time.Time // nil: the machine's
}

// Handler serves a request, or says why not; then it has not written anything.
type Handler func(http.ResponseWriter, *http.Request) error

// refusing is a handler whose refusals are answered in the form of the API.
func (s *Server) refusing(h Handler) http.Handler {
	if h == nil {
		return nil
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.refuse(w, r, err)
		}
	})
}

// maxHeader is the most bytes of a request's header, and of the query of a GET.
const maxHeader = 16 << 10

// Sockets are where a server listens. They are opened before anything else is
// done, so that a second server by mistake touches nothing.
type Sockets struct {
	public net.Listener
	admin  net.Listener // nil where there is none
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

// Addr is where the public listens.
func (s *Sockets) Addr() string { return s.public.Addr().String() }

// AdminAddr is where the metrics are; empty where there are none.
func (s *Sockets) AdminAddr() string {
	if s.admin == nil {
		return ""
	}
	return s.admin.Addr().String()
}

// Close closes them, where no server was made of them.
func (s *Sockets) Close() error {
	err := s.public.Close()
	if s.admin != nil {
		err = errors.Join(err, s.admin.Close())
	}
	return err
}

// Server is an HTTP server.
type Server struct {
	*Sockets
	options  Options
	ready    *readiness
	sources  *ratelimit.Limiter[netip.Prefix] // who asks how often; nil: as often as they like
	draining atomic.Bool
}

// refusalCost is what a refused request takes from what its address may ask: whoever asks
// for eleven times as much as allowed and more is served a tenth of it.
const refusalCost = 0.1

// New is a server on sockets; Run serves them.
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
		ready: &readiness{check: o.Ready, clock: o.Clock, limit: o.Timeouts.Ready, log: o.Logger}}
	if rate := float64(o.RateLimit); rate > 0 {
		s.sources = ratelimit.New[netip.Prefix](rate, 3*rate).Charging(refusalCost)
	}
	return s
}

// routes is every path there is.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	for pattern, h := range map[string]http.Handler{
		"/graphql":      s.api(s.options.GraphQL, s.options.Timeouts.Answer),
		"/upload":       s.api(s.patient(s.refusing(s.options.Upload)), s.options.Timeouts.Upload),
		"/media/":       s.refusing(s.options.Media),
		"/attachments/": s.open(s.refusing(s.options.Attachments)),
		"/feeds/":       s.open(s.options.Syndication),
		"/sitemap.xml":  s.open(s.options.Syndication),
		"/sitemaps/":    s.open(s.options.Syndication),
		"/robots.txt":   s.open(s.options.Syndication),
		"/desk":         s.options.Desk,
		"/desk/":        s.options.Desk,
		"/graphiql/":    s.options.Explorer,
		"/{$}":          s.options.Explorer,
	} {
		if h != nil {
			mux.Handle(pattern, h)
		}
	}
	return compressed(s.everyRequest(s.textOnly(mux)))
}

// adminRoutes is what only the operator may reach.
func (s *Server) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	if s.options.Metrics != nil {
		mux.Handle("GET /metrics", s.options.Metrics)
	}
	// Not the command line, in which there may be a password.
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// open is a handler that answers everybody the same, and nobody without bound.
func (s *Server) open(h http.Handler) http.Handler {
	if h == nil {
		return nil
	}
	return s.limited(within(s.options.Timeouts.Answer, h))
}

// api is a handler that browsers of the allowed origins may call, with a token or
// without.
func (s *Server) api(h http.Handler, limit time.Duration) http.Handler {
	if h == nil {
		return nil
	}
	h = s.limited(s.authenticated(s.forTerminal(within(limit, h))))
	if len(s.options.Origins) == 0 {
		return h
	}
	return cors.New(cors.Options{
		AllowedOrigins: s.options.Origins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id", "X-Tonggao-Receipt", terminalHeader},
		ExposedHeaders: []string{"X-Request-Id", "Retry-After"},
		MaxAge:         600,
	}).Handler(h)
}
