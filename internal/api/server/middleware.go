package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"golang.org/x/text/language"

	"github.com/tonggao/tonggao/internal/foundation/ratelimit"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// observed gives each request an ID and its client's address, sets security headers, logs
// and counts the response, and recovers panics.
func (s *Server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.options.Clock()
		info := reqinfo.Info{ID: requestID(r), Address: clientAddress(r, s.options.TrustedProxies), Chinese: prefersChinese(r)}
		r = r.WithContext(reqinfo.With(r.Context(), info))
		s.warnOfProxy(r)
		s.setHeaders(w.Header(), r)
		out := &response{ResponseWriter: w}
		defer func() {
			crash := recover()
			abort := crash != nil && !s.respondToPanic(out, r, crash)
			s.record(r, out, s.options.Clock().Sub(start))
			if abort {
				panic(http.ErrAbortHandler) // half a response must not look complete
			}
		}()
		next.ServeHTTP(out, r)
	})
}

var languages = language.NewMatcher([]language.Tag{language.English, language.Chinese})

// prefersChinese reports whether the Accept-Language of a request prefers Chinese to English.
func prefersChinese(r *http.Request) bool {
	accepted := r.Header.Get("Accept-Language")
	if !strings.Contains(strings.ToLower(accepted), "zh") { // most requests, without parsing
		return false
	}
	_, index := language.MatchStrings(languages, accepted)
	return index == 1
}

// warnOfProxy logs, once, that requests come from a proxy that is not trusted: all of its
// clients then share one address, and so one rate limit.
func (s *Server) warnOfProxy(r *http.Request) {
	if len(s.options.TrustedProxies) > 0 || r.Header.Get("X-Forwarded-For") == "" {
		return
	}
	s.proxied.Do(func() {
		s.options.Logger.WarnContext(r.Context(), "X-Forwarded-For arrives and no proxy is trusted, so all clients of the proxy share one rate limit; "+
			"name its network with --trusted-proxy", "from", redact.Address(reqinfo.From(r.Context()).Address.String()))
	})
}

// setHeaders sets the headers of every response; a handler may overwrite them.
func (s *Server) setHeaders(h http.Header, r *http.Request) {
	h.Set("X-Request-Id", reqinfo.From(r.Context()).ID)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if r.Header.Get("Authorization") != "" {
		h.Set("Cache-Control", "no-store")
	}
	if s.draining.Load() {
		h.Set("Connection", "close") // the client's next request goes to another server
	}
}

// respondToPanic logs a panic and writes an error. It returns false if the response has
// begun, so that it must be cut off.
func (s *Server) respondToPanic(out *response, r *http.Request, crash any) (written bool) {
	if crash == http.ErrAbortHandler {
		return false
	}
	id := reqinfo.From(r.Context()).ID
	s.options.Logger.ErrorContext(r.Context(), "panic", "request", id, "panic", crash, "stack", string(debug.Stack()))
	if out.started {
		return false
	}
	h := out.Header()
	h.Del("Content-Length")
	h.Del("Content-Encoding")
	h.Del("ETag")
	s.writeError(out, r, fmt.Errorf("panic: %v", crash))
	return true
}

// record counts and logs a response.
func (s *Server) record(r *http.Request, out *response, took time.Duration) {
	if !out.started {
		out.status = http.StatusOK // as net/http sends it
	}
	s.options.Observe(r.Pattern, out.status, took)
	info := reqinfo.From(r.Context())
	s.options.Logger.LogAttrs(r.Context(), slog.LevelDebug, "request",
		slog.String("request", info.ID), slog.String("method", r.Method), slog.String("route", r.Pattern),
		slog.Int("status", out.status), slog.Int("bytes", out.bytes), slog.Duration("took", took),
		slog.String("from", redact.Address(info.Address.String())))
}

// textHeaders are the headers whose values reach the database.
var textHeaders = []string{"Authorization", "Last-Event-Id", "X-Tonggao-Receipt", terminalHeader}

// textOnly refuses a request whose path, query string or headers are not text: valid UTF-8
// without NUL. PostgreSQL cannot compare anything else, so no handler must see it.
func (s *Server) textOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fine := input.Raw(r.URL.Path)
		for name, values := range r.URL.Query() {
			fine = fine && input.Raw(name) && !slices.ContainsFunc(values, notRaw)
		}
		for _, name := range textHeaders {
			fine = fine && !slices.ContainsFunc(r.Header.Values(name), notRaw)
		}
		if !fine {
			s.writeError(w, r, fault.New(fault.BadUserInput, "the path, the query string and the headers must be UTF-8 without NUL; percent-encode text as UTF-8, not as GBK"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func notRaw(value string) bool { return !input.Raw(value) }

// mediaPrefix is the path below which pictures are served.
const mediaPrefix = "/media/"

// exactMedia answers other spellings of the paths of pictures with 404, where the mux would
// redirect: a picture has one address, so that documents and caches name it in one way.
func (s *Server) exactMedia(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if clean := path.Clean("/" + r.URL.Path); strings.HasPrefix(clean, mediaPrefix) && clean != r.URL.Path {
			s.writeError(w, r, fault.New(fault.NotFound, "there is no such picture"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// authenticated puts the viewer into the context, or refuses an invalid token.
func (s *Server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Authorization") // caches must not serve a token's response to others
		// Two headers are an invalid one: a proxy might have checked the other.
		header := strings.Join(r.Header.Values("Authorization"), ", ")
		ctx, cancel := context.WithTimeout(r.Context(), s.options.Timeouts.Answer) // also of a stream
		v, err := s.options.Authenticate(ctx, header)
		cancel()
		if err != nil {
			s.writeError(w, r, err)
			return
		}
		if addr := reqinfo.From(r.Context()).Address; addr.IsValid() {
			v.Address = addr.String()
		}
		next.ServeHTTP(w, r.WithContext(viewer.With(r.Context(), v)))
	})
}

// terminalHeader names the terminal of a request.
const terminalHeader = "X-Tonggao-Terminal"

// forTerminal puts the terminal of the request into the context.
func (s *Server) forTerminal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", terminalHeader)
		if name := strings.Join(r.Header.Values(terminalHeader), ", "); name != "" {
			t, err := terminal.Parse(name)
			if err != nil {
				s.writeError(w, r, fault.Wrap(err, fault.BadUserInput, "%s: %v", terminalHeader, err))
				return
			}
			r = r.WithContext(terminal.With(r.Context(), terminal.SetOf(t)))
		}
		next.ServeHTTP(w, r)
	})
}

// limited applies the rate limit of the client's address, which counts all paths together.
func (s *Server) limited(next http.Handler) http.Handler {
	if s.limiter == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := reqinfo.From(r.Context()).Address
		if wait := s.limiter.Take(ratelimit.Network(from), s.options.Clock()); wait > 0 {
			s.writeError(w, r, &fault.Error{Code: fault.Limited, Retry: wait,
				Message: "too many requests from your address; wait for the seconds in Retry-After"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// requestID returns the ID that a proxy gave the request, if it is a short plain one, or a
// new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if len(id) == 0 || len(id) > 64 {
		return rand.Text()
	}
	for _, c := range id {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.') {
			return rand.Text()
		}
	}
	return id
}
