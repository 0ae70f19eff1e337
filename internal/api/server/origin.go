package server

import (
	"net/http"
	"sync"

	"github.com/rs/cors"
)

// maxRefusedOrigins bounds how many refused origins are logged: a client can send any.
const maxRefusedOrigins = 100

// crossOrigin lets pages of the configured origins call h, with any header: the API knows no
// cookies, so a header gives a page nothing that it does not have already. The first request
// of each other origin is logged with what to do, since its page only sees "blocked by CORS".
func (s *Server) crossOrigin(h http.Handler) http.Handler {
	c := cors.New(cors.Options{
		AllowedOrigins: s.options.Origins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"*"},
		ExposedHeaders: []string{"X-Request-Id", "Retry-After", "X-Tonggao-Position"},
		MaxAge:         600,
	})
	allowed := c.Handler(h)
	if len(s.options.Origins) == 0 { // the library would allow all
		allowed = h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin != "" && !sameOrigin(origin, r.Host) && (len(s.options.Origins) == 0 || !c.OriginAllowed(r)) && s.refused.first(origin) {
			s.options.Logger.WarnContext(r.Context(), "a page of another origin may not call the API; to allow it, add --cors-origin "+origin, "origin", origin)
		}
		allowed.ServeHTTP(w, r)
	})
}

// sameOrigin reports whether an origin is a page of this server; a proxy may have ended TLS.
func sameOrigin(origin, host string) bool {
	return origin == "http://"+host || origin == "https://"+host
}

// refusedOrigins remembers the origins that were logged.
type refusedOrigins struct {
	mu   sync.Mutex
	seen map[string]bool
}

// first reports whether an origin is new and should be logged.
func (o *refusedOrigins) first(origin string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen[origin] || len(o.seen) >= maxRefusedOrigins || len(origin) > 200 {
		return false
	}
	if o.seen == nil {
		o.seen = make(map[string]bool)
	}
	o.seen[origin] = true
	return true
}
